"""Metrics in plain numpy. N = samples, D = feature size, C = classes."""
import numpy as np

_CHUNK_ELEMENTS = 1 << 22  # of the N-by-C score matrix held at once: 32 MB of float64


def confusion_matrix(labels, predictions, num_classes):
    """(C, C) counts: row = true class, column = predicted class. labels, predictions: (N,) integers in 0..C-1.

    >>> import numpy as np
    >>> from utils.evaluation.metrics import confusion_matrix
    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), num_classes=2).tolist()
    [[1, 1], [0, 1]]
    """
    cells = np.bincount(labels * num_classes + predictions, minlength=num_classes ** 2)
    return cells.reshape(num_classes, num_classes)


def accuracy(labels, predictions):
    """Share of samples that are predicted right, in [0, 1]; best is 1. labels, predictions: (N,).

    >>> import numpy as np
    >>> from utils.evaluation.metrics import accuracy
    >>> accuracy(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    0.75
    """
    return float((labels == predictions).mean())


def per_class_accuracy(confusion):
    """(C,) share of each true class that is predicted right (its recall); NaN for a class without samples.

    confusion: (C, C), from `confusion_matrix`.

    >>> import numpy as np
    >>> from utils.evaluation.metrics import per_class_accuracy
    >>> per_class_accuracy(np.array([[1, 1], [0, 2]])).tolist()
    [0.5, 1.0]
    """
    totals = confusion.sum(axis=1)
    return np.divide(np.diag(confusion), totals, out=np.full(len(totals), np.nan), where=totals > 0)


def nearest_center(features, centers):
    """Index of the centre at the smallest Euclidean distance to each feature; of equal centres, the lowest.

    features: (N, D). centers: (C, D). Returns (N,) int64.

    One matrix product a chunk: argmin ||x - c||^2 = argmin (||c||^2 / 2 - x c). Moving the origin to the middle of the
    centres changes no distance and keeps the digits that far-off coordinates would cost.

    >>> import numpy as np
    >>> from utils.evaluation.metrics import nearest_center
    >>> nearest_center(np.array([[0., 1], [4, 4]]), np.array([[0., 0], [5, 5]])).tolist()
    [0, 1]
    """
    origin = centers.mean(axis=0, dtype=np.float64)
    centers = centers - origin
    offsets = (centers ** 2).sum(axis=1) / 2
    rows = max(1, _CHUNK_ELEMENTS // len(centers))
    nearest = np.empty(len(features), np.int64)
    for start in range(0, len(features), rows):
        chunk = features[start:start + rows] - origin
        nearest[start:start + rows] = np.argmin(offsets - chunk @ centers.T, axis=1)
    return nearest


def class_means(features, labels, num_classes):
    """(C, D) mean feature of each class in float64; NaN for a class without samples.

    features: (N, D). labels: (N,) integers in 0..C-1.

    >>> import numpy as np
    >>> from utils.evaluation.metrics import class_means
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
    >>> from utils.evaluation.metrics import class_means, intra_class_distance
    >>> features, labels = np.array([[0., 0], [2, 0]]), np.array([0, 0])
    >>> intra_class_distance(features, labels, class_means(features, labels, num_classes=1))
    1.0
    """
    return float(np.linalg.norm(features - means[labels], axis=1).mean())


def inter_class_distance(means):
    """Mean Euclidean distance between two rows of `means` (C, D), over all pairs of classes that have samples.

    NaN with fewer than two such classes.

    >>> import numpy as np
    >>> from utils.evaluation.metrics import inter_class_distance
    >>> inter_class_distance(np.array([[0., 0], [3, 4]]))
    5.0
    """
    means = means[~np.isnan(means).any(axis=1)]
    if len(means) < 2:
        return float('nan')
    distances = [np.linalg.norm(means[i + 1:] - means[i], axis=1) for i in range(len(means) - 1)]
    return float(np.concatenate(distances).mean())


def collapsed_pairs(features, labels, means):
    """Pairs of classes [(a, b), ...], a < b, whose means are no farther apart than the larger of their two spreads.

    A spread is the mean distance of a class's features to their mean. So if all features are the same, every pair has
    collapsed. Arguments as in `intra_class_distance`.

    >>> import numpy as np
    >>> from utils.evaluation.metrics import class_means, collapsed_pairs
    >>> features, labels = np.array([[0., 0], [4, 0], [1, 0], [5, 0], [9, 9]]), np.array([0, 0, 1, 1, 2])
    >>> collapsed_pairs(features, labels, class_means(features, labels, num_classes=3))
    [(0, 1)]
    """
    distances = np.linalg.norm(features - means[labels], axis=1)
    counts = np.bincount(labels, minlength=len(means))
    spreads = np.bincount(labels, distances, minlength=len(means)) / np.maximum(counts, 1)
    present = np.flatnonzero(counts)
    pairs = []
    for i, a in enumerate(present):
        others = present[i + 1:]
        close = np.linalg.norm(means[others] - means[a], axis=1) <= np.maximum(spreads[others], spreads[a])
        pairs.extend((int(a), int(b)) for b in others[close])
    return pairs


def polar(means):
    """(radii, angles) of the rows of `means` (C, 2), angles in degrees from 0 to 360; NaN rows stay NaN.

    >>> import numpy as np
    >>> from utils.evaluation.metrics import polar
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
    >>> from utils.evaluation.metrics import ring_score
    >>> ring_score(np.array([[1., 0], [0, 1], [-1, 0], [0, -1]]))
    {'radius_cv': 0.0, 'smallest_gap': 90.0}
    """
    radii, angles = (values[~np.isnan(values)] for values in polar(means))
    angles = np.sort(angles)
    gaps = np.diff(angles, append=angles[0] + 360)
    return {'radius_cv': float(radii.std() / radii.mean()) if radii.any() else None, 'smallest_gap': float(gaps.min())}
