"""What the metric-learning losses share. They compare directions: every one normalizes the features inside."""
import mxnet as mx
import numpy as np

from .base import ClassCenterLoss, FeatureLoss
from .checks import check_dtype, check_labels, warn
from .functional import class_index, l2_normalize, nan_where_invalid, nan_without, weighted, whole_index


class PairLoss(FeatureLoss):
    """Base of the losses over pairs and triplets within the batch; they have no parameters.

    Whatever the features' dtype, the loss is computed and returned in float32. As it belongs to the whole batch, one
    label that is no integer of 32 bits makes all of it NaN, without a gradient. A batch in which there is nothing to
    compare has loss 0. Its size tells, or its labels when they are read: then a warning says so, once a block.

    A subclass writes `_losses`, `_can_learn`, and what that takes: `_needs`, in words, and `_fewest`, in samples.
    """

    def __init__(self, lmbd=1.0, **kwargs):
        super().__init__(lmbd, **kwargs)
        self._nothing_to_learn = self._warned = False

    def _check(self, features, labels):
        super()._check(features, labels)
        size = features.shape[0]
        if (self._nothing_to_learn or size < self._fewest) and not self._warned:
            self._warned = True
            warn(f'{type(self).__name__}: expected {self._needs} in a batch, got {size} without; its loss is 0, and '
                 'nothing learns from it')

    def _check_labels(self, labels):
        limits = np.iinfo(np.int32)
        check_labels(labels, limits.min, limits.max)
        self._nothing_to_learn = not self._can_learn(np.unique(labels, return_counts=True)[1])

    def _can_learn(self, sizes):
        """Whether anything can be compared in a batch whose classes have so many samples, numpy ints."""
        raise NotImplementedError(f'{type(self).__name__} does not say what it compares')

    def hybrid_forward(self, F, features, labels, sample_weight=None):
        features = l2_normalize(F, F.cast(features, dtype='float32'))
        labels, whole = whole_index(F, labels)
        return nan_without(F, weighted(F, self._weight * self._losses(F, features, labels), sample_weight), whole)

    def _losses(self, F, features, labels):
        """(B,) float32, from float32 features (B, D) of length 1 and int32 labels (B,)."""
        raise NotImplementedError(f'{type(self).__name__} does not say what it computes')


class ProxyLoss(ClassCenterLoss):
    """Base of the losses over learned directions, `per_class` of them for each class: `proxies` (C * per_class, D).

    Only their direction counts, but a step turns a long proxy less than a short one, so they start at length about 1
    (normal, standard deviation D^-1/2) unless `weight_initializer` says otherwise. What is checked, and when, is what
    `FeatureLoss` says. A subclass writes `_losses`.
    """

    def __init__(self, num_classes, feature_size, lmbd=1.0, dtype='float32', weight_initializer=None, per_class=1, /,
                 **kwargs):
        super().__init__(num_classes, feature_size, lmbd, **kwargs)
        check_dtype(dtype)
        self._weight_initializer = weight_initializer
        with self.name_scope():
            self.proxies = self.params.get('proxies', shape=(num_classes * per_class, feature_size), dtype=dtype,
                                           init=weight_initializer or mx.init.Normal(feature_size ** -0.5))

    @property
    def _table(self):
        return self.proxies

    def hybrid_forward(self, F, features, labels, sample_weight=None, proxies=None):
        labels, valid = class_index(F, labels, self._num_classes)
        losses = self._losses(F, F.cast(features, dtype=self._dtype), labels, proxies)
        return nan_where_invalid(F, weighted(F, self._weight * losses, sample_weight), valid)

    def _losses(self, F, features, labels, proxies):
        """(B,) from features (B, D), labels (B,), see `class_index`, and proxies, not normalized yet."""
        raise NotImplementedError(f'{type(self).__name__} does not say what it computes')

    def _own_class(self, F, labels):
        """(B, C): 1 at each sample's own class, 0 elsewhere."""
        return F.one_hot(labels, self._num_classes, dtype=self._dtype)
