"""Where the features of each class lie, and how far classes are apart. N = samples, D = feature size, C = classes."""
import numpy as np

from . import neighbors
from .distances import distance_chunks

MOST_CLASSES = 4000  # of which all pairs are looked at in a second
SAMPLED_CLASSES = 2000  # of more
MOST_PAIRS = 1000  # of collapsed classes that are named


def class_means(features, labels, num_classes):
    """(C, D) mean feature of each class in float64; NaN for a class without samples.

    features: (N, D). labels: (N,) integers in 0..C-1.

    >>> import numpy as np
    >>> from utils.evaluation.geometry import class_means
    >>> class_means(np.array([[0., 0], [2, 4]]), np.array([0, 0]), num_classes=2).tolist()
    [[1.0, 2.0], [nan, nan]]
    """
    sums = np.zeros((num_classes, features.shape[1]))
    np.add.at(sums, labels, features)
    counts = np.bincount(labels, minlength=num_classes)[:, np.newaxis]
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


def intra_class_distance(features, labels, means):
    """Mean Euclidean distance of a feature to the mean of its class; smaller is more compact.

    features: (N, D). labels: (N,). means: (C, D), from `class_means`.

    >>> import numpy as np
    >>> from utils.evaluation.geometry import class_means, intra_class_distance
    >>> features, labels = np.array([[0., 0], [2, 0]]), np.array([0, 0])
    >>> intra_class_distance(features, labels, class_means(features, labels, num_classes=1))
    1.0
    """
    return float(np.linalg.norm(features - means[labels], axis=1).mean())


def inter_class_distance(means):
    """Mean Euclidean distance between two rows of `means` (C, D), over all pairs of classes that have samples.

    NaN with fewer than two such classes. Above MOST_CLASSES it is an estimate: over pairs of which one is of
    SAMPLED_CLASSES drawn at random, always the same.

    >>> import numpy as np
    >>> from utils.evaluation.geometry import inter_class_distance
    >>> inter_class_distance(np.array([[0., 0], [3, 4]]))
    5.0
    """
    present = np.flatnonzero(~np.isnan(means).any(axis=1))
    if len(present) < 2:
        return float('nan')
    if len(present) <= MOST_CLASSES:
        distances = [np.linalg.norm(means[present[i + 1:]] - means[a], axis=1) for i, a in enumerate(present[:-1])]
        return float(np.concatenate(distances).mean())
    asking = np.searchsorted(present, _sampled(present))
    total = sum(np.sqrt(squares).sum() for _, squares in distance_chunks(means[present], None, 'euclidean', asking))
    return float(total / (SAMPLED_CLASSES * (len(present) - 1)))


def collapsed_pairs(features, labels, means):
    """(how many pairs of classes have means no farther apart than the larger of their two spreads, the first such).

    Of the pairs, [(a, b), ...], a < b, at most MOST_PAIRS are returned: if features are all the same, all are such.
    A spread is the mean distance of a class's features to their mean. Arguments as in `intra_class_distance`. Above
    MOST_CLASSES not all pairs are looked at, but each of SAMPLED_CLASSES drawn at random, always the same, with the
    class that is nearest to it.

    >>> import numpy as np
    >>> from utils.evaluation.geometry import class_means, collapsed_pairs
    >>> features, labels = np.array([[0., 0], [4, 0], [1, 0], [5, 0], [9, 9]]), np.array([0, 0, 1, 1, 2])
    >>> collapsed_pairs(features, labels, class_means(features, labels, num_classes=3))
    (1, [(0, 1)])
    """
    distances = np.linalg.norm(features - means[labels], axis=1)
    counts = np.bincount(labels, minlength=len(means))
    spreads = np.bincount(labels, distances, minlength=len(means)) / np.maximum(counts, 1)
    present = np.flatnonzero(counts)
    found = [np.zeros((0, 2), np.int64)]
    for a, others in _compared(present, means):
        close = others[np.linalg.norm(means[others] - means[a], axis=1) <= np.maximum(spreads[others], spreads[a])]
        found.append(np.column_stack([np.minimum(close, a), np.maximum(close, a)]))
    pairs = np.concatenate(found)
    if len(present) > MOST_CLASSES:
        pairs = np.unique(pairs, axis=0)  # each of two may be the nearest to the other
    return len(pairs), [tuple(pair) for pair in pairs[:MOST_PAIRS].tolist()]


def pairs_compared(num_present):
    """How many pairs of so many classes with samples `collapsed_pairs` looks at.

    >>> from utils.evaluation.geometry import pairs_compared
    >>> pairs_compared(10), pairs_compared(100_000)
    (45, 2000)
    """
    return num_present * (num_present - 1) // 2 if num_present <= MOST_CLASSES else SAMPLED_CLASSES


def _compared(present, means):
    """Yield (class, those it is compared with) of the classes `present`, see `collapsed_pairs`."""
    if len(present) <= MOST_CLASSES:
        for i, a in enumerate(present):
            yield a, present[i + 1:]
        return
    places = np.searchsorted(present, _sampled(present))
    for rows, nearest in neighbors.neighbor_chunks(None, means[present], 1, 'euclidean', places):
        yield from zip(present[places[rows]], present[nearest])


def _sampled(present):
    """SAMPLED_CLASSES of the classes `present`, the same at every call."""
    return np.random.default_rng(0).choice(present, SAMPLED_CLASSES, replace=False)


def polar(means):
    """(radii, angles) of the rows of `means` (C, 2), angles in degrees from 0 to 360; NaN rows stay NaN.

    >>> import numpy as np
    >>> from utils.evaluation.geometry import polar
    >>> radii, angles = polar(np.array([[3., 0], [0, -2]]))
    >>> radii.tolist(), angles.tolist()
    ([3.0, 2.0], [0.0, 270.0])
    """
    return np.hypot(*means.T), np.degrees(np.arctan2(means[:, 1], means[:, 0])) % 360


def ring_score(means):
    """How nearly class means (C, 2) form the paper's ring, as a dict.

    radius_cv: standard deviation of the radii over their mean; 0 is a perfect circle, None means that all means are in
    the origin. smallest_gap: the smallest angle between neighbours, in degrees; 360 / C is perfect. Classes without
    samples do not count.

    >>> import numpy as np
    >>> from utils.evaluation.geometry import ring_score
    >>> ring_score(np.array([[1., 0], [0, 1], [-1, 0], [0, -1]]))
    {'radius_cv': 0.0, 'smallest_gap': 90.0}
    """
    radii, angles = (values[~np.isnan(values)] for values in polar(means))
    angles = np.sort(angles)
    gaps = np.diff(angles, append=angles[0] + 360)
    return {'radius_cv': float(radii.std() / radii.mean()) if radii.any() else None, 'smallest_gap': float(gaps.min())}
