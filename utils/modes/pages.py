"""report.html of a run, written by the modes that have just made or tested it."""
import os

from .. import runtime
from ..errors import UserError
from ..evaluation import judging
from ..evaluation.evaluator import Evaluator
from ..storage.results import read_results
from ..terminal import warn

_FEWEST = 5  # images that say anything by a map


def write_trained(paths, class_names, results, evaluator):
    """The page of a run that has ended. results: for its results.json. evaluator: an `Evaluator` of the test set."""
    from ..pages.run_page import Judged  # and Bokeh and Matplotlib, which only plotting needs
    judged = [Judged(method, confusion) for method, confusion in _confusions(evaluator).items()]
    _write(paths, class_names, [], results, [_trained(paths, results)], judged, [], [results['command']])


def _confusions(evaluator):
    """{method: `Confusion`} of what an `Evaluator` is judged by."""
    outputs = evaluator.outputs
    return {method: judging.confusion_of(outputs, judging.predict(outputs, method, evaluator.centers))
            for method, accuracy in (('softmax', evaluator.softmax), ('knn', evaluator.knn)) if accuracy is not None}


def write_tested(paths, class_names, command, said, epoch, tested, view, judged, pictures):
    """The page of a run that was tested, with what is there of its training; returns its path.

    said: what the test printed. epoch: of the model. tested: (outputs, centers, judged_by), of `Evaluator`. view: what
    the outputs were made of, with images. judged: (method, `Confusion`), or None; what else the outputs are judged by
    follows. pictures: paths of what was drawn.
    """
    from ..pages.map_data import Panel
    from ..pages.run_page import Judged
    from ..pictures.frame import frame_of
    from ..pictures.thumbnails import find_thumbnails, write_thumbnails
    try:
        results = read_results(paths.results)
    except UserError as error:
        warn(f'the page lacks what the training came to: {error}')
        results = None
    evaluator = Evaluator(*tested)
    frame, stem = frame_of(evaluator), paths.output('frames', 'test-images')
    panels = [_trained(paths, results) if results else None]
    if len(frame.labels) >= _FEWEST:
        write_thumbnails(stem, view, frame.indices)
        panels.append(Panel('test', 'test', {epoch: frame}, epoch, epoch, find_thumbnails(stem), epoch))
    commands = [*([results['command']] if results else []), command]
    confusions = {**dict([judged] if judged else []), **_confusions(evaluator)}
    return _write(paths, class_names, [said], results, panels, [Judged(*one) for one in confusions.items()], pictures,
                  commands)


def _trained(paths, results):
    """The `Panel` of a run's training, or None without frames."""
    from ..pages.map_data import read_panel
    return read_panel(paths.prefix, paths.output(), results)


def _write(paths, class_names, sentences, results, panels, judged, pictures, commands):
    from ..pages.map_figures import map_of
    from ..pages.page import Picture
    from ..pages.run_page import write_run_page
    there, path = [panel for panel in panels if panel], paths.output('report.html')
    curves = [Picture(paths.output(f'curves.{kind}'), 'Curves', 'chart long') for kind in ('png', 'svg')]
    drawn = [Picture(picture, os.path.splitext(os.path.basename(picture))[0]) for picture in pictures
             if picture.endswith(('.png', '.svg'))]
    write_run_page(path, paths.prefix, sentences, results, map_of(there, class_names) if there else None, class_names,
                   judged, [*curves, *drawn], commands, runtime.versions())
    return path
