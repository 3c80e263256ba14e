"""A sheet of the classes that are confused most, with examples."""
import numpy as np

from . import sheets
from .examples import pixels_of

_PAIRS = 6
_EXAMPLES = 3  # in each direction
_TITLE = ('The classes that are confused most, {}. A row shows one pair, each direction by the first images of the '
          'test set: one that is answered right, to compare with, and mistakes.')


def write_confused_pairs(path, view, labels, predictions, confusion, class_names, by):
    """Draw the pairs of classes that are confused most, with examples, as a PNG; returns whether there are any.

    view: see `pixels_of`. labels, predictions: (N,). confusion: of `Confusion`. class_names: C, as they are drawn. by:
    what answered, as in `frame.BY`.
    """
    pairs = confusion.most_confused(_PAIRS)
    if not pairs:
        return False
    shown = [[*_examples(labels, predictions, a, b), *_examples(labels, predictions, b, a)] for a, b in pairs]
    index = [i for row in shown for i in row if i is not None]
    pixels = dict(zip(index, pixels_of(view, np.array(index))))
    rows = []
    for (a, b), row in zip(pairs, shown):
        tiles = [None if i is None else _tile(pixels[i], predictions[i] == labels[i], class_names[predictions[i]])
                 for i in row]
        rows.append(sheets.Row(tiles, [(0, _heading(confusion, class_names, a, b)),
                                       (1 + _EXAMPLES, _heading(confusion, class_names, b, a))]))
    sheets.write_sheet(path, _TITLE.format(by), rows, apart=1 + _EXAMPLES)
    return True


def _examples(labels, predictions, true, answer):
    """Indices of an image of a class that is answered right, and of mistakes; None for each that there is not."""
    right, wrong = (np.flatnonzero((labels == true) & (predictions == one)).tolist() for one in (true, answer))
    return _filled(right, 1) + _filled(wrong, _EXAMPLES)


def _filled(found, count):
    return (found + [None] * count)[:count]


def _tile(image, right, answer):
    text, color = sheets.marked(right, answer)
    return sheets.Tile(image, color, [(text, color)])


def _heading(confusion, class_names, true, answer):
    count, images = confusion.images_answered(true, answer), confusion.images[true]
    share = f' ({count / images:.1%})' if images else ''
    return f'{class_names[true]} taken for {class_names[answer]}: {count} of {images}{share}'
