"""Contrastive loss over all pairs of the batch."""
from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from .arrays import Array
from .checks import check_number
from .cosine import distances_within, mean_of_active
from .metric_base import PairLoss
from .miners import negative_pairs, positive_pairs


class ContrastiveLoss(PairLoss):
    r"""Contrastive loss: pulls pairs of a class together, pushes pairs of two classes apart, up to a margin each.

    .. math:: L = \frac{1}{|P|} \sum_{(i, j) \in P} (d_{ij} - m_p) + \frac{1}{|N|} \sum_{(i, j) \in N} (m_n - d_{ij})

    where d is the Euclidean distance, not squared, between features of length 1, P are the pairs of one class with
    d > m_p, and N those of two classes with d < m_n.

    Parameters
    ----------
    pos_margin : float, default 0.0
        m_p, a distance in 0..2.
    neg_margin : float, default 1.0
        m_n, a distance in 0..2.
    lmbd : float, default 1.0
        Weight of this loss.

    Inputs:
        - **features**: (B, D), any float dtype.
        - **labels**: (B,), any integer or float dtype holding integers.
        - **sample_weight**: optional, (B,) or (1,): multiplies the loss.

    Outputs:
        - **loss**: (B,) float32: its mean is L, and sample i has the pairs that begin at it. All NaN if a label is no
          integer (see `PairLoss`).

    Raises ValueError for settings, ranks, shapes or labels that do not fit, saying what was expected and what came.
    Warns once of a batch of one sample, in which there is no pair.

    Source: Hadsell, Chopra, LeCun, "Dimensionality Reduction by Learning an Invariant Mapping", CVPR 2006, who square
    both terms; here without squares and averaged over what is active, as in pytorch-metric-learning.

    Two samples of one class at distance 2, and a third of another class on top of the first:

    >>> from center_loss import ContrastiveLoss
    >>> from mxnet import nd
    >>> loss = ContrastiveLoss()
    >>> losses = loss(nd.array([[1, 0], [-1, 0], [1, 0]]), nd.array([0, 0, 1]))
    >>> round(losses.mean().asscalar().item(), 3)
    3.0
    """

    def __init__(self, pos_margin: float = 0.0, neg_margin: float = 1.0, lmbd: float = 1.0, **kwargs: Any) -> None:
        super().__init__(lmbd, **kwargs)
        check_number('pos_margin', pos_margin)
        check_number('neg_margin', neg_margin)
        self._pos_margin = pos_margin
        self._neg_margin = neg_margin

    _requirement, _min_samples = 'at least two samples', 2

    def _can_learn(self, sizes: np.ndarray) -> bool:
        return sizes.sum() >= self._min_samples

    def _losses(self, F: ModuleType, features: Array, labels: Array) -> Array:
        distances = F.reshape(distances_within(F, F.expand_dims(features, axis=0)), shape=(-3, 0))  # (B, B)
        pull = F.relu(distances - self._pos_margin) * positive_pairs(F, labels)
        push = F.relu(self._neg_margin - distances) * negative_pairs(F, labels)
        return mean_of_active(F, pull) + mean_of_active(F, push)
