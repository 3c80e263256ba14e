"""Center loss with a backward pass written by hand."""
from __future__ import annotations

from typing import Any

from mxnet import autograd, nd

from .base import TableCenterLoss
from .checks import warn
from .functional import class_counts, class_index, nan_where_invalid, squared_distances


class FunctionCenterLoss(TableCenterLoss):
    r"""Center loss whose gradients are stated, not derived: an `autograd.Function`.

    .. math:: L_i = \frac{\lambda}{2} ||x_i - c_{y_i}||^2, \quad
              \frac{\partial L}{\partial x_i} = \lambda (x_i - c_{y_i}), \quad
              \Delta c_j = \frac{\sum_{i: y_i = j} (c_j - x_i)}{1 + n_j}

    The gradient of the centres is not that of the loss: lambda, sample weights and any other factor of the loss do not
    reach it. The trainer's 1/B does, unlike in `CenterLoss(center_update='paper')`.

    Parameters, inputs, outputs and errors are those of `CenterLoss`, without `balance`, `sparse_grad` and
    `center_update`. Features may also have more than two dimensions, (B, ...), if they flatten to (B, D).
    An `autograd.Function` takes NDArrays only: symbols raise TypeError, and `hybridize()` warns that it does nothing.
    The values of labels are checked on the first call only; on later calls a wrong label has a NaN loss.

    Source: github.com/jxgu1016/MNIST_center_loss_pytorch.

    >>> from center_loss import FunctionCenterLoss
    >>> from mxnet import nd
    >>> loss = FunctionCenterLoss(num_classes=2, feature_size=2, weight_initializer='zeros')
    >>> loss.initialize()
    >>> loss(nd.array([[3, 4], [0, 2]]), nd.array([0, 1])).asnumpy().tolist()
    [12.5, 2.0]
    """

    can_hybridize = False

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        if active:
            warn('FunctionCenterLoss: hybridize() does nothing, as a hand-written backward runs on NDArrays alone; '
                 'CenterLoss can be hybridized')

    def forward(self, features: nd.NDArray, labels: nd.NDArray, *sample_weight: nd.NDArray) -> nd.NDArray:
        if not isinstance(features, nd.NDArray):
            raise TypeError('features: expected an NDArray (a hand-written backward runs on nothing else), '
                            f'got {type(features).__name__}')
        if features.size:  # reshaping nothing would end the process
            features = features.reshape((features.shape[0], -1))
        self._check(features, labels)
        labels, valid = class_index(nd, labels, self._num_classes)
        centers, features = self.center_table.data(features.ctx), features.astype(self._dtype)
        if self.center_table.grad_req == 'null':  # only the features' gradient is left, and that is the plain one
            distances = 0.5 * squared_distances(nd, features, nd.take(centers, labels))
        else:
            distances = _HalfSquaredDistance(labels, self._num_classes)(centers, features)
        loss = self._weight * distances
        for weight in sample_weight:
            loss = nd.broadcast_mul(loss, weight)
        return nan_where_invalid(nd, loss, valid)


class _HalfSquaredDistance(autograd.Function):
    """||x - c||^2 / 2 of each sample, with the gradients that `FunctionCenterLoss` states."""

    def __init__(self, labels: nd.NDArray, num_classes: int) -> None:
        super().__init__()
        self._labels = labels
        self._num_classes = num_classes

    # MXNet loses the gradients that come after an input that needs none. So centres, which here always need one, are
    # first, and features, which may be fixed, second.
    def forward(self, centers: nd.NDArray, features: nd.NDArray) -> nd.NDArray:
        own = nd.take(centers, self._labels)
        self.save_for_backward(features, own)
        return 0.5 * squared_distances(nd, features, own)

    def backward(self, head: nd.NDArray) -> tuple[nd.NDArray, nd.NDArray]:
        features, own = self.saved_tensors
        difference = own - features
        dtype = difference.dtype
        counts = class_counts(nd, self._labels, self._num_classes, dtype)
        steps = nd.broadcast_div(difference, nd.expand_dims(1 + counts, axis=1))
        # one_hot gives a label of no class a row of zeros: it moves no centre.
        to_centers = nd.dot(nd.one_hot(self._labels, self._num_classes, dtype=dtype), steps, transpose_a=True)
        return to_centers, -nd.broadcast_mul(difference, nd.expand_dims(head, axis=1))
