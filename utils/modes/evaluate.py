"""--test: what a trained model is worth on the test set."""
from .. import runtime
from ..errors import UserError
from ..evaluation import columns, judging
from ..evaluation.evaluator import Evaluator
from ..evaluation.retrieval import RETRIEVAL_METRIC, vote
from ..evaluation.verification import evaluate_verification
from ..loading.outputs import extract
from ..settings.config import ALL_KEYS
from ..settings.goes_with import check_settled
from ..settings.inheritance import inherit
from ..storage import checkpoint, files
from ..training.judge import class_weights
from . import pages
from .building import check_classes
from .foresight import for_selection, load

MODEL_KEYS = tuple(key for key in ALL_KEYS if key != 'batch_size')  # what the checkpoint says of a model


def test(request, builder):
    """--test: judge the saved model on the test set by --eval_method."""
    paths = request.paths.second if 'second_train' in request.modes else request.paths
    saved, config = _saved_model(request, paths)
    dataset, config = load(config)
    check_classes(dataset, saved)
    model = builder.trained(config, dataset.test.image_shape(config.data.image_size), saved)
    outputs = extract(model.net, builder.inputs(config, model, dataset.test), builder.contexts[0])
    centers = None if saved.centers is None else saved.centers.asnumpy()
    method = request.evaluation.eval_method
    lacking = config.lacking(method)
    if 'eval_method' in request.typed and lacking:
        raise UserError(f'--eval_method {method} needs {lacking}')
    report, predictions, confusion = {}, None, None
    if not lacking:
        predictions = _predictions(request.evaluation, builder, config, model, dataset, outputs, centers)
        confusion = judging.confusion_of(outputs, predictions)
        report = judging.report(confusion)
    if 'retrieval' in config.judged_by:
        report.update(columns.measure_run(Evaluator(outputs), 'retrieval'))
        report.update(evaluate_verification(outputs.features, outputs.labels, RETRIEVAL_METRIC))
    stem = paths.output(f'test-{method}')
    files.write_json(stem + '.json', {
        'command': request.command, 'checkpoint': saved.path, 'epoch': saved.meta['epoch'], 'eval_method': method,
        'versions': runtime.versions(), **report})
    figures = [f'test accuracy {report["accuracy"]:.4f} by {method}'] if 'accuracy' in report else []
    figures += [f'recall at 1 {report["recall_at_1"]:.4f}'] if report.get('recall_at_1') is not None else []
    said = f'{paths.prefix}: {", ".join(figures)}'
    print(f'{said}\nwrote {stem}.json')
    if not request.plotting:
        return
    view, kind = builder.images(config, dataset.test), request.picture_format
    if config.data.photos:
        drawn = _draw_photos(stem, view, outputs, dataset.class_names, request.evaluation.projection, kind)
    else:
        from ..pictures.frame import frame_of
        from ..pictures.run_pictures import sample_of
        sample = builder.inputs(config, model, sample_of(for_selection(config, dataset)[0]))
        frames = [frame_of(Evaluator(seen, centers, config.judged_by), class_weights(model))
                  for seen in (extract(model.net, sample, builder.contexts[0]), outputs)]
        path, title, drawn = f'{stem}.{kind}', f'{paths.prefix}: {{}}, epoch {saved.meta["epoch"]}', []
        _draw_maps(path, title, frames, dataset.class_names, request, predictions, report)
    if drawn or not config.data.photos:
        known = None if config.lacking('softmax') else centers
        drawn += _draw_answers(stem, view, outputs, dataset.class_names, (method, predictions, known), kind)
        if lacking:
            print(f'drew no confusion matrix: it needs {lacking}')
    path = pages.write_tested(
        paths, dataset.class_names, request.command, said, saved.meta['epoch'], (outputs, centers, config.judged_by),
        view, None if lacking else (method, confusion), drawn)
    print(f'wrote {path}')


def _saved_model(request, paths):
    """(checkpoint, its config) of the run to test, which no flag contradicts."""
    saved = checkpoint.load(paths.best)
    explicit = dict(request.explicit)
    if {'train', 'second_train'} & set(request.modes):
        explicit.pop('epochs', None)  # it was said of the training, whose best epoch may be older
    config = inherit(request.config, explicit, saved.meta['config'], MODEL_KEYS, saved.path)
    check_settled(request, config, ALL_KEYS)
    return saved, config


def _predictions(evaluation, builder, config, model, dataset, outputs, centers):
    """Predicted classes (N,) of the test set by --eval_method."""
    if evaluation.eval_method != 'neighbors':
        return judging.predict(outputs, evaluation.eval_method, centers)
    train = extract(model.net, builder.inputs(config, model, dataset.train), builder.contexts[0])
    if len(train.labels) < evaluation.neighbors:
        raise UserError(f'--neighbors must be at most {len(train.labels)}, the training images, '
                        f'got {evaluation.neighbors}')
    metric = RETRIEVAL_METRIC if 'retrieval' in config.judged_by else 'euclidean'
    return vote(train.features, train.labels, outputs.features, evaluation.neighbors, metric)


def _draw_maps(path, title, frames, class_names, request, predictions, report):
    """Draw `Frame`s of training and of test images.

    title: with a gap for which they are. predictions: of all test images, or None. report: of these.
    """
    from ..pictures.frame import BY
    from ..pictures.frame_maps import write_side_by_side
    method, (train, test) = request.evaluation.eval_method, frames
    accuracy = f', accuracy {report["accuracy"]:.4f} {BY[method]}' if 'accuracy' in report else ''
    titled = {title.format('train') + train.judged_by(method): train, title.format('test') + accuracy: test}
    write_side_by_side(path, titled, class_names, request.layers, method, predictions)
    print(f'wrote {path}')


def _draw_photos(stem, crops, outputs, class_names, projection, kind):
    """Draw what photos alone have; returns whether there were enough of them."""
    from ..pictures.photo_pictures import write_pictures
    written = write_pictures(stem, crops, outputs, class_names, projection, kind)
    for path in written:
        print(f'wrote {path}')
    if not written:
        print(f'drew nothing: {len(outputs.labels)} test photos are too few for a picture to say anything')
    return written


def _draw_answers(stem, view, outputs, class_names, answers, kind):
    """answers: the three parts of an `Answers`."""
    from ..pictures.answers import Answers, write_answers
    written, missing = write_answers(stem, view, outputs, class_names, Answers(*answers), kind)
    for path in written:
        print(f'wrote {path}')
    for what in missing:
        print(f'drew no {what}')
    return written
