"""Center loss with its centres in the block's ParameterDict: what the Embedding replaces."""
from __future__ import annotations

from types import ModuleType
from typing import Any

from .arrays import Array, CenterType, InitializerLike
from .base import TableCenterLoss
from .functional import center_loss, class_index


class ParameterCenterLoss(TableCenterLoss):
    """The same loss as `CenterLoss`, bit for bit; the centres are a bare Parameter, which is read with `take`.

    Parameters, inputs, outputs and errors are those of `CenterLoss`, with two differences. There is no `center_update`.
    `sparse_grad=True` raises ValueError, because the gradient of `take` is dense.

    >>> from center_loss import ParameterCenterLoss
    >>> from mxnet import nd
    >>> loss = ParameterCenterLoss(num_classes=2, feature_size=2, weight_initializer='zeros')
    >>> loss.initialize()
    >>> loss(nd.array([[3, 4], [0, 2]]), nd.array([0, 1])).asnumpy().tolist()
    [12.5, 2.0]
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, balance: bool = True,
                 sparse_grad: bool = False, dtype: CenterType = 'float32', weight_initializer: InitializerLike = None,
                 **kwargs: Any) -> None:
        if sparse_grad:
            raise ValueError('sparse_grad: expected False (the gradient of take is dense; that of CenterLoss can be '
                             f'sparse), got {sparse_grad!r}')
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        self._balance = balance
        self._sparse_grad = False

    def hybrid_forward(self, F: ModuleType, features: Array, labels: Array,
                       sample_weight: Array | None = None, *, center_table: Array) -> Array:
        labels, valid = class_index(F, labels, self._num_classes)
        return center_loss(F, F.cast(features, dtype=self._dtype), labels, valid, F.take(center_table, labels),
                           self._num_classes, self._weight, self._balance, self._dtype, sample_weight)
