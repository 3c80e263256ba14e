"""The modes that use a trained model: --test, --embed and --query."""
import os

import numpy as np

from .. import runtime
from ..data import list_photo_datasets
from ..data.dataset import make_photo_split
from ..data.photos import list_photos
from ..errors import UserError
from ..evaluation import judging
from ..evaluation.retrieval import vote
from ..loading.outputs import extract
from ..settings import config as configs
from ..settings.goes_with import check_settled
from ..storage import checkpoint, files
from ..storage.run_paths import RunPaths
from ..terminal import one_line
from .building import check_classes
from .index import count_replaced, nearest, read_index, write_index

_BATCH_SIZE = 32
_FIXED = [key for key in configs.ALL_KEYS if key != 'batch_size']  # what the checkpoint says of a model


def test(args, builder):
    """--test: judge the saved model on the test set by --eval_method."""
    prefix = configs.second_prefix(args.prefix) if args.second_train else args.prefix
    paths = RunPaths(args.ckpt_dir, args.out_dir, prefix)
    saved = checkpoint.load(paths.best)
    made_now = args.train or args.second_train  # then --epochs was said of the training, whose best epoch may be older
    asked = {key: value for key, value in args.asked.items() if not (made_now and key == 'epochs')}
    config = configs.inherit(configs.config_of(args), asked, saved.meta['config'], _FIXED, saved.path)
    check_settled(args, config, configs.ALL_KEYS)
    dataset = builder.dataset(config)
    check_classes(dataset, saved)
    model = builder.trained(config, saved)
    outputs = extract(model.net, builder.seen(config, model, dataset.test), builder.contexts[0])
    centers = None if saved.centers is None else saved.centers.asnumpy()
    photos = config['dataset'] in list_photo_datasets()
    judged_by = builder.judged_by(config)
    lacking = configs.lacking(config, args.eval_method)
    if 'eval_method' in args.typed and lacking:
        raise UserError(f'--eval_method {args.eval_method} needs {lacking}')
    report = {}
    if not lacking:
        report = judging.report(outputs, _predictions(args, builder, config, model, dataset, outputs, centers))
    if 'retrieval' in judged_by:
        report.update(judging.report_retrieval(outputs))
    stem = paths.output(f'test-{args.eval_method}')
    files.write_json(stem + '.json', {
        'command': args.command, 'checkpoint': saved.path, 'epoch': saved.meta['epoch'],
        'eval_method': args.eval_method, 'versions': runtime.versions(), **report})
    figures = [f'test accuracy {report["accuracy"]:.4f} by {args.eval_method}'] if 'accuracy' in report else []
    figures += [f'recall at 1 {report["recall_at_1"]:.4f}'] if report.get('recall_at_1') is not None else []
    title = f'{prefix}: {", ".join(figures)}'
    print(f'{title}\nwrote {stem}.json')
    if args.plotting and photos:
        from ..pictures.photo_pictures import write_pictures
        written = write_pictures(stem, builder.view(config, dataset.test), outputs, dataset.class_names,
                                 report.get('confusion_matrix'), args.projection)
        for path in written:
            print(f'wrote {path}')
        if not written:
            print(f'drew nothing: {len(outputs.labels)} test photos are too few for a picture to say anything')
        elif lacking:
            print(f'drew no confusion matrix: it needs {lacking}')
    elif args.plotting:
        from ..pictures.plotting import write_feature_map
        write_feature_map(stem + '.png', outputs.features, outputs.labels, centers, title, dataset.class_names)
        print(f'wrote {stem}.png')


def _predictions(args, builder, config, model, dataset, outputs, centers):
    """Predicted classes (N,) of the test set by --eval_method."""
    if args.eval_method != 'neighbors':
        return judging.predict(outputs, args.eval_method, centers)
    train = extract(model.net, builder.seen(config, model, dataset.train), builder.contexts[0])
    if len(train.labels) < args.neighbors:
        raise UserError(f'--neighbors must be at most {len(train.labels)}, the training images, got {args.neighbors}')
    metric = 'cosine' if 'retrieval' in builder.judged_by(config) else 'euclidean'
    return vote(train.features, train.labels, outputs.features, args.neighbors, metric)


def embed(args, builder):
    """--embed: the features of every image under a folder, as an index to search in."""
    run = RunPaths(args.ckpt_dir, args.out_dir, args.prefix)
    saved, config = _photo_model(args, run.best)
    paths = [os.path.abspath(path) for path in list_photos(args.embed)]
    if not paths:
        raise UserError(f'--embed expected a folder with images, got {args.embed}')
    path = run.output('index.npz')
    replaced = count_replaced(path, args.embed)  # before an hour is spent
    features, indices = _features_of(builder, config, saved, paths)
    if not len(indices):
        raise UserError(f'none of the {len(paths)} images under {args.embed} can be decoded')
    write_index(path, features, [paths[i] for i in indices],
                meta={'command': args.command, 'checkpoint': os.path.abspath(saved.path), 'digest': saved.digest})
    print(f'{len(indices)} of {len(paths)} images, {features.shape[1]} features each\nwrote {path}'
          + (f' in place of an index of {replaced} images of the same folder' if replaced else ''))


def query(args, builder):
    """--query: the images of an index that are most like one image.

    The index knows the checkpoint it was made with; --prefix says where it is now, if it was moved.
    """
    index = read_index(args.index)
    path = str(index.meta.get('checkpoint'))
    if 'prefix' in args.given:
        path = RunPaths(args.ckpt_dir, args.out_dir, args.prefix).best
    elif not os.path.exists(path):
        raise UserError(f'{args.index} was made by {path}, which is not there: say where the model is now by --prefix '
                        'and --ckpt_dir')
    saved, config = _photo_model(args, path)
    if saved.digest != index.meta.get('digest'):
        raise UserError(f'{args.index} was made by another model than {saved.path} is now: make it anew with --embed')
    features, _ = _features_of(builder, config, saved, [args.query])
    (found,), (distances,) = nearest(index, features, args.top)
    for i, distance in zip(found, distances):
        print(f'{distance:.6f}  {one_line(index.paths[i])}')


def _photo_model(args, path):
    """(checkpoint, its config) of a model for photos, which no flag contradicts."""
    saved = checkpoint.load(path)
    config = configs.saved_config(saved.meta['config'])
    if config['dataset'] not in list_photo_datasets():
        raise UserError(f'--embed and --query are for photos, and {path} was trained on {config["dataset"]}')
    return saved, configs.inherit(configs.config_of(args), args.asked, config, _FIXED, path)


def _features_of(builder, config, saved, paths):
    """(features (n, D), positions (n,)) of those photos in the list `paths` that can be decoded."""
    model = builder.trained(config, saved)
    view = builder.view(config, make_photo_split([(path, 0) for path in paths]))
    batches = [(model.net(model.backbone(images) if model.backbone else images)[1].asnumpy(), index)
               for images, index in view.batches(_BATCH_SIZE, builder.contexts[0])]
    return (np.concatenate(parts) for parts in zip(*batches)) if batches else (np.zeros((0, 1)), np.zeros(0, int))
