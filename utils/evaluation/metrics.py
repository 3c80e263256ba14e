"""Metrics in plain numpy. N = samples, D = feature size, C = classes."""
import numpy as np

_CHUNK_ELEMENTS = 1 << 22  # of the N-by-C score matrix held at once: 32 MB of float64


def confusion_matrix(labels, predictions, num_classes):
    """(C, C) counts: row = true class, column = predicted class. labels, predictions: (N,) integers in 0..C-1."""
    cells = np.bincount(labels * num_classes + predictions, minlength=num_classes ** 2)
    return cells.reshape(num_classes, num_classes)


def accuracy(labels, predictions):
    """Share of samples that are predicted right, in [0, 1]; best is 1. labels, predictions: (N,)."""
    return float((labels == predictions).mean())


def per_class_accuracy(confusion):
    """(C,) share of each true class that is predicted right (its recall); NaN for a class without samples."""
    totals = confusion.sum(axis=1)
    return np.divide(np.diag(confusion), totals, out=np.full(len(totals), np.nan), where=totals > 0)


def nearest_center(features, centers):
    """Index of the centre at the smallest Euclidean distance to each feature; of equal centres, the lowest.

    features: (N, D). centers: (C, D). Returns (N,) int64.

    One matrix product a chunk: argmin ||x - c||^2 = argmin (||c||^2 / 2 - x c). Moving the origin to the middle of the
    centres changes no distance and keeps the digits that far-off coordinates would cost.
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
    """(C, D) mean feature of each class in float64; NaN for a class without samples."""
    sums = np.zeros((num_classes, features.shape[1]))
    np.add.at(sums, labels, features)
    counts = np.bincount(labels, minlength=num_classes)[:, np.newaxis]
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


def intra_class_distance(features, labels, means):
    """Mean Euclidean distance of a feature to the mean of its class; smaller is more compact.

    features: (N, D). labels: (N,). means: (C, D), from `class_means`.
    """
    return float(np.linalg.norm(features - means[labels], axis=1).mean())


def inter_class_distance(means):
    """Mean Euclidean distance between two rows of `means` (C, D), over all pairs of classes that have samples.

    NaN with fewer than two such classes.
    """
    means = means[~np.isnan(means).any(axis=1)]
    if len(means) < 2:
        return float('nan')
    distances = [np.linalg.norm(means[i + 1:] - means[i], axis=1) for i in range(len(means) - 1)]
    return float(np.concatenate(distances).mean())


def collapsed_pairs(features, labels, means):
    """Pairs of classes [(a, b), ...], a < b, whose means are no farther apart than the larger of their own two spreads.

    So features that are all the same are all collapsed. A spread is the mean distance of a class's features to its
    mean. Arguments as in `intra_class_distance`.
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
    """(radii, angles) of the rows of `means` (C, 2), angles in degrees from 0 to 360; NaN rows stay NaN."""
    return np.hypot(*means.T), np.degrees(np.arctan2(means[:, 1], means[:, 0])) % 360


def ring_score(means):
    """How nearly class means (C, 2) form the paper's ring, as a dict.

    radius_cv: standard deviation of the radii over their mean; 0 is a perfect circle, None stands for no circle, all
    means in the origin. smallest_gap: the smallest angle between neighbours, in degrees; 360 / C is perfect. Classes
    without samples do not count.
    """
    radii, angles = (values[~np.isnan(values)] for values in polar(means))
    angles = np.sort(angles)
    gaps = np.diff(angles, append=angles[0] + 360)
    return {'radius_cv': float(radii.std() / radii.mean()) if radii.any() else None, 'smallest_gap': float(gaps.min())}
