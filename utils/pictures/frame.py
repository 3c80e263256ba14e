"""What is kept of one split at one epoch, for all pictures that are made of it."""
from typing import NamedTuple, Optional

import numpy as np

from ..data.splits import fixed_sample
from ..errors import UserError
from ..evaluation.geometry import pairs_compared
from ..evaluation.judging import MOST_LISTED, predict
from ..storage.npz import read_npz

_SHOWN = 10_000
_SHOWN_HIGH = 2_000  # of features that are more than two
BY = {'softmax': 'by softmax', 'knn': 'by nearest centre', 'neighbors': 'by nearest neighbours'}  # in titles
# Kinds of numbers and axes of each array: those of one letter are as long as each other.
_ARRAYS = {'features': ('f', 'ND'), 'labels': ('iu', 'N'), 'indices': ('iu', 'N'), 'accuracies': ('f', '2'),
           'collapsed': ('iu', '2'), 'softmax': ('iu', 'N'), 'knn': ('iu', 'N'), 'sure': ('f', 'N'),
           'centers': ('f', 'CD'), 'weights': ('f', 'CE')}


class Frame(NamedTuple):
    """N of the images of a split at one epoch, as a network of D features and C classes saw them.

    features: (N, D). labels: (N,). indices: (N,), which images of the split they are. accuracies: (2,), by softmax and
    by the nearest centre, of the whole split; NaN where nothing is judged by it. collapsed: (2,), how many pairs of
    classes lie on one another, of how many that were compared. softmax, knn: (N,), the classes that were answered, or
    None. sure: (N,), the probability that softmax gave its answer. centers: (C, D) or None. weights: (C, D + 1) of the
    class layer, its bias last, or None. Of more than MOST_LISTED classes neither is kept.
    """
    features: np.ndarray
    labels: np.ndarray
    indices: np.ndarray
    accuracies: np.ndarray
    collapsed: np.ndarray
    softmax: Optional[np.ndarray] = None
    knn: Optional[np.ndarray] = None
    sure: Optional[np.ndarray] = None
    centers: Optional[np.ndarray] = None
    weights: Optional[np.ndarray] = None

    def arrays(self):
        """{name: array} of what there is."""
        return {name: value for name, value in self._asdict().items() if value is not None}

    @property
    def method(self):
        """What answers are judged by: 'softmax' where there is one, else 'knn', or None."""
        return 'softmax' if self.softmax is not None else 'knn' if self.knn is not None else None

    @property
    def wrong(self):
        """(N,) whether the answer is wrong, or None where there is none."""
        return getattr(self, self.method) != self.labels if self.method else None

    @property
    def judgement(self):
        """How right the answers are, as the end of a title."""
        return self.judged_by(self.method)

    def judged_by(self, *methods):
        """The same by all `methods` that something is judged by."""
        accuracies = dict(zip(BY, self.accuracies))
        words = ', '.join(f'{accuracies[method]:.4f} {BY[method]}' for method in methods
                          if not np.isnan(accuracies.get(method, np.nan)))
        return words and f', accuracy {words}'

    @property
    def note(self):
        """What a picture says of classes on top of one another; nothing where there are none."""
        pairs, possible = self.collapsed
        return f'collapsed: {pairs} of {possible} pairs of classes' if pairs else ''


def frame_of(evaluator, weights=None):
    """The `Frame` of what an `Evaluator` saw. weights: as in `Frame`, where the class layer has learnt."""
    outputs = evaluator.outputs
    shown = fixed_sample(len(outputs.labels), _SHOWN if outputs.features.shape[1] <= 2 else _SHOWN_HIGH)
    answers, accuracies = {}, []
    for method, accuracy in (('softmax', evaluator.softmax), ('knn', evaluator.knn)):
        accuracies.append(np.nan if accuracy is None else accuracy)
        if accuracy is not None:
            answers[method] = predict(outputs, method, evaluator.centers)[shown]
    if 'softmax' in answers:
        answers.update(sure=outputs.sure[shown].astype(np.float32), weights=_few(weights))
    count = len(np.unique(outputs.labels))
    return Frame(outputs.features[shown].astype(np.float32), outputs.labels[shown], shown, np.array(accuracies),
                 np.array([evaluator.num_collapsed, pairs_compared(count)]), centers=_few(evaluator.centers), **answers)


def read_frame(path):
    """The `Frame` in the file `path`; raises UserError, one line, if there is none or its arrays do not fit."""
    arrays = read_npz(path, [name for name in Frame._fields if name not in Frame._field_defaults])
    lengths = {'2': 2}
    for name, array in arrays.items():
        kinds, axes = _ARRAYS.get(name, ('', ''))
        fits = array.dtype.kind in kinds and len(axes) == array.ndim and all(
            lengths.setdefault(axis, length) == length for axis, length in zip(axes, array.shape))
        if not fits or (array.dtype.kind in 'iu' and array.size and array.min() < 0):
            raise UserError(f'{path} is damaged: expected arrays of one frame, got {name!r} of {array.dtype} and shape '
                            f'{array.shape}')
    return Frame(**arrays)


def _few(rows):
    """What there is of each class, (C, ...), or None where it could not be told apart, and would fill the disk."""
    return rows if rows is not None and len(rows) <= MOST_LISTED else None
