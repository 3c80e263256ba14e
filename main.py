"""Train, second-train and test networks with center loss. `python main.py --help` lists the flags."""
import contextlib
import functools
import os
import shlex
import sys
from typing import NamedTuple, Optional

from center_loss import get_loss, has_parameters, list_losses, loss_options
from models import check_name, get_model, list_models, normalization
from utils import config as configs
from utils import runtime
from utils.arguments import Names, parse_arguments
from utils.data import list_datasets, list_photo_datasets, load_dataset
from utils.errors import UserError
from utils.loss_terms import parse_loss
from utils.plan import RUNS, plan
from utils.presets import PRESETS

_CACHE_BYTES = 2 << 30  # of decoded photos kept in memory
_MARGIN = 0.2  # of offline mining, where --loss gives none: TripletLoss's own
_RESIZE = 256 / 224  # the shorter side of a photo before its middle is cut out, over the side of the cut

# MXNet and numpy, and what imports them, are imported inside functions: --help and argument errors need neither.


def main(argv=None):
    """Run the modes that `argv` asks for; returns the exit status: 0, 2 after a user's mistake,
    130 after Ctrl-C, 141 when nobody reads the output any more."""
    argv = sys.argv[1:] if argv is None else argv
    for name in ('stdout', 'stderr'):  # None where the caller has closed them
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, 'w'))  # noqa: SIM115, it stays open as long as we run
    args = parse(argv)
    args.running = None  # the state file of the training that is going on
    args.reader = None  # of photos, once there are some to read
    args.command = shlex.join(['python', 'main.py', *argv])
    try:
        check_files(args)
        if args.compare:
            return compare(args)
        runtime.prepare_mxnet(args.threads)
        args.contexts = runtime.choose_contexts(args.use_gpu, args.gpus)
        with contextlib.ExitStack() as args.stack:  # of what must be closed
            for mode in (train, second_train, test, embed, query):
                if getattr(args, mode.__name__):
                    mode(args)
    except UserError as error:
        print(f'main.py: error: {error}', file=sys.stderr)
        return 2
    except OSError as error:  # our output cannot be written: the disk is full, or its reader has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 141
        print(f'main.py: error: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        kept = '; the same command goes on where it was' if args.compare else ''
        if args.running and os.path.exists(args.running):
            kept = f'; the last checkpoint is {args.running}, --resume goes on from it'
        print(f'\nmain.py: interrupted{kept}', file=sys.stderr)
        return 130
    return 0


def parse(argv):
    metric = list_losses('metric')
    return parse_arguments(argv, Names(
        networks=list_models(), check_network=check_name, datasets=list_datasets(),
        photo_datasets=list_photo_datasets(), center_impls={name: loss_options(name) for name in list_losses('center')},
        metric_losses={name: loss_options(name) for name in metric},
        learning_losses={name for name in metric if has_parameters(name)}, presets=PRESETS, runs=list(RUNS)))


def check_files(args):
    """Refuse what can be refused before MXNet is imported: modes whose checkpoint is missing."""
    first = checkpoint_path(args, args.prefix)
    if args.second_train and not args.train and not os.path.exists(first):
        raise UserError(f'--second_train goes on from a model trained before, and there is no {first}')
    if args.test and not (args.train or args.second_train) and not os.path.exists(first):
        raise UserError(f'--test needs a trained model, and there is no {first}')
    if args.resume and not any(os.path.exists(path) for path in training_states(args)):
        raise UserError(f'--resume found nothing to resume: there is no {" or ".join(training_states(args))}')


def checkpoint_path(args, prefix):
    return os.path.join(args.ckpt_dir, prefix + '.params')


def second_prefix(args):
    return args.prefix + '-second'


def training_states(args):
    """The state files of the training modes asked for, in the order they run."""
    prefixes = [args.prefix] * args.train + [second_prefix(args)] * args.second_train
    return [os.path.join(args.ckpt_dir, prefix + '.state') for prefix in prefixes]


def train(args):
    """--train: softmax, and center loss beside it if asked for."""
    run_training(args, args.prefix, 'train', configs.config_of(args))


def second_train(args):
    """--second_train: go on from a trained model by center loss alone, its centres frozen."""
    from utils import checkpoint
    first = checkpoint.load(checkpoint_path(args, args.prefix))
    saved = first.meta['config']
    if not saved['center_loss']:
        raise UserError(f'--second_train needs class centres, and {first.path} was trained without --center_loss')
    # With another seed or share for validation, it would be judged by images that the first was trained on.
    fixed = (*configs.MODEL_KEYS, 'center_loss', 'center_impl', 'seed', 'val_fraction', 'select_on')
    config = configs.inherit(configs.config_of(args), args.given, saved, fixed, first.path)
    default_to_saved = ('center_update', 'balance', 'lmbd', 'alpha')
    config.update(loss='softmax', loss_lr=None)  # center loss alone: no metric losses
    if args.train and args.resume:  # one call made both: what it said of training held for both
        default_to_saved += ('lmbd_warmup', *configs.TRAINING_KEYS)
    for key in default_to_saved:
        config[key] = args.given.get(key, saved[key])
    run_training(args, second_prefix(args), 'second_train', config, first)


def run_training(args, prefix, stage, config, first=None):
    """Build a run, or take it up where it stopped, train it to its end and report.

    stage: 'train' or 'second_train'. first: the checkpoint that second_train starts from.
    """
    from utils import checkpoint
    from utils.averaging import Average
    from utils.optimizers import build_trainers
    from utils.run import Run, RunPaths
    from utils.training import fit

    paths = RunPaths(args.ckpt_dir, args.out_dir, prefix)
    meta = {'command': args.command, 'prefix': prefix, 'stage': stage, 'plotting': args.plotting, 'config': config}
    if first:
        meta['first'] = first.digest
    state = checkpoint.load(paths.state) if args.resume and os.path.exists(paths.state) else None
    if state and first and args.train and state.meta.get('first') != first.digest:
        state = None  # of an earlier call: this one made the first model anew
    if state:
        meta = configs.take_up(meta, state.meta, args.given, paths.state)
        config = meta['config']

    dataset = load_checked_dataset(args, config)
    if config['dataset'] in list_photo_datasets():
        meta['class_names'] = list(dataset.class_names)
    for earlier in filter(None, (state, first)):
        check_classes(dataset, earlier)
    model, dataset = build(args, config, dataset)
    net, center_loss, metric_losses, meta['backbone'] = model
    if state:
        check_backbone(model, state)
    learn, (judge_name, judge) = dataset.for_selection(config['select_on'], config['val_fraction'], config['seed'])
    softmax_weight = 0.0 if first else softmax_weight_of(config)
    select_by = 'knn' if first else selection_of(config)
    check_selection(select_by, judge_name, judge, config)
    if first:
        check_backbone(model, first)
        first.restore(net, center_loss)
        center_loss.collect_params().setattr('grad_req', 'null')
    if not softmax_weight:  # the class layer has no part in the other losses, and no decay either
        class_layer(net).collect_params().setattr('grad_req', 'null')
    trainers, rates = build_trainers(config, net, None if first else center_loss, metric_losses)
    average = Average(model[:3], config['ema']) if config['ema'] else None
    args.running = paths.state
    view = photo_view(args, config)
    run = Run(paths, meta, net, center_loss, trainers, view(learn), (judge_name, view(judge)),
              select_by, args.contexts[0], frame_store(meta, paths, dataset), average,
              metric_losses, judged_by_of(config, metric_losses))
    first_epoch = run.resume(state) if state else run.begin()
    fit(net, center_loss, build_batches(args, config, net, learn), trainers, epochs=config['epochs'], rates=rates,
        after_epoch=run.after_epoch, first_epoch=first_epoch, softmax_weight=softmax_weight,
        metric_losses=metric_losses, lmbd_warmup=config['lmbd_warmup'],
        after_step=average.update if average else lambda: None)
    run.finish(view(dataset.test), runtime.versions())


def softmax_weight_of(config):
    """The weight of softmax in --loss, 0 if it has no part."""
    return next((term.weight for term in terms_of(config) if term.name == 'softmax'), 0.0)


def terms_of(config):
    """The terms of --loss, but for center."""
    return parse_loss(config['loss'], {name: loss_options(name) for name in list_losses('metric')})


def selection_of(config):
    """What chooses the best epoch: accuracy where classes are told apart, else how well they are found."""
    return 'softmax' if softmax_weight_of(config) and config['split'] == 'official' else 'recall_at_1'


def check_selection(select_by, judge_name, judge, config):
    """Refuse, before an hour is spent, what `judge` cannot choose an epoch by."""
    import numpy as np
    if select_by == 'recall_at_1' and np.bincount(judge.labels).max() < 2:
        raise UserError(f'recall at 1 cannot choose an epoch: no class has two images in the {judge_name} split; '
                        'try a larger --val_fraction')
    if select_by != 'recall_at_1' and judge.labels.max() >= config['num_classes']:
        raise UserError(f'{select_by} cannot choose an epoch on the {judge_name} split: its classes are not trained on')


def judged_by_of(config, metric_losses):
    """Accuracy means nothing where no class layer is trained, and retrieval little for ten kinds of digits."""
    retrieval = metric_losses is not None or config['dataset'] in list_photo_datasets()
    return ['classes'] * bool(softmax_weight_of(config)) + ['retrieval'] * retrieval


def class_layer(net):
    return getattr(net, 'head', net).output


def load_checked_dataset(args, config):
    """The dataset; settles `config['num_classes']` if it was not given."""
    dataset = load_dataset(config['dataset'], args.data_dir, args.offline, config['classes'], config['split'])
    needed = dataset.num_train_classes
    if config['num_classes'] is None or config['split'] == 'zero_shot':
        config['num_classes'] = needed
    if config['num_classes'] < needed:
        raise UserError(f'--num_classes must be at least {needed}, the classes of {config["dataset"]}, '
                        f'got {config["num_classes"]}')
    return dataset


class Model(NamedTuple):
    """What is trained: three blocks, of which the last two may be None, and the digest of a frozen backbone or None."""
    net: object
    center_loss: object
    metric_losses: object
    backbone: Optional[str]


def build(args, config, dataset):
    """(`Model`, dataset), the blocks initialized and hybridized.

    With a frozen backbone, the net is the head alone, and the dataset that comes back has the backbone's features.
    """
    net, backbone = build_network(args, config), None
    if config['freeze'] == 'backbone':
        from utils import checkpoint
        from utils.frozen import frozen_split
        backbone = checkpoint.digest_of(net.backbone)
        view = photo_view(args, config)
        train, test = (frozen_split(view(photos), net.backbone, args.contexts[0])
                       for photos in (dataset.train, dataset.test))
        net, dataset = net.head, dataset._replace(train=train, test=test)
        net.hybridize(static_alloc=True)
    center_loss = None
    sizes = {'num_classes': config['num_classes'], 'feature_size': net.feature_size}
    if config['center_loss']:
        center_loss = get_loss(config['center_impl'], **sizes, lmbd=config['lmbd'], **{
            key: config[key] for key in loss_options(config['center_impl'])})
        center_loss.initialize(initializer(), ctx=args.contexts)
        center_loss.hybridize()
    return Model(net, center_loss, build_metric_losses(args, config, sizes), backbone), dataset


def initializer():
    """What the published MXNet programs start from, centres included."""
    import mxnet as mx
    return mx.init.Xavier(magnitude=2.24)


def build_network(args, config):
    """The network, initialized and hybridized; for photos with its pretrained weights if they are asked for."""
    from mxnet import MXNetError, nd
    runtime.seed_everything(config['seed'])
    photos = config['dataset'] in list_photo_datasets()
    try:
        net = get_model(config['network'], **{key: config[key] for key in (
            'num_classes', 'feature_size', 'feature_use_bias', 'output_use_bias', 'normalize', 'dropout')})
    except ValueError as error:
        raise UserError(f'--network {config["network"]}: {error}') from error
    net.initialize(initializer(), ctx=args.contexts)
    shape = (1, 3, config['image_size'], config['image_size']) if photos else (1, 1, 28, 28)
    try:
        for context in args.contexts:
            net(nd.zeros(shape, ctx=context))  # settles the shapes
    except MXNetError as error:
        raise UserError(f'--network {config["network"]} does not take images of --image_size {config["image_size"]}'
                        ) from error
    if config['pretrained']:
        from models.pretrained import load_pretrained
        try:
            load_pretrained(net, '' if config['pretrained'] == 'own' else config['pretrained'])
        except (ValueError, OSError) as error:
            text = str(error).replace('pretrained: ', '', 1)
            raise UserError(f'--pretrained: {text}') from error
    if config['freeze'] == 'bn':
        from models.backbone import freeze_running_statistics
        freeze_running_statistics(net.backbone)
    net.hybridize(static_alloc=True)
    return net


def build_metric_losses(args, config, sizes):
    """The terms of --loss beside softmax and center, as a `MetricLosses`, or None."""
    from utils.metric_losses import MetricLosses
    terms = []
    for term in terms_of(config):
        if term.name != 'softmax':
            own = sizes if has_parameters(term.name) else {}
            try:
                terms.append((term.name, term.weight, get_loss(term.name, **own, **dict(term.options))))
            except (TypeError, ValueError) as error:
                raise UserError(f'--loss {term.name}: {error}') from error
    if not terms:
        return None
    losses = MetricLosses(terms)
    losses.initialize(ctx=args.contexts)
    losses.hybridize()
    return losses


def photo_view(args, config):
    """What makes a `PhotoView` of a `PhotoSplit`, and lets any other split be."""
    if config['dataset'] not in list_photo_datasets():
        return lambda split: split
    from utils.data.photos import PhotoSplit
    from utils.photo_view import PhotoView
    reader, shape = reader_of(args), shape_of(config)
    return lambda split: PhotoView(split, reader, shape) if isinstance(split, PhotoSplit) else split


def reader_of(args):
    """The one `Reader` of this process."""
    if args.reader is None:
        from utils.photo_reader import Reader
        args.reader = args.stack.enter_context(Reader(args.workers, _CACHE_BYTES, args.strict))
    return args.reader


def shape_of(config):
    from utils.photo_reader import Shape
    mean, std = normalization(config['network'])
    return Shape(config['image_size'], round(config['image_size'] * _RESIZE), mean=mean, std=std)


def build_batches(args, config, net, learn):
    """The mini-batches that `fit` goes through."""
    from center_loss.miners import offline_triplets
    from utils import evaluation
    from utils.augmentation import get_augmentation
    from utils.batches import Batches
    from utils.data.photos import PhotoSplit
    from utils.sampling import get_sampler
    view = photo_view(args, config)(learn)
    margins = [dict(term.options).get('margin', _MARGIN) for term in terms_of(config) if term.name == 'triplet']
    sampler = get_sampler(config, lambda: evaluation.extract(net, view, args.contexts[0]).features,
                          functools.partial(offline_triplets, margin=margins[0] if margins else _MARGIN))
    common = (learn, config['batch_size'], args.contexts, config['seed'])
    if isinstance(learn, PhotoSplit):
        from utils.photo_batches import PhotoBatches
        return PhotoBatches(*common, reader_of(args), shape_of(config), sampler)
    return Batches(*common, get_augmentation(config['augment']), sampler)


def frame_store(meta, paths, dataset):
    if not meta['plotting']:
        return None
    from utils.frames import FrameStore
    return FrameStore(paths.output('frames'), dataset.class_names)


def test(args):
    """--test: judge the saved model on the test set by --eval_method."""
    from utils import checkpoint, evaluation, files
    from utils.run import RunPaths
    prefix = second_prefix(args) if args.second_train else args.prefix
    saved = checkpoint.load(checkpoint_path(args, prefix))
    config = configs.inherit(configs.config_of(args), args.given, saved.meta['config'],
                             [key for key in configs.ALL_KEYS if key != 'batch_size'], saved.path)
    dataset = load_checked_dataset(args, config)
    check_classes(dataset, saved)
    photos = photo_view(args, config)(dataset.test)  # arrays, if they are no photos
    net, dataset = restore(args, config, dataset, saved)
    centers = None if saved.centers is None else saved.centers.asnumpy()
    outputs = evaluation.extract(net, photo_view(args, config)(dataset.test), args.contexts[0])
    told_apart = config['split'] == 'official' and (softmax_weight_of(config) or args.eval_method == 'knn')
    report = evaluation.report(outputs, args.eval_method, centers) if told_apart else {}
    if config['dataset'] in list_photo_datasets():
        report.update(evaluation.report_retrieval(outputs))
    stem = RunPaths(args.ckpt_dir, args.out_dir, prefix).output(f'test-{args.eval_method}')
    files.write_json(stem + '.json', {
        'command': args.command, 'checkpoint': saved.path, 'epoch': saved.meta['epoch'],
        'eval_method': args.eval_method, 'versions': runtime.versions(), **report})
    figures = [f'test accuracy {report["accuracy"]:.4f} by {args.eval_method}'] if 'accuracy' in report else []
    figures += [f'recall at 1 {report["recall_at_1"]:.4f}'] if report.get('recall_at_1') is not None else []
    result = f'{prefix}: {", ".join(figures)}'
    print(f'{result}\nwrote {stem}.json')
    if args.plotting and config['dataset'] in list_photo_datasets():
        from utils.photo_pictures import write_pictures
        for path in write_pictures(stem, photos, outputs, dataset.class_names, report.get('confusion_matrix')):
            print(f'wrote {path}')
    elif args.plotting:
        from utils.plotting import write_feature_map
        write_feature_map(stem + '.png', outputs.features, outputs.labels, centers, result, dataset.class_names)
        print(f'wrote {stem}.png')


def restore(args, config, dataset, saved):
    """(net, dataset) as `build` makes them, with the parameters of the `Checkpoint` `saved`."""
    if config['freeze'] != 'backbone':
        config = {**config, 'pretrained': None}  # the checkpoint has all of the network
    model, dataset = build(args, {**config, 'center_loss': False, 'loss': 'softmax'}, dataset)
    saved.restore(model.net)
    check_backbone(model, saved)
    return model.net, dataset


def check_classes(dataset, saved):
    """Labels are numbers: they must stand for the classes that a checkpoint was trained on."""
    names = saved.meta.get('class_names')
    if names and names != list(dataset.class_names):
        other = sorted(set(names) ^ set(dataset.class_names)) or ['in another order']
        raise UserError(f'{saved.path} was trained on other classes than there are now: {", ".join(other[:5])}')


def check_backbone(model, saved):
    """A checkpoint of a head goes with one backbone, which it does not hold."""
    if saved.meta.get('backbone') != model.backbone:
        raise UserError(f'{saved.path} was trained on a frozen backbone with other weights than those there are now')


def embed(args):
    """--embed: the features of every image under a folder, as an index to search in."""
    from utils.data.folder import list_photos
    from utils.index import write_index
    saved, config = saved_model(args, checkpoint_path(args, args.prefix))
    paths = [os.path.abspath(path) for path in list_photos(args.embed)]
    if not paths:
        raise UserError(f'--embed expected a folder with images, got {args.embed}')
    features, indices = features_of(args, config, saved, paths)
    if not len(indices):
        raise UserError(f'none of the {len(paths)} images under {args.embed} can be decoded')
    path = os.path.join(args.out_dir, args.prefix, 'index.npz')
    write_index(path, features, [paths[i] for i in indices],
                meta={'command': args.command, 'checkpoint': os.path.abspath(saved.path), 'digest': saved.digest})
    print(f'{len(indices)} of {len(paths)} images, {features.shape[1]} features each\nwrote {path}')


def query(args):
    """--query: the images of an index that are most like one image."""
    from utils.index import nearest, read_index
    index = read_index(args.index)
    saved, config = saved_model(args, str(index.meta.get('checkpoint')))
    if saved.digest != index.meta.get('digest'):
        raise UserError(f'{args.index} was made by another model than {saved.path} is now: make it anew with --embed')
    features, indices = features_of(args, config, saved, [args.query])
    if not len(indices):
        raise UserError(f'--query {args.query} cannot be decoded')
    (found,), (distances,) = nearest(index, features, args.top)
    for i, distance in zip(found, distances):
        print(f'{distance:.6f}  {index.paths[i]}')


def saved_model(args, path):
    """(checkpoint, its config) of a model for photos."""
    from utils import checkpoint
    saved = checkpoint.load(path)
    config = configs.saved_config(saved.meta['config'])
    if config['dataset'] not in list_photo_datasets():
        raise UserError(f'--embed and --query are for photos, and {path} was trained on {config["dataset"]}')
    return saved, config


def features_of(args, config, saved, paths):
    """(features (n, D), positions (n,)) of those photos in the list `paths` that can be decoded."""
    import numpy as np

    from utils import checkpoint
    from utils.data.photos import make_photo_split
    frozen = config['freeze'] == 'backbone'
    net = build_network(args, {**config, 'pretrained': config['pretrained'] if frozen else None})
    saved.restore(net.head if frozen else net)
    if frozen and saved.meta.get('backbone') != checkpoint.digest_of(net.backbone):
        raise UserError(f'{saved.path} was trained on a frozen backbone with other weights than those there are now')
    view = photo_view(args, config)(make_photo_split([(path, 0) for path in paths]))
    batches = [(net(images)[1].asnumpy(), index) for images, index in view.batches(32, args.contexts[0])]
    return (np.concatenate(parts) for parts in zip(*batches)) if batches else (np.zeros((0, 1)), np.zeros(0, int))


def compare(args):
    """--compare: make the runs that are missing and put all side by side; returns the exit status, 1 if one failed."""
    from utils.comparison import Comparison, write_comparison
    if args.implementations:
        return compare_implementations(args)
    comparison = Comparison(args, os.path.abspath(__file__), lambda argv: configs.config_of(parse(argv)))
    rows, steps = plan(args)
    failed = comparison.complete(steps)
    for path in write_comparison(comparison, args.command, rows, failed):
        print('wrote', path)
    return 1 if failed else 0


def compare_implementations(args):
    """--compare --implementations: the side-by-side proof of what is the same, as a table; returns the exit status."""
    from benchmarks import implementations
    from utils import files
    rows = implementations.compare(args.class_counts, args.steps)
    folder = os.path.join(args.out_dir, args.prefix)
    files.write_json(os.path.join(folder, 'implementations.json'),
                     {'command': args.command, 'versions': runtime.versions(), 'rows': rows})
    files.write_bytes(os.path.join(folder, 'implementations.md'), implementations.to_markdown(rows).encode())
    print('wrote', os.path.join(folder, 'implementations.md'))
    return 0


if __name__ == '__main__':
    sys.exit(main())
