"""SoftTriple: several learned centres a class, as many as the data needs."""
from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from mxnet.ndarray import NDArray

from .arrays import Array, CenterType, InitializerLike
from .checks import check_number, check_size
from .cosine import cosines, cross_entropy, distances_within, l2_normalize
from .metric_base import ProxyLoss


class SoftTripleLoss(ProxyLoss):
    r"""SoftTriple: softmax over the classes, each by the soft maximum of the cosines to its K centres.

    .. math:: S_{ic} = \sum_k \frac{\exp(\cos(x_i, w_{ck}) / \gamma)}{\sum_l \exp(\cos(x_i, w_{cl}) / \gamma)}
              \cos(x_i, w_{ck})
    .. math:: L_i = -\log \frac{\exp(s (S_{iy} - \delta))}{\exp(s (S_{iy} - \delta)) + \sum_{j \ne y} \exp(s S_{ij})}
              + \frac{\tau}{C K (K - 1)} \sum_c \sum_{t < u} ||w_{ct} - w_{cu}||

    with w of length 1. The last term, R, draws the centres of a class together. It is the same for each sample, so the
    mean over the batch has it once. With K = 1 there is no R.

    Parameters, inputs, outputs and errors are those of `NormalizedSoftmaxLoss`, except:

    centers_per_class : int, default 10
        K, at least 1.
    scale : float, default 20.0
        s (the paper's lambda); no unit, above 0.
    gamma : float, default 0.1
        Temperature of the soft maximum: it divides cosines. Above 0.
    tau : float, default 0.2
        Weight of R; at least 0.
    delta : float, default 0.01
        Margin, a cosine; at least 0.

    `proxies` are (C * K, D), class after class. A sample_weight multiplies R too.

    Source: Qian et al., "SoftTriple Loss: Deep Metric Learning Without Triplet Sampling", ICCV 2019, and its
    defaults; it trains the centres by Adam at 100 times the rate of the network.

    Class 0 has two directions, and the feature has the second; those of class 1 have merged. So R is nearly all of the
    loss, 0.2 / 4 times a distance of sqrt(2):

    >>> from center_loss import SoftTripleLoss
    >>> from mxnet import nd
    >>> loss = SoftTripleLoss(num_classes=2, feature_size=2, centers_per_class=2)
    >>> loss.initialize()
    >>> loss.proxies.set_data(nd.array([[1, 0], [0, 1], [-1, 0], [-1, 0]]))
    >>> round(loss(nd.array([[0, 1]]), nd.array([0])).asscalar().item(), 3)
    0.071
    >>> loss.groups(threshold=0.1).tolist()
    [[0, 1], [0, 0]]
    >>> loss.centers_left(threshold=0.1).tolist()
    [2, 1]
    >>> loss.merged(threshold=0.1)[1].tolist()
    [[-1.0, 0.0]]
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, centers_per_class: int = 10,
                 scale: float = 20.0, gamma: float = 0.1, tau: float = 0.2, delta: float = 0.01,
                 dtype: CenterType = 'float32', weight_initializer: InitializerLike = None, **kwargs: Any) -> None:
        check_size('centers_per_class', centers_per_class)
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, centers_per_class, **kwargs)
        check_number('scale', scale, above_zero=True)
        check_number('gamma', gamma, above_zero=True)
        check_number('tau', tau)
        check_number('delta', delta)
        self._centers_per_class = centers_per_class
        self._scale = scale
        self._gamma = gamma
        self._tau = tau
        self._delta = delta

    @property
    def centers(self) -> NDArray:
        """The (C, K, D) array of class centres, not normalized."""
        return super().centers.reshape((self._num_classes, self._centers_per_class, self._feature_size))

    def _losses(self, F: ModuleType, features: Array, labels: Array, proxies: Array) -> Array:
        to_centers = F.reshape(cosines(F, features, proxies), shape=(0, self._num_classes, self._centers_per_class))
        shares = F.softmax(to_centers / self._gamma, axis=2)
        to_classes = F.sum(shares * to_centers, axis=2)
        logits = self._scale * (to_classes - self._delta * self._own_class(F, labels))
        return F.broadcast_add(cross_entropy(F, logits, labels), self._regularizer(F, proxies))

    def _regularizer(self, F: ModuleType, proxies: Array) -> Array:
        """R, (1,). Of all distances, only the C blocks of K x K are computed."""
        blocks = F.reshape(l2_normalize(F, proxies), shape=(-4, self._num_classes, self._centers_per_class, 0))
        k = self._centers_per_class
        pairs = self._num_classes * k * max(1, k - 1)  # each twice: (t, u) and (u, t)
        return self._tau / (2 * pairs) * F.sum(distances_within(F, blocks))

    def groups(self, threshold: float) -> np.ndarray:
        """The group of each centre: (C, K) ints, the number (0..K-1) of the first centre in the same group.

        threshold: Euclidean distance between unit vectors. Two centres of a class are in one group if they are closer
        than it, or linked by a chain of such pairs.
        """
        check_number('threshold', threshold)
        units = self._units()
        linked = np.sqrt(np.maximum(2 - 2 * units @ units.transpose(0, 2, 1), 0)) < threshold
        linked |= np.eye(self._centers_per_class, dtype=bool)
        for _ in range(self._centers_per_class.bit_length()):  # each round doubles the length of chains followed
            linked = linked @ linked
        return linked.argmax(axis=2)

    def centers_left(self, threshold: float) -> np.ndarray:
        """How many groups the centres of each class form, (C,) ints; see `groups`."""
        return (self.groups(threshold) == np.arange(self._centers_per_class)).sum(axis=1)

    def merged(self, threshold: float) -> list[np.ndarray]:
        """The mean of each group, at length 1: for each class an array (centers_left, D); see `groups`."""
        merged = []
        for units, groups in zip(self._units(), self.groups(threshold)):
            means = np.stack([units[groups == group].mean(axis=0) for group in np.unique(groups)])
            merged.append(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12))
        return merged

    def _units(self) -> np.ndarray:
        centers = self.centers.asnumpy().astype(np.float64)
        return centers / np.maximum(np.linalg.norm(centers, axis=2, keepdims=True), 1e-12)
