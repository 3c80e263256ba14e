"""The maths of directions, for the metric-learning losses, as functions of `F` (`mxnet.nd` or `mxnet.sym`).

B = batch, D = feature size, C = number of classes.
"""
from __future__ import annotations

from types import ModuleType

from .arrays import Array

# What is left of 1 - 1 in float32 may reach some 3e-7, and its root 5e-4. So squares up to this count as 0.
_ROUNDING = 1e-6


def safe_sqrt(F: ModuleType, squares: Array) -> Array:
    """sqrt of differences of numbers about 1: a root below 1e-3 counts as 0 and has gradient 0, not an infinite one.

    >>> from center_loss.cosine import safe_sqrt
    >>> from mxnet import nd
    >>> safe_sqrt(nd, nd.array([4, 1e-7, -1e-7])).asnumpy().tolist()
    [2.0, 0.0, 0.0]
    """
    positive = squares > _ROUNDING
    return positive * F.sqrt(F.where(positive, squares, F.ones_like(squares)))


def l2_normalize(F: ModuleType, array: Array) -> Array:
    """The rows of `array` (B, D) at length 1. A row shorter than 1e-12 has no direction: it is 0, and its gradient too.

    >>> from center_loss.cosine import l2_normalize
    >>> from mxnet import nd
    >>> l2_normalize(nd, nd.array([[0, 5], [0, 0]])).asnumpy().tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    squares = F.sum(F.square(array), axis=1, keepdims=True)
    positive = squares > 1e-24
    return F.broadcast_mul(array, positive / F.sqrt(F.where(positive, squares, F.ones_like(squares))))


def distances_within(F: ModuleType, points: Array) -> Array:
    """Euclidean distances between the M rows of each block of `points` (N, M, D), of length 1 or 0. Returns (N, M, M).

    The expansion ||x||^2 + ||y||^2 - 2xy needs no array (N, M, M, D), but leaves only rounding where x is close to y:
    distances below 1e-3 are 0. (float64 would not help: under AMP MXNet has no graphs of it.)

    >>> from center_loss.cosine import distances_within
    >>> from mxnet import nd
    >>> distances_within(nd, nd.array([[[1, 0], [-1, 0]]])).asnumpy().tolist()
    [[[0.0, 2.0], [2.0, 0.0]]]
    """
    squares = F.sum(F.square(points), axis=2)
    sums = F.broadcast_add(F.expand_dims(squares, axis=1), F.expand_dims(squares, axis=2))
    return safe_sqrt(F, sums - 2 * F.batch_dot(points, points, transpose_b=True))


def cosines(F: ModuleType, features: Array, centers: Array) -> Array:
    """(B, M) cosines of the angles between rows of `features` (B, D) and of `centers` (M, D).

    >>> from center_loss.cosine import cosines
    >>> from mxnet import nd
    >>> cosines(nd, nd.array([[0, 2]]), nd.array([[0, 5], [3, 0], [0, -1]])).asnumpy().tolist()
    [[1.0, 0.0, -1.0]]
    """
    return F.dot(l2_normalize(F, features), l2_normalize(F, centers), transpose_b=True)


def cross_entropy(F: ModuleType, logits: Array, labels: Array) -> Array:
    """-log softmax of each sample's own class. logits: (B, C). labels: (B,) integers. Returns (B,).

    >>> from center_loss.cosine import cross_entropy
    >>> from mxnet import nd
    >>> round(cross_entropy(nd, nd.array([[0, 0]]), nd.array([1])).asscalar().item(), 3)
    0.693
    """
    return -F.pick(F.log_softmax(logits, axis=1), labels, axis=1)


def mean_of_active(F: ModuleType, losses: Array) -> Array:
    """The row sums of `losses` (B, M) times one factor, such that their mean is the mean of all elements above 0.

    Returns (B,), all 0 where no element is above 0.

    >>> from center_loss.cosine import mean_of_active
    >>> from mxnet import nd
    >>> mean_of_active(nd, nd.array([[0, 2], [1, 3]])).mean().asscalar().item()
    2.0
    """
    active = F.sum(F.sum(losses > 0, axis=1))
    rows = F.sum(losses, axis=1)
    size = F.sum(F.ones_like(rows))
    return F.broadcast_mul(rows, size / F.maximum(active, 1))
