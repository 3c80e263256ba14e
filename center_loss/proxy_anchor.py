"""Proxy-Anchor loss."""
from __future__ import annotations

from types import ModuleType
from typing import Any

from .arrays import Array, CenterType, InitializerLike
from .checks import check_number
from .cosine import cosines
from .metric_base import ProxyLoss

_MASKED = -1e30  # stands for -inf, whose differences would be NaN


class ProxyAnchorLoss(ProxyLoss):
    r"""Proxy-Anchor: the proxy of a class pulls the samples of its class and pushes all others, the hardest most.

    .. math:: L = \frac{1}{|P^+|} \sum_{p \in P^+} \log(1 + \sum_{x \in X_p^+} e^{-\alpha (\cos(x, p) - \delta)})
              + \frac{1}{C} \sum_p \log(1 + \sum_{x \in X_p^-} e^{\alpha (\cos(x, p) + \delta)})

    where P+ are the proxies of classes in the batch, X_p+ the batch's samples of class p and X_p- the others.

    Parameters, inputs and errors are those of `NormalizedSoftmaxLoss`, except:

    margin : float, default 0.1
        delta, a cosine; at least 0.
    alpha : float, default 32.0
        Scale; no unit, above 0.

    Outputs:
        - **loss**: (B,), each element is L, because L belongs to the batch and not to a sample. NaN where the label is
          no class: such a sample is left out of L.

    Source: Kim et al., "Proxy Anchor Loss for Deep Metric Learning", CVPR 2020, eq. 4 and its defaults.

    Each feature has the direction of its proxy, so L is log(1 + exp(margin - 1)) + log(1 + exp(margin)):

    >>> from center_loss import ProxyAnchorLoss
    >>> from mxnet import nd
    >>> loss = ProxyAnchorLoss(num_classes=2, feature_size=2, margin=0.1, alpha=1.0)
    >>> loss.initialize()
    >>> loss.proxies.set_data(nd.array([[1, 0], [0, 1]]))
    >>> losses = loss(nd.array([[3, 0], [0, 5]]), nd.array([0, 1]))
    >>> [round(value, 3) for value in losses.asnumpy().tolist()]
    [1.086, 1.086]
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, margin: float = 0.1, alpha: float = 32.0,
                 dtype: CenterType = 'float32', weight_initializer: InitializerLike = None, **kwargs: Any) -> None:
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        check_number('margin', margin)
        check_number('alpha', alpha, above_zero=True)
        self._margin = margin
        self._alpha = alpha

    def _losses(self, F: ModuleType, features: Array, labels: Array, proxies: Array) -> Array:
        similarities = cosines(F, features, proxies)
        own = self._own_class(F, labels)  # all 0 for a label of no class
        other = F.broadcast_sub(F.sum(own, axis=1, keepdims=True), own)
        pull = _log_one_plus_sum_exp(F, -self._alpha * (similarities - self._margin), own)
        push = _log_one_plus_sum_exp(F, self._alpha * (similarities + self._margin), other)
        present = F.sum(F.max(own, axis=0))
        loss = F.sum(pull) / F.maximum(present, 1) + F.sum(push) / self._num_classes
        return F.broadcast_mul(F.ones_like(F.sum(similarities, axis=1)), loss)


def _log_one_plus_sum_exp(F: ModuleType, values: Array, mask: Array) -> Array:
    """log(1 + the sum of exp(values) over the batch where mask is 1), without overflow. Both (B, C); returns (C,)."""
    values = F.where(mask, values, F.ones_like(values) * _MASKED)
    largest = F.stop_gradient(F.maximum(F.max(values, axis=0), 0))
    sums = F.exp(-largest) + F.sum(F.exp(F.broadcast_sub(values, F.expand_dims(largest, axis=0))), axis=0)
    return F.log(sums) + largest
