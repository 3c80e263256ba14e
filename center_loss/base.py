"""What every loss checks of a call, and what every loss over class centres adds to that."""
from __future__ import annotations

from typing import Any

import numpy as np
from mxnet.gluon import Parameter
from mxnet.gluon.loss import Loss
from mxnet.ndarray import NDArray

from .arrays import Array, CenterType, InitializerLike
from .checks import check_dtype, check_labels, check_number, check_settings, check_size, setting_names
from .watch import CenterWatch, trainer_line


def dtype_name(param: Parameter) -> str:
    """The dtype of a Parameter as a string, as symbols need it; `Block.cast` may have made it a type."""
    return np.dtype(param.dtype).name


class FeatureLoss(Loss):
    """Base of all losses; called as `loss(features, labels)` or `loss(features, labels, sample_weight)`.

    Shapes are checked on every call: an NDArray knows its shape without waiting for the device. The values of labels
    have to be read, and the host would wait for the device at every step. So they are read on every call while the
    block is not hybridized, and only on the first call after `hybridize()`. On later calls the graph gives a label that
    is no integer in the range a NaN loss (see `functional.class_index`). Inside a hybridized parent block the graph
    alone has the arrays: there the NaN is the only sign.

    A subclass keeps each setting `x` of its constructor as `_x`, writes `_check_labels`, and raises ValueError for
    settings out of range. A keyword that is no setting raises TypeError.
    """

    can_hybridize = True  # if not, labels are read on the first call alone
    _feature_size: int | None = None  # None: any

    def __init__(self, lmbd: float, **kwargs: Any) -> None:
        check_settings(type(self), kwargs, self._hint)
        check_number('lmbd', lmbd)
        super().__init__(weight=lmbd, batch_axis=0, **kwargs)
        self._labels_checked = False

    @property
    def _lmbd(self) -> float:
        return self._weight

    @staticmethod
    def _hint(name: str, value: Any) -> str:
        """What to add to the error of a keyword `name`, which is no setting, with `value`."""
        return ''

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        self._labels_checked = False
        super().hybridize(active, **kwargs)

    def forward(self, features: Array, labels: Array, *sample_weight: Array) -> Array:
        if isinstance(features, NDArray) and isinstance(labels, NDArray):
            self._check(features, labels)
        return super().forward(features, labels, *sample_weight)

    def _check(self, features: NDArray, labels: NDArray) -> None:
        """Raise ValueError for shapes or, when they are read, labels that do not fit."""
        size = self._feature_size
        if features.ndim != 2 or size not in (None, features.shape[1]):
            raise ValueError(f'features: expected shape (B, {size or "D"}), got {features.shape}')
        if not features.shape[0]:
            raise ValueError(f'features: expected at least one sample, got an empty batch, {features.shape}')
        if labels.shape != features.shape[:1]:
            raise ValueError(f'labels: expected shape ({features.shape[0]},) to match features {features.shape}, '
                             f'got {labels.shape}')
        if not self._labels_checked or (self.can_hybridize and not self._active):
            self._check_labels(labels.astype('float64').asnumpy())
            self._labels_checked = True

    def _check_labels(self, labels: np.ndarray) -> None:
        """Raise ValueError for a wrong value in `labels`, (B,) float64. Called whenever labels are read."""
        raise NotImplementedError(f'{type(self).__name__} does not say which labels it takes')

    def __repr__(self) -> str:
        settings = (f'{name}={getattr(self, "_" + name)!r}' for name in setting_names(type(self)))
        return f'{type(self).__name__}({", ".join(settings)})'


class ClassCenterLoss(FeatureLoss):
    """Base of the losses that keep centres or proxies for each class.

    Warns once if no Trainer has them and nothing moves them (see `CenterWatch`). A subclass says in `_table` where they
    are.
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float, **kwargs: Any) -> None:
        check_size('num_classes', num_classes)
        check_size('feature_size', feature_size)
        super().__init__(lmbd, **kwargs)
        self._num_classes = num_classes
        self._feature_size = feature_size
        self._watch = CenterWatch()

    @staticmethod
    def _hint(name: str, value: Any) -> str:
        return f"; alpha is the rate of the centres' trainer: {trainer_line(value)}" if name == 'alpha' else ''

    @property
    def _table(self) -> Parameter:
        """The Parameter that holds the centres."""
        raise NotImplementedError(f'{type(self).__name__} does not say where its centres are')

    @property
    def _dtype(self) -> str:
        return dtype_name(self._table)

    @property
    def centers(self) -> NDArray:
        """The (C, D) array of class centres."""
        return self._table.list_data()[0]  # data() asks for the current context, which may hold none

    def cast(self, dtype: Any) -> None:
        """Cast the centres to float32 or float64; do nothing for any other type.

        Half precision would lose the small steps by which centres move. Features of any type are cast to that of the
        centres.
        """
        if np.dtype(dtype).name in ('float32', 'float64'):
            super().cast(dtype)

    def _check(self, features: NDArray, labels: NDArray) -> None:
        super()._check(features, labels)
        self._watch.count_call(self, self._table, labels)

    def _check_labels(self, labels: np.ndarray) -> None:
        check_labels(labels, 0, self._num_classes - 1)


class TableCenterLoss(ClassCenterLoss):
    """Base of the losses whose centres are a bare Parameter of the block, `center_table` (C, D)."""

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, dtype: CenterType = 'float32',
                 weight_initializer: InitializerLike = None, **kwargs: Any) -> None:
        super().__init__(num_classes, feature_size, lmbd, **kwargs)
        check_dtype(dtype)
        self._weight_initializer = weight_initializer
        with self.name_scope():
            self.center_table = self.params.get('center_table', shape=(num_classes, feature_size), dtype=dtype,
                                                init=weight_initializer)

    @property
    def _table(self) -> Parameter:
        return self.center_table
