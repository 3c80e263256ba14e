"""Center loss through the whole batch-by-class distance matrix."""
from __future__ import annotations

from types import ModuleType

from .arrays import Array
from .base import TableCenterLoss
from .functional import class_index, nan_where_invalid, scale_gradient, weighted

_SMALLEST, _LARGEST = 1e-12, 1e12  # what the published version clamps to


class DenseCenterLoss(TableCenterLoss):
    r"""Center loss as the best-known PyTorch version computes it: all B x C distances, then a mask.

    .. math:: L_i = \lambda \sum_j clamp(1[j = y_i] ||x_i - c_j||^2, 10^{-12}, 10^{12})

    It differs from `CenterLoss(balance=False)` in three ways. There is no 1/2. The distances are expanded,
    ||x||^2 + ||c||^2 - 2xc: that loses digits where x is close to c, and a result outside the clamp has no gradient.
    Lambda does not reach the centres: the published training script divides it out of their gradient.
    Costs O(B * C * D).

    Parameters, inputs, outputs and errors are those of `CenterLoss`, without `balance`, `sparse_grad` and
    `center_update`.

    Source: github.com/KaiyangZhou/pytorch-center-loss.

    >>> from center_loss import DenseCenterLoss
    >>> from mxnet import nd
    >>> loss = DenseCenterLoss(num_classes=2, feature_size=2, weight_initializer='zeros')
    >>> loss.initialize()
    >>> loss(nd.array([[3, 4], [0, 2]]), nd.array([0, 1])).asnumpy().tolist()
    [25.0, 4.0]
    """

    def hybrid_forward(self, F: ModuleType, features: Array, labels: Array,
                       sample_weight: Array | None = None, *, center_table: Array) -> Array:
        dtype = self._dtype
        lmbd = weighted(F, self._weight * F.ones_like(F.cast(labels, dtype=dtype)), sample_weight)
        labels, valid = class_index(F, labels, self._num_classes)
        features = scale_gradient(F, F.cast(features, dtype=dtype), F.expand_dims(lmbd, axis=1))
        squares = F.broadcast_add(F.sum(F.square(features), axis=1, keepdims=True),
                                  F.expand_dims(F.sum(F.square(center_table), axis=1), axis=0))
        distances = squares - 2 * F.dot(features, center_table, transpose_b=True)
        masked = distances * F.one_hot(labels, self._num_classes, dtype=dtype)
        loss = F.sum(F.clip(masked, _SMALLEST, _LARGEST), axis=1)
        # Worth lambda * loss; lambda reaches the features through their scaled gradient, and nothing else.
        loss = F.stop_gradient(lmbd * loss) + (loss - F.stop_gradient(loss))
        return nan_where_invalid(F, loss, valid)
