"""Right and wrong answers, in plain numpy. N = samples, D = feature size, C = classes."""
import numpy as np

from . import neighbors

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
