"""The pictures of what was answered on a test set, of photos as of arrays: confusions and disagreements."""
from typing import NamedTuple, Optional

import numpy as np

from ..evaluation.confusion import Confusion
from ..evaluation.judging import MOST_LISTED
from . import fonts
from .confused_pairs import write_confused_pairs
from .confusion import write_confusion
from .disagreements import write_disagreements
from .frame import BY

_PAIRS_OF_MANY = 50  # of classes in a matrix, where there are too many for it


class Answers(NamedTuple):
    """What was answered of N images. predictions: (N,), by `method`, or None where nothing is judged by it.

    centers: (C, D), or None where softmax or the nearest centre has no answer: then they can't disagree.
    """
    method: str
    predictions: Optional[np.ndarray]
    centers: Optional[np.ndarray]


def write_answers(stem, view, outputs, class_names, answers, kind='png'):
    """Write STEM-confusion.KIND, STEM-confused.png and STEM-disagreements.png, as far as `answers` has any.

    Where names of classes cannot be drawn, they are in STEM-classes.txt, by number. view: see `pixels_of`. outputs:
    what a network said of its images. Returns (the paths written, what there was nothing to draw of, in words).
    """
    numbered = range(len(class_names) + 1, outputs.num_classes + 1)  # logits of classes that have no name
    names = fonts.drawable(class_names) + tuple(f'no. {number}' for number in numbered)
    written, lacking = [], []
    if answers.predictions is not None:
        written, lacking = _write_confusions(stem, view, outputs.labels, names, answers, kind)
    if answers.centers is not None:
        path = stem + '-disagreements.png'
        if write_disagreements(path, view, outputs, answers.centers, names):
            written.append(path)
        else:
            lacking.append('disagreements: softmax and the nearest centre answer the same of every test image')
    if fonts.write_legend(stem + '-classes.txt', class_names):
        written.append(stem + '-classes.txt')
    return written, lacking


def _write_confusions(stem, view, labels, names, answers, kind):
    """As `write_answers`."""
    confusion = Confusion.of(labels, answers.predictions, len(names))
    shown, which = confusion.present, ''
    if len(shown) > MOST_LISTED:
        pairs = np.array(confusion.most_confused(_PAIRS_OF_MANY), int).reshape(-1, 2)
        which = f'; of {len(shown)} classes those that are confused most'
        shown = np.unique(pairs) if len(pairs) else shown[:MOST_LISTED]
    paths = [f'{stem}-confusion.{kind}', stem + '-confused.png']
    write_confusion(paths[0], confusion.matrix(shown), [names[label] for label in shown],
                    f'test set: which classes are taken for which, {BY[answers.method]}{which}',
                    confusion.images[shown])
    if write_confused_pairs(paths[1], view, labels, answers.predictions, confusion, names, BY[answers.method]):
        return paths, []
    return paths[:1], ['confused classes: every test image is answered right']
