"""A sheet of the images that softmax and the nearest centre give different classes."""
import numpy as np

from ..evaluation.judging import predict
from . import sheets
from .examples import pixels_of

_COLUMNS = 8
_MOST = 16  # of each kind
_KINDS = ('only softmax is right', 'only the nearest centre is right', 'both are wrong')
_TITLE = ('Softmax and the nearest centre disagree on {} of {} test images, the surest of softmax first. By how many '
          '% they are sure: the probability that softmax gives its answer, and by how much the nearest centre is '
          'nearer than the next.')


def write_disagreements(path, view, outputs, centers, class_names):
    """Draw images that softmax and the nearest of `centers` (C, D) answer differently as a PNG; returns how many are.

    Without any, nothing is written. view: see `pixels_of`. outputs: what a network said of its images. class_names: by
    label and answer, as they are drawn.
    """
    softmax, knn = (predict(outputs, method, centers) for method in ('softmax', 'knn'))
    differ = np.flatnonzero(softmax != knn)
    if not len(differ):
        return 0
    differ = differ[np.argsort(-outputs.sure[differ], kind='stable')]
    labels = outputs.labels[differ]
    kinds = np.select([softmax[differ] == labels, knn[differ] == labels], [0, 1], 2)
    rows = []
    for kind, name in enumerate(_KINDS):
        there = differ[kinds == kind]
        shown = there[:_MOST]
        tiles = [_tile(image, outputs, i, softmax[i], knn[i], centers, class_names)
                 for image, i in zip(pixels_of(view, shown), shown)] if len(shown) else []
        heading = f'{name}: {len(there)}' + (f', of which the surest {_MOST}' if len(there) > _MOST else '')
        rows += [sheets.Row(tiles[start:start + _COLUMNS], [] if start else [(0, heading)])
                 for start in range(0, len(tiles), _COLUMNS)]
    sheets.write_sheet(path, _TITLE.format(len(differ), len(outputs.labels)), rows)
    return len(differ)


def _tile(image, outputs, i, softmax, knn, centers, class_names):
    """Image number `i` with its class and both answers."""
    label = outputs.labels[i]
    distances = np.linalg.norm(outputs.features[i] - centers, axis=1)
    second = np.delete(distances, knn).min()
    nearer = 1 - distances[knn] / second if second else 0
    return sheets.Tile(image, sheets.DARK, [
        (f'true: {class_names[label]}', sheets.DARK),
        sheets.marked(softmax == label, f'softmax {outputs.sure[i]:.0%}: {class_names[softmax]}'),
        sheets.marked(knn == label, f'centre {nearer:.1%}: {class_names[knn]}')])
