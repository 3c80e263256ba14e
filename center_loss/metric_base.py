"""What the metric-learning losses share. They compare directions: every one normalizes the features inside."""
import math
import numbers

import mxnet as mx
from mxnet.gluon.loss import Loss
from mxnet.ndarray import NDArray

from .base import ClassCenterLoss, check_dtype, dtype_name
from .functional import l2_normalize, nan_where_invalid, weighted


def check_number(name, value, above_zero=False):
    """Raise ValueError unless `value` is a finite number of at least 0, or above 0 if so asked."""
    if not (isinstance(value, numbers.Real) and math.isfinite(value) and (value > 0 if above_zero else value >= 0)):
        expected = 'above 0' if above_zero else 'of at least 0'
        raise ValueError(f'{name}: expected a finite number {expected}, got {value!r}')


class PairLoss(Loss):
    """Base of the losses over pairs and triplets within the batch; they have no parameters.

    Whatever the features' dtype, the loss is computed and returned in float32. A subclass writes `_losses`.
    """

    def __init__(self, lmbd=1.0, **kwargs):
        check_number('lmbd', lmbd)
        super().__init__(weight=lmbd, batch_axis=0, **kwargs)

    def forward(self, features, labels, *sample_weight):
        if isinstance(features, NDArray) and isinstance(labels, NDArray):
            self._check(features, labels)
        return super().forward(features, labels, *sample_weight)

    def _check(self, features, labels):
        if features.ndim != 2:
            raise ValueError(f'features: expected shape (B, D), got {features.shape}')
        if labels.shape != features.shape[:1]:
            raise ValueError(f'labels: expected shape ({features.shape[0]},) to match features {features.shape}, '
                             f'got {labels.shape}')

    def hybrid_forward(self, F, features, labels, sample_weight=None):
        features = l2_normalize(F, F.cast(features, dtype='float32'))
        losses = self._losses(F, features, F.cast(labels, dtype='int32'))
        return weighted(F, self._weight * losses, sample_weight)

    def _losses(self, F, features, labels):
        """(B,) float32, from float32 features (B, D) of length 1 and int32 labels (B,)."""
        raise NotImplementedError(f'{type(self).__name__} does not say what it computes')


class ProxyLoss(ClassCenterLoss):
    """Base of the losses over learned directions, `per_class` of them for each class: `proxies` (C * per_class, D).

    Only their direction counts, but a step turns a long proxy less than a short one, so they start at length about 1
    (normal, standard deviation D^-1/2) unless `weight_initializer` says otherwise. What is checked, and when, is what
    `ClassCenterLoss` says. A subclass writes `_losses`.
    """

    def __init__(self, num_classes, feature_size, lmbd=1.0, dtype='float32', weight_initializer=None, per_class=1,
                 **kwargs):
        super().__init__(num_classes, feature_size, lmbd, **kwargs)
        check_dtype(dtype)
        with self.name_scope():
            self.proxies = self.params.get('proxies', shape=(num_classes * per_class, feature_size), dtype=dtype,
                                           init=weight_initializer or mx.init.Normal(feature_size ** -0.5))

    @property
    def centers(self):
        return self.proxies.list_data()[0]

    def hybrid_forward(self, F, features, labels, sample_weight=None, proxies=None):
        labels = F.cast(labels, dtype='int32')
        losses = self._losses(F, F.cast(features, dtype=dtype_name(self.proxies)), labels, proxies)
        return nan_where_invalid(F, weighted(F, self._weight * losses, sample_weight), labels, self._num_classes)

    def _losses(self, F, features, labels, proxies):
        """(B,) from features (B, D), int32 labels (B,) and proxies, none of them normalized yet."""
        raise NotImplementedError(f'{type(self).__name__} does not say what it computes')

    def _own_class(self, F, labels):
        """(B, C): 1 at each sample's own class, 0 elsewhere."""
        return F.one_hot(labels, self._num_classes, dtype=dtype_name(self.proxies))
