"""Right and wrong answers, in plain numpy. N = samples, D = feature size, C = classes."""
import numpy as np

from . import neighbors

_CHUNK_ELEMENTS = 1 << 22  # of the N-by-C score matrix held at once: 32 MB of float64


def accuracy(labels, predictions):
    """Share of samples that are predicted right, in [0, 1]; best is 1. labels, predictions: (N,).

    >>> import numpy as np
    >>> from utils.evaluation.metrics import accuracy
    >>> accuracy(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    0.75
    """
    return float((labels == predictions).mean())


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
    if len(features) * len(centers) >= neighbors.WORTH:
        return np.concatenate([
            found[:, 0] for _, found in neighbors.neighbor_chunks(features, centers, 1, 'euclidean')])
    origin = centers.mean(axis=0, dtype=np.float64)
    centers = centers - origin
    offsets = (centers ** 2).sum(axis=1) / 2
    rows = max(1, _CHUNK_ELEMENTS // len(centers))
    nearest = np.empty(len(features), np.int64)
    for start in range(0, len(features), rows):
        chunk = features[start:start + rows] - origin
        nearest[start:start + rows] = np.argmin(offsets - chunk @ centers.T, axis=1)
    return nearest
