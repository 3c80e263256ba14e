"""Triplet loss with its miners."""
from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from mxnet.ndarray import NDArray

from . import miners
from .arrays import Array
from .checks import check_number
from .cosine import distances_within, mean_of_active, safe_sqrt
from .metric_base import PairLoss

# Miner -> the function (F, violations (B, B, B), labels (B,), margin) that masks the triplets (anchor, positive,
# negative) to learn from; None for those that need no array of B^3. violations: d_ap - d_an + margin.
MINERS = {
    'batch_all': lambda F, violations, labels, margin: miners.batch_all(F, labels),
    'batch_hard': None,
    'semi_hard': miners.semi_hard,
    'given': None,
}


class TripletLoss(PairLoss):
    r"""Triplet loss: a sample must be nearer to those of its class than to any other, by a margin.

    .. math:: L = \frac{1}{|A|} \sum_{(a, p, n) \in A} (d_{ap} - d_{an} + m)

    where d is the Euclidean distance, not squared, between features of length 1. A is the set of the miner's triplets
    that are active: d_ap - d_an + m > 0.

    Parameters
    ----------
    miner : {'batch_all', 'batch_hard', 'semi_hard', 'given'}, default 'batch_all'
        'batch_all': every valid triplet of the batch. 'batch_hard': for each anchor, its farthest positive and its
        nearest negative. 'semi_hard': those with d_ap < d_an < d_ap + m. 'given': the batch is three equal parts
        stacked, [anchors; positives; negatives], as `miners.offline_triplets` finds them.
    margin : float, default 0.2
        m, a distance in 0..2.
    lmbd : float, default 1.0
        Weight of this loss.

    Inputs:
        - **features**: (B, D), any float dtype.
        - **labels**: (B,), any integer or float dtype holding integers.
        - **sample_weight**: optional, (B,) or (1,): multiplies the loss of an anchor.

    Outputs:
        - **loss**: (B,) float32: its mean is L, and element i comes from the triplets whose anchor is sample i. With
          'given', NaN for a triplet whose labels contradict it. All NaN if a label is no integer (see `PairLoss`).

    Raises ValueError for settings, ranks, shapes or labels that do not fit, saying what was expected and what came.
    Warns once of a batch in which there is no valid triplet.

    'batch_all' and 'semi_hard' take O(B^3) memory: 8 MB an array at 128 samples, 0.5 GB at 512.

    Sources: Schroff et al., "FaceNet", CVPR 2015 (squared distances, margin 0.2; semi-hard); Hermans et al., "In
    Defense of the Triplet Loss", 2017 (batch-all, averaged over what is active; batch-hard).

    Two samples of one class at distance 2, and a third of another class on top of the first:

    >>> from center_loss import TripletLoss
    >>> from mxnet import nd
    >>> loss = TripletLoss(margin=0.2)
    >>> losses = loss(nd.array([[1, 0], [-1, 0], [1, 0]]), nd.array([0, 0, 1]))
    >>> [round(value, 3) for value in losses.asnumpy().tolist()]
    [3.3, 0.3, 0.0]
    >>> round(losses.mean().asscalar().item(), 3)
    1.2
    """

    def __init__(self, miner: str = 'batch_all', margin: float = 0.2, lmbd: float = 1.0, **kwargs: Any) -> None:
        super().__init__(lmbd, **kwargs)
        if miner not in MINERS:
            raise ValueError(f'miner: expected one of {", ".join(MINERS)}, got {miner!r}')
        check_number('margin', margin)
        self._miner = miner
        self._margin = margin

    def _check(self, features: NDArray, labels: NDArray) -> None:
        super()._check(features, labels)
        if self._miner == 'given' and len(features) % 3:
            raise ValueError('features: expected anchors, positives and negatives, a multiple of 3 rows, '
                             f'got {len(features)}')

    _requirement, _min_samples = 'two samples of one class and one of another', 3

    def _can_learn(self, sizes: np.ndarray) -> bool:
        return self._miner == 'given' or (len(sizes) > 1 and sizes.max() > 1)

    def _losses(self, F: ModuleType, features: Array, labels: Array) -> Array:
        if self._miner == 'given':
            return self._of_given(F, features, labels)
        distances = F.reshape(distances_within(F, F.expand_dims(features, axis=0)), shape=(-3, 0))  # (B, B)
        if self._miner == 'batch_hard':
            positives, negatives, valid = miners.batch_hard(F, distances, labels)
            violations = F.pick(distances, positives, axis=1) - F.pick(distances, negatives, axis=1) + self._margin
            return mean_of_active(F, F.expand_dims(F.relu(violations) * valid, axis=1))
        violations = F.broadcast_sub(F.expand_dims(distances, axis=2), F.expand_dims(distances, axis=1)) + self._margin
        mask = MINERS[self._miner](F, violations, labels, self._margin)
        return mean_of_active(F, F.reshape(F.relu(violations) * mask, shape=(0, -1)))

    def _of_given(self, F: ModuleType, features: Array, labels: Array) -> Array:
        anchor, positive, negative = F.split(features, num_outputs=3, axis=0)
        d_ap, d_an = (safe_sqrt(F, F.sum(F.square(anchor - other), axis=1)) for other in (positive, negative))
        losses = F.relu(d_ap - d_an + self._margin)
        own, same, other = F.split(labels, num_outputs=3, axis=0)
        losses = F.where((own == same) * (own != other), losses, F.ones_like(losses) * float('nan'))
        losses = 3 * mean_of_active(F, F.expand_dims(losses, axis=1))  # 3: two thirds of the (B,) are 0
        return F.concat(losses, F.zeros_like(losses), F.zeros_like(losses), dim=0)

    def statistics(self, features: NDArray | np.ndarray, labels: NDArray | np.ndarray) -> dict[str, float]:
        """What shows that features have collapsed: then `d_an` is near 0.

        features: (N, D). labels: (N,). All valid triplets count, whatever the miner. Returns `active_triplets`, the
        share of triplets with d_ap - d_an + margin > 0, and `d_ap` and `d_an`, the mean distances between two samples
        of one class and of two classes. NaN where there is no such triplet or pair.

        >>> import numpy as np
        >>> from center_loss import TripletLoss
        >>> features, labels = np.array([[1, 0], [-1, 0], [1, 0]]), np.array([0, 0, 1])
        >>> TripletLoss(margin=0.2).statistics(features, labels)
        {'active_triplets': 1.0, 'd_ap': 2.0, 'd_an': 1.0}
        """
        features, labels = (array.asnumpy() if isinstance(array, NDArray) else np.asarray(array)
                            for array in (features, labels))
        active, triplets = 0, 0
        sums, counts = np.zeros(2), np.zeros(2)
        features = features.astype(np.float64)
        features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        for i in range(len(features)):
            distances = np.linalg.norm(features - features[i], axis=1)
            same = labels == labels[i]
            negatives = np.sort(distances[~same])
            same[i] = False
            positives = distances[same]
            active += np.searchsorted(negatives, positives + self._margin).sum()
            triplets += len(positives) * len(negatives)
            sums += positives.sum(), negatives.sum()
            counts += len(positives), len(negatives)
        d_ap, d_an = np.divide(sums, counts, out=np.full(2, np.nan), where=counts > 0)
        return {'active_triplets': float(active / triplets) if triplets else float('nan'), 'd_ap': float(d_ap),
                'd_an': float(d_an)}
