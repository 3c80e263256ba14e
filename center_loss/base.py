"""What every loss over class centres checks."""
import math
import numbers

import numpy as np
from mxnet.gluon.loss import Loss
from mxnet.ndarray import NDArray


def check_size(name, value):
    """Raise ValueError unless `value` is an integer of at least 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f'{name}: expected an integer of at least 1, got {value!r}')


def check_labels(labels, num_classes):
    """Raise ValueError unless every element of the numpy array `labels` is an integer in 0..num_classes-1."""
    bad = np.flatnonzero(~((labels >= 0) & (labels < num_classes) & (labels == np.floor(labels))))
    if bad.size:
        raise ValueError(f'labels: expected integers in 0..{num_classes - 1}, '
                         f'got {labels[bad[0]]} at position {bad[0]}')


def check_dtype(dtype):
    """Raise ValueError unless centres can be of `dtype`."""
    if dtype not in ('float32', 'float64'):
        raise ValueError(f"dtype: expected 'float32' or 'float64', got {dtype!r}")


def dtype_name(param):
    """The dtype of a Parameter as a string, which symbols need too; `Block.cast` may have left a type there."""
    return np.dtype(param.dtype).name


class ClassCenterLoss(Loss):
    """Base of the losses that keep one centre a class; called as `loss(features, labels)`, and optionally a weight.

    Shapes are checked on every call, from what NDArray knows without waiting. Label values need the data: reading them
    would make the host wait for the device at every step. So they are read on every call while the block is not
    hybridized, and on the first call after `hybridize()`; in the hot path that follows, the graph itself answers a
    label outside the range with a NaN loss (see `functional.nan_where_invalid`). Inside a hybridized parent block only
    the graph sees the arrays: nothing but the NaN is left.
    """

    def __init__(self, num_classes, feature_size, lmbd, **kwargs):
        check_size('num_classes', num_classes)
        check_size('feature_size', feature_size)
        if not (isinstance(lmbd, numbers.Real) and math.isfinite(lmbd) and lmbd >= 0):
            raise ValueError(f'lmbd: expected a finite number of at least 0, got {lmbd!r}')
        super().__init__(weight=lmbd, batch_axis=0, **kwargs)
        self._num_classes = num_classes
        self._feature_size = feature_size
        self._labels_checked = False

    @property
    def centers(self):
        """The (C, D) array of class centres."""
        raise NotImplementedError(f'{type(self).__name__} does not say where its centres are')

    def hybridize(self, active=True, **kwargs):
        self._labels_checked = False
        super().hybridize(active, **kwargs)

    def cast(self, dtype):
        """Cast the centres to float32 or float64; any other type leaves them: features of any type meet them in theirs.

        Half precision would lose the small steps by which centres move.
        """
        if np.dtype(dtype).name in ('float32', 'float64'):
            super().cast(dtype)

    def forward(self, features, labels, *sample_weight):
        if isinstance(features, NDArray) and isinstance(labels, NDArray):
            self._check(features, labels)
        return super().forward(features, labels, *sample_weight)

    def _check(self, features, labels):
        if features.ndim != 2 or features.shape[1] != self._feature_size:
            raise ValueError(f'features: expected shape (B, {self._feature_size}), got {features.shape}')
        if labels.shape != features.shape[:1]:
            raise ValueError(f'labels: expected shape ({features.shape[0]},) to match features {features.shape}, '
                             f'got {labels.shape}')
        if not (self._active and self._labels_checked):
            check_labels(labels.astype('float64').asnumpy(), self._num_classes)
            self._labels_checked = True

    def __repr__(self):
        return (f'{type(self).__name__}(num_classes={self._num_classes}, feature_size={self._feature_size}, '
                f'lmbd={self._weight})')


class TableCenterLoss(ClassCenterLoss):
    """Base of the losses whose centres are a bare Parameter of the block, `center_table` (C, D)."""

    def __init__(self, num_classes, feature_size, lmbd=1.0, dtype='float32', weight_initializer=None, **kwargs):
        super().__init__(num_classes, feature_size, lmbd, **kwargs)
        check_dtype(dtype)
        with self.name_scope():
            self.center_table = self.params.get('center_table', shape=(num_classes, feature_size), dtype=dtype,
                                                init=weight_initializer)

    @property
    def centers(self):
        return self.center_table.list_data()[0]
