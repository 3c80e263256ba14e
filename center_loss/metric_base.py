"""What the metric-learning losses share. They compare directions: every one normalizes the features inside."""
from __future__ import annotations

from types import ModuleType
from typing import Any

import mxnet as mx
import numpy as np
from mxnet.gluon import Parameter
from mxnet.ndarray import NDArray

from .arrays import Array, CenterType, InitializerLike
from .base import ClassCenterLoss, FeatureLoss
from .checks import check_dtype, check_labels, warn
from .cosine import l2_normalize
from .functional import class_index, integer_index, nan_unless, nan_where_invalid, weighted


class PairLoss(FeatureLoss):
    """Base of the losses over pairs and triplets within the batch; they have no parameters.

    The loss is computed and returned in float32, whatever the dtype of the features. It belongs to the whole batch. So
    one label that is no integer of 32 bits makes all of it NaN, without a gradient. A batch in which there is nothing
    to compare has loss 0. The first such batch that is noticed, by its size or by labels that are read, brings a
    warning.

    A subclass writes `_losses` and `_can_learn`, and says what the latter takes: `_requirement`, in words, and
    `_min_samples`.
    """

    _requirement: str
    _min_samples: int

    def __init__(self, lmbd: float = 1.0, **kwargs: Any) -> None:
        super().__init__(lmbd, **kwargs)
        self._nothing_to_learn = self._warned = False

    def _check(self, features: NDArray, labels: NDArray) -> None:
        super()._check(features, labels)
        size = features.shape[0]
        if (self._nothing_to_learn or size < self._min_samples) and not self._warned:
            self._warned = True
            warn(f'{type(self).__name__}: expected {self._requirement} in a batch, got {size} without; '
                 'its loss is 0, and nothing learns from it')

    def _check_labels(self, labels: np.ndarray) -> None:
        limits = np.iinfo(np.int32)
        check_labels(labels, limits.min, limits.max)
        self._nothing_to_learn = not self._can_learn(np.unique(labels, return_counts=True)[1])

    def _can_learn(self, sizes: np.ndarray) -> bool:
        """Whether anything can be compared in a batch. sizes: how many samples each of its classes has, ints."""
        raise NotImplementedError(f'{type(self).__name__} does not say what it compares')

    def hybrid_forward(self, F: ModuleType, features: Array, labels: Array,
                       sample_weight: Array | None = None) -> Array:
        features = l2_normalize(F, F.cast(features, dtype='float32'))
        labels, all_integers = integer_index(F, labels)
        losses = weighted(F, self._weight * self._losses(F, features, labels), sample_weight)
        return nan_unless(F, losses, all_integers)

    def _losses(self, F: ModuleType, features: Array, labels: Array) -> Array:
        """(B,) float32, from float32 features (B, D) of length 1 and int32 labels (B,)."""
        raise NotImplementedError(f'{type(self).__name__} does not say what it computes')


class ProxyLoss(ClassCenterLoss):
    """Base of the losses over learned directions, `per_class` of them for each class: `proxies` (C * per_class, D).

    Only their direction counts, but a step turns a long proxy less than a short one. So they start at length about 1
    (normal, standard deviation D^-1/2) unless `weight_initializer` says otherwise. `FeatureLoss` says what is checked,
    and when. A subclass writes `_losses`.
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, dtype: CenterType = 'float32',
                 weight_initializer: InitializerLike = None, per_class: int = 1, /, **kwargs: Any) -> None:
        super().__init__(num_classes, feature_size, lmbd, **kwargs)
        check_dtype(dtype)
        self._weight_initializer = weight_initializer
        with self.name_scope():
            self.proxies = self.params.get('proxies', shape=(num_classes * per_class, feature_size), dtype=dtype,
                                           init=weight_initializer or mx.init.Normal(feature_size ** -0.5))

    @property
    def _table(self) -> Parameter:
        return self.proxies

    def hybrid_forward(self, F: ModuleType, features: Array, labels: Array,
                       sample_weight: Array | None = None, *, proxies: Array) -> Array:
        labels, valid = class_index(F, labels, self._num_classes)
        losses = self._losses(F, F.cast(features, dtype=self._dtype), labels, proxies)
        return nan_where_invalid(F, weighted(F, self._weight * losses, sample_weight), valid)

    def _losses(self, F: ModuleType, features: Array, labels: Array, proxies: Array) -> Array:
        """(B,) from features (B, D), labels (B,), see `class_index`, and proxies, not normalized yet."""
        raise NotImplementedError(f'{type(self).__name__} does not say what it computes')

    def _own_class(self, F: ModuleType, labels: Array) -> Array:
        """(B, C): 1 at each sample's own class, 0 elsewhere."""
        return F.one_hot(labels, self._num_classes, dtype=self._dtype)
