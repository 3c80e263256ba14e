"""A sheet of what queries find: each query and the images nearest to it."""
import numpy as np

from ..evaluation.distances import distance_chunks
from ..evaluation.retrieval import RETRIEVAL_METRIC, nearest_neighbors
from . import sheets
from .examples import pixels_of

_QUERIES = 8
_NEAREST = 8
_TITLE = ('Queries on the left, on the right the nearest of all other images, with their distance, 1 - the cosine. '
          '✓ is of the query\'s class, ✗ of another. R is how many others of its class there are; what is grey ranks '
          'beyond R and counts neither for R-precision nor for MAP@R.')


def write_retrieval_sheet(path, view, outputs, class_names):
    """Draw some of the images that `outputs` are of, and what they find among all others, as a PNG.

    view, see `pixels_of`. class_names: by label, as they are drawn. The queries are drawn once for all runs: the sheet
    shows failures as they come.
    """
    features, labels = outputs.features, outputs.labels
    queries = np.sort(np.random.default_rng(0).permutation(len(labels))[:_QUERIES])
    found = nearest_neighbors(None, features, min(_NEAREST, len(labels) - 1), RETRIEVAL_METRIC)[queries]
    distances = np.concatenate([part for _, part in distance_chunks(features, features[queries], RETRIEVAL_METRIC)])
    shown = np.column_stack([queries, found])
    pixels = pixels_of(view, shown.ravel())
    pixels = pixels.reshape(*shown.shape, *pixels.shape[1:])
    rows = []
    for number, (query, nearest) in enumerate(zip(queries, found)):
        relevant = np.count_nonzero(labels == labels[query]) - 1
        tiles = [sheets.Tile(pixels[number, 0], sheets.DARK, [
            (f'query, R = {relevant}', sheets.DARK), (class_names[labels[query]], sheets.DARK)])]
        for place, i in enumerate(nearest):
            tiles.append(_found(pixels[number, place + 1], distances[number, i], class_names[labels[i]],
                                labels[i] == labels[query], place < relevant))
        rows.append(sheets.Row(tiles))
    sheets.write_sheet(path, _TITLE, rows, apart=1)


def _found(image, distance, name, right, counts):
    """A tile of what was found; grey unless it counts."""
    text, color = sheets.marked(right, f'{distance:.3f}')
    color = color if counts else sheets.GREY
    return sheets.Tile(image, color, [(text, color), (name, color)])
