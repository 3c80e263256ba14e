"""Verification: are two items of the same class? A pair is accepted if its distance is at most a threshold.

TAR, the true accept rate, is the share of genuine pairs (of one class) that are accepted. FAR, the false accept rate,
is the share of impostor pairs (of two classes) that are accepted.

TAR changes only at distances of genuine pairs. So these are sorted, and impostor pairs are counted between them, chunk
by chunk: that gives the exact curve without a list of all N(N-1)/2 pairs. Cost: N^2 D multiplications and a sort of
each chunk; in memory, some 20 bytes for each genuine pair on top of what `distances` needs.
"""
from typing import NamedTuple

import numpy as np

from .distances import distance_chunks

FARS = (0.1, 0.01, 0.001)
MAX_PAIRS = 50_000_000  # all those of 10,000 items


class Roc(NamedTuple):
    """The ROC at each distinct distance of a genuine pair, in rising order. thresholds, tar, far: (T,).

    auc: area under the curve, the chance that a genuine pair is closer than an impostor pair (equal counts half); best
    is 1, chance 0.5. `far` is NaN without impostor pairs; `auc` is NaN without pairs of both kinds. samples: how many
    items had their pairs compared. genuine, impostors: how many pairs there were.
    """
    thresholds: np.ndarray
    tar: np.ndarray
    far: np.ndarray
    auc: float
    samples: int
    genuine: int
    impostors: int


def verification_roc(features, labels, metric='euclidean', max_pairs=MAX_PAIRS, seed=0):
    """The `Roc` over all pairs of items. features: (N, D). labels: (N,). Distances are rounded to float32.

    If there are more than `max_pairs` pairs, items are drawn at random by `seed`, as many as the limit allows, and only
    their pairs are compared; `Roc.samples` is then less than N.

    >>> import numpy as np
    >>> from utils.evaluation.verification import verification_roc
    >>> roc = verification_roc(np.array([[0.], [1], [2], [4]]), np.array([0, 0, 1, 1]))
    >>> roc.thresholds.tolist(), roc.tar.tolist(), roc.far.tolist()
    ([1.0, 2.0], [0.5, 1.0], [0.25, 0.5])
    >>> roc.auc, roc.genuine, roc.impostors
    (0.75, 2, 4)
    """
    max_items = int((1 + np.sqrt(1 + 8 * max_pairs)) / 2)  # n (n - 1) / 2 <= max_pairs
    if len(labels) > max_items:
        sample = np.sort(np.random.default_rng(seed).choice(len(labels), max_items, replace=False))
        features, labels = features[sample], labels[sample]
    thresholds, counts = np.unique(_genuine(features, labels, metric), return_counts=True)
    edges, counts = np.append(thresholds, np.inf), np.append(counts, 0)
    accepted = np.zeros(len(edges), np.int64)  # impostors, by the first edge that is not below them
    ties = 0  # times an impostor is as far as a genuine pair
    for distances in _impostors(features, labels, metric):
        distances.sort()  # searching in order is several times as fast
        places = np.searchsorted(edges, distances)
        accepted += np.bincount(places, minlength=len(edges))
        ties += int(counts[places[edges[places] == distances]].sum())
    genuine, impostors = int(counts.sum()), int(accepted.sum())
    closer = counts.cumsum() - counts  # genuine pairs below each edge
    with np.errstate(invalid='ignore'):  # 0 / 0 where there are no such pairs
        far = accepted.cumsum()[:-1] / np.float64(impostors)
        auc = (accepted @ closer + ties / 2) / (np.float64(genuine) * impostors)
    if metric == 'euclidean':
        thresholds = np.sqrt(thresholds)  # they were squared
    return Roc(thresholds, counts.cumsum()[:-1] / max(genuine, 1), far, float(auc), len(labels), genuine, impostors)


def _genuine(features, labels, metric):
    """float32 distances of all pairs of one class."""
    parts = [np.empty(0, np.float32)]
    for label in np.unique(labels):
        for start, distances in distance_chunks(features[labels == label], None, metric):
            parts.append(distances[_each_pair_once(start, distances)].astype(np.float32))
    return np.concatenate(parts)


def _impostors(features, labels, metric):
    """Yield float32 distances of all pairs of two classes, chunk by chunk."""
    for start, distances in distance_chunks(features, None, metric):
        different = labels[start:start + len(distances), np.newaxis] != labels
        yield distances[different & _each_pair_once(start, distances)].astype(np.float32)


def _each_pair_once(start, distances):
    """(rows, N) mask: the columns after the row's own, so that of (i, j) and (j, i) one is left."""
    rows, columns = distances.shape
    return np.arange(columns) > np.arange(start, start + rows)[:, np.newaxis]


def tar_at_far(roc, far):
    """The highest TAR at a FAR of at most `far`, in [0, 1]; best is 1. NaN without pairs of both kinds.

    A `far` below 1 / impostors allows no false accept at all.

    >>> import numpy as np
    >>> from utils.evaluation.verification import tar_at_far, verification_roc
    >>> roc = verification_roc(np.array([[0.], [1], [2], [4]]), np.array([0, 0, 1, 1]))
    >>> tar_at_far(roc, 0.1), tar_at_far(roc, 0.3)
    (0.0, 0.5)
    """
    if not roc.genuine or not roc.impostors:
        return float('nan')
    return float(roc.tar[roc.far <= far].max(initial=0))


def evaluate_verification(features, labels, metric='euclidean', fars=FARS, max_pairs=MAX_PAIRS):
    """AUC and TAR at some FARs as a flat dict: floats, or None without pairs of both kinds; and how many items it took.

    features: (N, D). labels: (N,). verification_samples is less than N if only a sample was compared.

    >>> import numpy as np
    >>> from utils.evaluation.verification import evaluate_verification
    >>> evaluate_verification(np.array([[0.], [1], [2], [4]]), np.array([0, 0, 1, 1]), fars=(0.5,))
    {'verification_auc': 0.75, 'tar_at_far_0.5': 1.0, 'verification_samples': 4}
    """
    roc = verification_roc(features, labels, metric, max_pairs)
    values = {'verification_auc': roc.auc, **{f'tar_at_far_{far:g}': tar_at_far(roc, far) for far in fars}}
    return {**{key: None if np.isnan(value) else value for key, value in values.items()},
            'verification_samples': roc.samples}
