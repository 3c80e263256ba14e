"""SoftTriple: several learned centres a class, as many as the data needs."""
import numpy as np

from .checks import check_number, check_size
from .functional import cosines, cross_entropy, distances_within, l2_normalize
from .metric_base import ProxyLoss


class SoftTripleLoss(ProxyLoss):
    r"""SoftTriple: softmax over each class's soft maximum of the cosines to its K centres, which are drawn together.

    .. math:: S_{ic} = \sum_k \frac{\exp(\cos(x_i, w_{ck}) / \gamma)}{\sum_l \exp(\cos(x_i, w_{cl}) / \gamma)}
              \cos(x_i, w_{ck})
    .. math:: L_i = -\log \frac{\exp(s (S_{iy} - \delta))}{\exp(s (S_{iy} - \delta)) + \sum_{j \ne y} \exp(s S_{ij})}
              + \frac{\tau}{C K (K - 1)} \sum_c \sum_{t < u} ||w_{ct} - w_{cu}||

    with w of length 1. The last term, R, is the same for each sample, so the mean over the batch has it once. There is
    none with K = 1.

    Parameters, inputs, outputs and errors are those of `NormalizedSoftmaxLoss`, but for:

    centers_per_class : int, default 10
        K, at least 1.
    scale : float, default 20.0
        s (the paper's lambda); no unit, above 0.
    gamma : float, default 0.1
        Temperature of the soft maximum; a cosine, above 0. It divides.
    tau : float, default 0.2
        Weight of R; at least 0.
    delta : float, default 0.01
        Margin, a cosine; at least 0.

    `proxies` are (C * K, D), class after class. A sample_weight multiplies R too.

    Source: Qian et al., "SoftTriple Loss: Deep Metric Learning Without Triplet Sampling", ICCV 2019, and its
    defaults; it trains the centres by Adam at 100 times the rate of the network.
    """

    def __init__(self, num_classes, feature_size, lmbd=1.0, centers_per_class=10, scale=20.0, gamma=0.1, tau=0.2,
                 delta=0.01, dtype='float32', weight_initializer=None, **kwargs):
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
    def centers(self):
        """The (C, K, D) array of class centres, not normalized."""
        return super().centers.reshape((self._num_classes, self._centers_per_class, self._feature_size))

    def _losses(self, F, features, labels, proxies):
        to_centers = F.reshape(cosines(F, features, proxies), shape=(0, self._num_classes, self._centers_per_class))
        shares = F.softmax(to_centers / self._gamma, axis=2)
        to_classes = F.sum(shares * to_centers, axis=2)
        logits = self._scale * (to_classes - self._delta * self._own_class(F, labels))
        return F.broadcast_add(cross_entropy(F, logits, labels), self._regularizer(F, proxies))

    def _regularizer(self, F, proxies):
        """R, (1,). Only the C blocks of K x K distances are computed."""
        blocks = F.reshape(l2_normalize(F, proxies), shape=(-4, self._num_classes, self._centers_per_class, 0))
        k = self._centers_per_class
        pairs = self._num_classes * k * max(1, k - 1)  # each twice: (t, u) and (u, t)
        return self._tau / (2 * pairs) * F.sum(distances_within(F, blocks))

    def groups(self, threshold):
        """Which centres of a class are one: (C, K) ints, the number (0..K-1) of the first centre of each one's group.

        threshold: Euclidean distance between unit vectors. Two centres closer than it are of one group, and so are two
        that are linked by a chain of such pairs.
        """
        check_number('threshold', threshold)
        units = self._units()
        linked = np.sqrt(np.maximum(2 - 2 * units @ units.transpose(0, 2, 1), 0)) < threshold
        linked |= np.eye(self._centers_per_class, dtype=bool)
        for _ in range(self._centers_per_class.bit_length()):  # each round doubles the length of chains followed
            linked = linked @ linked
        return linked.argmax(axis=2)

    def centers_left(self, threshold):
        """(C,) ints: how many centres of each class remain when those closer than `threshold` are merged."""
        return (self.groups(threshold) == np.arange(self._centers_per_class)).sum(axis=1)

    def merged(self, threshold):
        """The centres that remain: C arrays (centers_left, D) in a list, rows of length 1, each the mean of a group."""
        merged = []
        for units, groups in zip(self._units(), self.groups(threshold)):
            means = np.stack([units[groups == group].mean(axis=0) for group in np.unique(groups)])
            merged.append(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12))
        return merged

    def _units(self):
        centers = self.centers.asnumpy().astype(np.float64)
        return centers / np.maximum(np.linalg.norm(centers, axis=2, keepdims=True), 1e-12)
