"""What every loss checks of a call, and what every loss over class centres adds to that."""
import numpy as np
from mxnet.gluon.loss import Loss
from mxnet.ndarray import NDArray

from .checks import check_dtype, check_labels, check_number, check_settings, check_size, setting_names
from .watch import CenterWatch, trainer_line


def dtype_name(param):
    """The dtype of a Parameter as a string, which symbols need too; `Block.cast` may have left a type there."""
    return np.dtype(param.dtype).name


class FeatureLoss(Loss):
    """Base of all losses; called as `loss(features, labels)`, and optionally a weight.

    Shapes are checked on every call, from what NDArray knows without waiting. Label values need the data: reading them
    would make the host wait for the device at every step. So they are read on every call while the block is not
    hybridized, and on the first call after `hybridize()`; in the hot path that follows, the graph itself answers a
    label that is no integer in the range with a NaN loss (see `functional.class_index`). Inside a hybridized parent
    block only the graph sees the arrays: nothing but the NaN is left.

    A subclass keeps each setting `x` of its constructor as `_x`.
    """

    can_hybridize = True  # if not, labels are read on the first call alone
    _feature_size = None  # any

    def __init__(self, lmbd, **kwargs):
        check_settings(type(self), kwargs, self._hint)
        check_number('lmbd', lmbd)
        super().__init__(weight=lmbd, batch_axis=0, **kwargs)
        self._labels_checked = False

    @property
    def _lmbd(self):
        return self._weight

    @staticmethod
    def _hint(name, value):
        """What to say to someone who set `name`, which is no setting, to `value`."""
        return ''

    def hybridize(self, active=True, **kwargs):
        self._labels_checked = False
        super().hybridize(active, **kwargs)

    def forward(self, features, labels, *sample_weight):
        if isinstance(features, NDArray) and isinstance(labels, NDArray):
            self._check(features, labels)
        return super().forward(features, labels, *sample_weight)

    def _check(self, features, labels):
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

    def _check_labels(self, labels):
        """Look at the values of `labels`, numpy (B,) float64, when they are read."""
        raise NotImplementedError(f'{type(self).__name__} does not say which labels it takes')

    def __repr__(self):
        settings = (f'{name}={getattr(self, "_" + name)!r}' for name in setting_names(type(self)))
        return f'{type(self).__name__}({", ".join(settings)})'


class ClassCenterLoss(FeatureLoss):
    """Base of the losses that keep one centre a class.

    If nothing moves the centres and no Trainer has them, a warning says so once (see `CenterWatch`).
    """

    def __init__(self, num_classes, feature_size, lmbd, **kwargs):
        check_size('num_classes', num_classes)
        check_size('feature_size', feature_size)
        super().__init__(lmbd, **kwargs)
        self._num_classes = num_classes
        self._feature_size = feature_size
        self._watch = CenterWatch()

    @staticmethod
    def _hint(name, value):
        return f"; alpha is the rate of the centres' trainer: {trainer_line(value)}" if name == 'alpha' else ''

    @property
    def _table(self):
        """The Parameter that holds the centres."""
        raise NotImplementedError(f'{type(self).__name__} does not say where its centres are')

    @property
    def _dtype(self):
        return dtype_name(self._table)

    @property
    def centers(self):
        """The (C, D) array of class centres."""
        return self._table.list_data()[0]  # data() asks for the current context, which may hold none

    def cast(self, dtype):
        """Cast the centres to float32 or float64; any other type leaves them: features of any type meet them in theirs.

        Half precision would lose the small steps by which centres move.
        """
        if np.dtype(dtype).name in ('float32', 'float64'):
            super().cast(dtype)

    def _check(self, features, labels):
        super()._check(features, labels)
        self._watch.see_call(self, self._table, labels)

    def _check_labels(self, labels):
        check_labels(labels, 0, self._num_classes - 1)


class TableCenterLoss(ClassCenterLoss):
    """Base of the losses whose centres are a bare Parameter of the block, `center_table` (C, D)."""

    def __init__(self, num_classes, feature_size, lmbd=1.0, dtype='float32', weight_initializer=None, **kwargs):
        super().__init__(num_classes, feature_size, lmbd, **kwargs)
        check_dtype(dtype)
        self._weight_initializer = weight_initializer
        with self.name_scope():
            self.center_table = self.params.get('center_table', shape=(num_classes, feature_size), dtype=dtype,
                                                init=weight_initializer)

    @property
    def _table(self):
        return self.center_table
