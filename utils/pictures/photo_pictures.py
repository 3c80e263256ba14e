"""Pictures of how a network sees photos: what queries find, which classes are mistaken, and a map of all features."""
import numpy as np

from ..evaluation.retrieval import RETRIEVAL_METRIC, nearest_neighbors
from . import fonts, sheets
from .projections import project, write_projection

_QUERIES = 8
_NEAREST = 8
_FEWEST = 5  # images that say anything by a picture
_MOST_MAPPED = 3000  # features that t-SNE places in a minute


def write_pictures(stem, crops, outputs, class_names, confusion=None, projection='tsne', kind='png'):
    """Write STEM-retrieval.png, STEM-PROJECTION.KIND and, with `confusion`, STEM-confusion.KIND; returns the paths.

    Where names of classes cannot be drawn, they are in STEM-classes.txt, by number.

    confusion: (C, C) counts, or None. crops: the `CenterCrops` that `outputs` were made of. The queries of the sheet
    are drawn once for all runs: it shows failures as they come.
    """
    if len(outputs.labels) < _FEWEST:
        return []
    names = fonts.drawable(class_names)
    paths = [stem + '-retrieval.png', f'{stem}-{projection}.{kind}']
    _write_sheet(paths[0], crops, outputs, names)
    sample = np.random.default_rng(0).permutation(len(outputs.labels))[:_MOST_MAPPED]
    points, axes = project(outputs.features[sample], projection, RETRIEVAL_METRIC)
    write_projection(paths[1], points, axes, outputs.labels[sample], names, 'test features')
    if confusion is not None:
        paths.append(f'{stem}-confusion.{kind}')
        present = np.unique(outputs.labels)
        sheets.write_confusion(paths[2], np.asarray(confusion)[np.ix_(present, present)],
                               [names[label] for label in present], 'test set: which classes are taken for which')
    if fonts.write_legend(stem + '-classes.txt', class_names):
        paths.append(stem + '-classes.txt')
    return paths


def _write_sheet(path, crops, outputs, class_names):
    whole = [photo for photo in crops.photos.paths if photo not in crops.reader.broken]
    queries = np.sort(np.random.default_rng(0).permutation(len(whole))[:_QUERIES])
    nearest = nearest_neighbors(None, outputs.features, min(_NEAREST, len(whole) - 1), RETRIEVAL_METRIC)[queries]
    shown = np.concatenate([queries[:, np.newaxis], nearest], axis=1)
    (pixels, _), = crops.reader.stream([[(whole[i], None) for i in shown.ravel()]], crops.shape)
    tiles = [sheets.Tile(image, class_names[outputs.labels[i]]) for image, i in zip(pixels, shown.ravel())]
    width = shown.shape[1]
    rows = [(tiles[start], tiles[start + 1:start + width]) for start in range(0, len(tiles), width)]
    sheets.write_retrieval_sheet(path, rows)
