"""The maths of classes and centres, as functions of `F` (`mxnet.nd` or `mxnet.sym`), so that one text runs both ways.

B = batch, D = feature size, C = number of classes.
"""
from __future__ import annotations

from types import ModuleType

from .arrays import Array


def squared_distances(F: ModuleType, features: Array, centers: Array) -> Array:
    """||x_i - c_i||^2 for each row.

    features, centers: (B, D). Returns (B,).

    Takes the difference first: the expansion ||x||^2 + ||c||^2 - 2xc loses its digits when x is close to c, which is
    where center loss drives it.

    >>> from center_loss.functional import squared_distances
    >>> from mxnet import nd
    >>> squared_distances(nd, nd.array([[3, 4], [1, 1]]), nd.array([[0, 0], [1, 3]])).asnumpy().tolist()
    [25.0, 4.0]
    """
    return F.sum(F.square(features - centers), axis=1)


# Up to this many classes a one-hot sum, B * C, is the cheaper way to count a batch; beyond it, comparing labels, B * B.
ONE_HOT_CLASSES = 1024


def class_counts(F: ModuleType, labels: Array, num_classes: int, dtype: str = 'float32') -> Array:
    """n_y of each sample: how many samples of its class are in the batch.

    labels: (B,), see `class_index`. Returns (B,) of `dtype`, at least 1. Stays in the graph. (`F.histogram` would cost
    O(B + C), but has no gradient, not even zero, and backward() refuses a graph that holds it.)

    >>> from center_loss.functional import class_counts
    >>> from mxnet import nd
    >>> class_counts(nd, nd.array([2, 0, 2], dtype='int32'), num_classes=3).asnumpy().tolist()
    [2.0, 1.0, 2.0]
    """
    if num_classes <= ONE_HOT_CLASSES:
        counts = F.take(F.sum(F.one_hot(labels, num_classes), axis=0), labels)
    else:
        same = F.broadcast_equal(F.expand_dims(labels, axis=0), F.expand_dims(labels, axis=1))
        counts = F.sum(F.cast(same, dtype='float32'), axis=1)
    # At least 1: a label of no class counts nowhere and must not divide by zero.
    return F.cast(F.maximum(counts, 1), dtype=dtype)


def class_index(F: ModuleType, labels: Array, num_classes: int) -> tuple[Array, Array]:
    """(index, valid), both (B,): the class that each of `labels` (B,) stands for, and whether it stands for one.

    labels: of any type. valid: 1 where the label is an integer in 0..num_classes-1, else 0. index: int32; where the
    label is no class, it is outside the range. A cast alone would truncate 1.5, make -0.5 class 0 and wrap 2**32 + 3
    to 3.

    >>> from center_loss.functional import class_index
    >>> from mxnet import nd
    >>> index, valid = class_index(nd, nd.array([0, 2, 1.5, 3]), num_classes=3)
    >>> index[:2].asnumpy().tolist(), valid.asnumpy().tolist()
    ([0, 2], [1.0, 1.0, 0.0, 0.0])
    """
    # float32 holds the number of each class, and AMP has no graphs of float64. (Beyond that many classes, clip still
    # rounds the last number to float32, and a label just above it counts as it.)
    labels = F.cast(labels, dtype='float32' if num_classes <= 1 << 24 else 'float64')
    valid = F.clip(F.floor(labels), 0, num_classes - 1) == labels  # never so for NaN
    return F.cast(labels / valid, dtype='int32'), valid  # infinity becomes the largest or the smallest of the integers


def nan_where_invalid(F: ModuleType, loss: Array, valid: Array) -> Array:
    """`loss` (B,), with NaN for each sample whose `valid` (B,) is 0.

    A look-up clips the label of such a sample to another class. NaN makes the mistake visible wherever the loss is
    read. No gradient passes through it.

    >>> from center_loss.functional import nan_where_invalid
    >>> from mxnet import nd
    >>> nan_where_invalid(nd, nd.array([5, 6]), nd.array([1, 0])).asnumpy().tolist()
    [5.0, nan]
    """
    return F.where(valid, loss, F.ones_like(loss) * float('nan'))


def integer_index(F: ModuleType, labels: Array) -> tuple[Array, Array]:
    """(index, all_integers): `labels` (B,) of any type as (B,) int32, and whether they all were integers of 32 bits.

    all_integers: (1,) float32, 1 or 0.

    >>> from center_loss.functional import integer_index
    >>> from mxnet import nd
    >>> index, all_integers = integer_index(nd, nd.array([7, -1]))
    >>> index.asnumpy().tolist(), all_integers.asnumpy().tolist()
    ([7, -1], [1.0])
    >>> integer_index(nd, nd.array([7, 0.5]))[1].asnumpy().tolist()
    [0.0]
    """
    index = F.cast(labels, dtype='int32')
    return index, F.min(F.cast(index, dtype='float32') == F.cast(labels, dtype='float32'))


def nan_unless(F: ModuleType, loss: Array, condition: Array) -> Array:
    """`loss` (B,) if `condition` (1,) is 1; if it is 0, NaN in place of all of it, without a gradient.

    >>> from center_loss.functional import nan_unless
    >>> from mxnet import nd
    >>> nan_unless(nd, nd.array([5, 6]), nd.array([0])).asnumpy().tolist()
    [nan, nan]
    """
    return F.where(F.broadcast_mul(F.ones_like(loss), condition), loss, F.ones_like(loss) * float('nan'))


def scale_gradient(F: ModuleType, array: Array, factor: Array) -> Array:
    """`array` (B, D), unchanged to the bit; the gradient of each row is multiplied by its `factor` (B, 1).

    >>> from center_loss.functional import scale_gradient
    >>> from mxnet import autograd, nd
    >>> array = nd.array([[1, 2]])
    >>> array.attach_grad()
    >>> with autograd.record():
    ...     scaled = scale_gradient(nd, array, nd.array([[10]]))
    >>> scaled.backward()
    >>> scaled.asnumpy().tolist(), array.grad.asnumpy().tolist()
    ([[1.0, 2.0]], [[10.0, 10.0]])
    """
    constant = F.stop_gradient(array)
    return constant + F.broadcast_mul(array - constant, factor)


def weighted(F: ModuleType, loss: Array, sample_weight: Array | None) -> Array:
    """`loss` (B,) times `sample_weight`, (B,) or (1,); unchanged if that is None.

    >>> from center_loss.functional import weighted
    >>> from mxnet import nd
    >>> weighted(nd, nd.array([5, 6]), nd.array([0.5])).asnumpy().tolist()
    [2.5, 3.0]
    """
    return loss if sample_weight is None else F.broadcast_mul(loss, sample_weight)


def center_loss(F: ModuleType, features: Array, labels: Array, valid: Array, centers: Array, num_classes: int,
                lmbd: float, balance: bool, dtype: str = 'float32', sample_weight: Array | None = None) -> Array:
    """lmbd/2 * ||x - c_y||^2 of each sample, over n_y if `balance` (Wen et al., ECCV 2016, eq. 2).

    features, centers: (B, D) of `dtype`; row i of centers is the centre of sample i's class. labels, valid: (B,), see
    `class_index`. Returns (B,).

    >>> from center_loss.functional import center_loss, class_index
    >>> from mxnet import nd
    >>> features, (labels, valid) = nd.array([[3, 4], [0, 2]]), class_index(nd, nd.array([1, 1]), 2)
    >>> center_loss(nd, features, labels, valid, nd.zeros((2, 2)), 2, lmbd=1.0, balance=True).asnumpy().tolist()
    [6.25, 1.0]
    """
    loss = 0.5 * lmbd * squared_distances(F, features, centers)
    if balance:
        loss = loss / class_counts(F, labels, num_classes, dtype)
    return nan_where_invalid(F, weighted(F, loss, sample_weight), valid)


def paper_center_update(F: ModuleType, features: Array, labels: Array, valid: Array, centers: Array, num_classes: int,
                        dtype: str = 'float32') -> Array:
    """0 for each sample (B,), whose gradient moves centres by the paper's rule (eq. 4), whatever lambda and B are.

    Once the trainer has divided by B, a centre's gradient is sum(c - x) / (1 + n) over the n samples of its class.
    Arguments as in `center_loss`.

    >>> from center_loss.functional import class_index, paper_center_update
    >>> from mxnet import autograd, nd
    >>> features, (labels, valid) = nd.array([[3, 6]]), class_index(nd, nd.array([0]), 2)
    >>> centers = nd.zeros((1, 2))
    >>> centers.attach_grad()
    >>> with autograd.record():
    ...     update = paper_center_update(nd, features, labels, valid, centers, num_classes=2)
    >>> update.backward()
    >>> update.asnumpy().tolist(), centers.grad.asnumpy().tolist()
    ([0.0], [[-1.5, -3.0]])
    """
    batch_size = F.sum(F.ones_like(F.cast(labels, dtype=dtype)))
    factor = F.broadcast_div(batch_size, 1 + class_counts(F, labels, num_classes, dtype))
    pull = 0.5 * factor * squared_distances(F, F.stop_gradient(features), centers)
    pull = nan_where_invalid(F, pull, valid)
    return pull - F.stop_gradient(pull)
