"""Which triplets (anchor, positive, negative) a triplet loss learns from.

A valid triplet has three different samples, anchor and positive of one class, the negative of another. Functions that
take `F` are parts of a graph (see `functional.py`); `offline_triplets` is numpy. d_ap and d_an are the distances from
anchor to positive and to negative.
"""
from __future__ import annotations

from types import ModuleType

import numpy as np

from .arrays import Array

_CHUNK_ELEMENTS = 1 << 24  # of the anchors-by-samples distances held at once: 64 MB of float32
_FARTHER_THAN_ANY = 4.0  # unit vectors are at most 2 apart


def positive_pairs(F: ModuleType, labels: Array) -> Array:
    """(B, B) float32: 1 where row and column are two samples of one class. labels: (B,) integers.

    >>> from center_loss.miners import positive_pairs
    >>> from mxnet import nd
    >>> positive_pairs(nd, nd.array([0, 0, 1], dtype='int32')).asnumpy().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    index = F.contrib.arange_like(labels, axis=0)
    return _equal(F, labels) - _equal(F, index)


def negative_pairs(F: ModuleType, labels: Array) -> Array:
    """(B, B) float32: 1 where row and column are of different classes. labels: (B,) integers.

    >>> from center_loss.miners import negative_pairs
    >>> from mxnet import nd
    >>> negative_pairs(nd, nd.array([0, 0, 1], dtype='int32')).asnumpy().tolist()
    [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    return 1 - _equal(F, labels)


def _equal(F: ModuleType, values: Array) -> Array:
    return F.cast(F.broadcast_equal(F.expand_dims(values, axis=1), F.expand_dims(values, axis=0)), dtype='float32')


def batch_all(F: ModuleType, labels: Array) -> Array:
    """(B, B, B) float32 mask over (anchor, positive, negative): every valid triplet. labels: (B,) integers.

    >>> import numpy as np
    >>> from center_loss.miners import batch_all
    >>> from mxnet import nd
    >>> np.argwhere(batch_all(nd, nd.array([0, 0, 1], dtype='int32')).asnumpy()).tolist()
    [[0, 1, 2], [1, 0, 2]]
    """
    return F.broadcast_mul(F.expand_dims(positive_pairs(F, labels), axis=2),
                           F.expand_dims(negative_pairs(F, labels), axis=1))


def semi_hard(F: ModuleType, violations: Array, labels: Array, margin: float) -> Array:
    """As `batch_all`, but only those triplets for which d_ap < d_an < d_ap + margin.

    violations: (B, B, B), d_ap - d_an + margin.

    >>> import numpy as np
    >>> from center_loss.miners import semi_hard
    >>> from mxnet import nd
    >>> violations = nd.array([0.1, 0.3, 0.3]).reshape((3, 1, 1)).broadcast_to((3, 3, 3))  # by anchor
    >>> np.argwhere(semi_hard(nd, violations, nd.array([0, 0, 1], dtype='int32'), margin=0.2).asnumpy()).tolist()
    [[0, 1, 2]]
    """
    return batch_all(F, labels) * (violations > 0) * (violations < margin)


def batch_hard(F: ModuleType, distances: Array, labels: Array) -> tuple[Array, Array, Array]:
    """The farthest sample of each anchor's class and the nearest of another class: (positives, negatives, valid).

    distances: (B, B), at most 2. labels: (B,) integers. Returns three (B,) float32. The first two are indices; they
    mean something only where `valid` is 1, that is, where there are a positive and a negative.

    >>> from center_loss.miners import batch_hard
    >>> from mxnet import nd
    >>> distances = nd.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    >>> positives, negatives, valid = batch_hard(nd, distances, nd.array([0, 0, 1], dtype='int32'))
    >>> valid.asnumpy().tolist(), positives[:2].asnumpy().tolist(), negatives[:2].asnumpy().tolist()
    ([1.0, 1.0, 0.0], [1.0, 0.0], [2.0, 2.0])
    """
    distances = F.stop_gradient(distances)
    positive, negative = positive_pairs(F, labels), negative_pairs(F, labels)
    valid = F.max(positive, axis=1) * F.max(negative, axis=1)
    farthest = F.argmax((distances + 1) * positive, axis=1)  # + 1: a positive at distance 0 still beats what is masked
    nearest = F.argmin(distances + _FARTHER_THAN_ANY * (1 - negative), axis=1)
    return farthest, nearest, valid


def offline_triplets(features: np.ndarray, labels: np.ndarray, count: int, margin: float,
                     rng: np.random.Generator) -> np.ndarray:
    """Triplets that violate the margin, found in the features of a whole data set.

    features: (N, D), compared by direction. labels: (N,) integers. margin: Euclidean distance between unit vectors.
    Returns (T, 3) int64 rows (anchor, positive, negative). Rows `triplets.T.ravel()` of the data are a batch for
    `TripletLoss(miner='given')`.

    `count` pairs (anchor, positive) are drawn: the anchor uniformly from the samples that are not alone in their class,
    the positive uniformly from the others of that class. The negative is drawn uniformly from the semi-hard ones,
    d_ap < d_an < d_ap + margin. If there are none, it is the farthest that is not farther than the positive. If there
    is none of these either, the pair is left out. So T <= count; T = 0 if no sample has a positive and a negative.

    Takes 4ND bytes besides the features, and some 0.2 GB. Distances below 1e-3 are rough: they are expanded in float32.

    >>> import numpy as np
    >>> from center_loss import offline_triplets
    >>> features, labels = np.array([[1, 0], [-1, 0], [1, 0]]), np.array([0, 0, 1])
    >>> triplets = offline_triplets(features, labels, count=20, margin=0.2, rng=np.random.default_rng(0))
    >>> triplets.shape, np.unique(triplets, axis=0).tolist()
    ((20, 3), [[0, 1, 2], [1, 0, 2]])
    """
    features, labels = _unit_rows(features), np.asarray(labels)
    anchors, positives = _random_pairs(labels, count, rng)
    triplets = []
    rows = max(1, _CHUNK_ELEMENTS // max(1, len(features)))
    for start in range(0, len(anchors), rows):
        chunk = slice(start, start + rows)
        cosines = features[anchors[chunk]] @ features.T
        distances = np.sqrt(np.maximum(2 - 2 * cosines, 0, out=cosines), out=cosines)
        for anchor, positive, row in zip(anchors[chunk], positives[chunk], distances):
            negative = _draw_negative(row, row[positive], labels != labels[anchor], margin, rng)
            if negative is not None:
                triplets.append((anchor, positive, negative))
    return np.array(triplets, np.int64).reshape(-1, 3)


def _unit_rows(features: np.ndarray) -> np.ndarray:
    features = np.asarray(features, np.float32)
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def _random_pairs(labels: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """`count` anchors and as many positives, (count,) indices each; none if there is no valid triplet."""
    _, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    eligible = np.flatnonzero(sizes[classes] > 1)
    if len(sizes) < 2 or not len(eligible):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    by_class = np.argsort(classes, kind='stable')
    starts = np.cumsum(sizes) - sizes
    rank = np.empty(len(labels), np.int64)  # of a sample within its class
    rank[by_class] = np.arange(len(labels)) - np.repeat(starts, sizes)
    anchors = rng.choice(eligible, count)
    own = classes[anchors]
    steps = rng.integers(1, sizes[own])  # from the anchor onwards, around its class, but never back to itself
    return anchors, by_class[starts[own] + (rank[anchors] + steps) % sizes[own]]


def _draw_negative(distances: np.ndarray, d_ap: float, negative: np.ndarray, margin: float,
                   rng: np.random.Generator) -> np.int64 | None:
    """Index of a negative as `offline_triplets` says, or None. distances: (N,). negative: (N,) bools."""
    semi_hard = np.flatnonzero(negative & (distances > d_ap) & (distances < d_ap + margin))
    if len(semi_hard):
        return semi_hard[rng.integers(len(semi_hard))]
    hard = np.flatnonzero(negative & (distances <= d_ap))
    return hard[np.argmax(distances[hard])] if len(hard) else None
