"""Proxy-Anchor loss."""
from .checks import check_number
from .functional import cosines
from .metric_base import ProxyLoss

_NEVER = -1e30  # stands for -inf, whose differences would be NaN


class ProxyAnchorLoss(ProxyLoss):
    r"""Proxy-Anchor: each class's proxy pulls the batch's samples of its class and pushes all others, the hardest most.

    .. math:: L = \frac{1}{|P^+|} \sum_{p \in P^+} \log(1 + \sum_{x \in X_p^+} e^{-\alpha (\cos(x, p) - \delta)})
              + \frac{1}{C} \sum_p \log(1 + \sum_{x \in X_p^-} e^{\alpha (\cos(x, p) + \delta)})

    where P+ are the proxies of classes in the batch, X_p+ the batch's samples of class p and X_p- the others.

    Parameters, inputs and errors are those of `NormalizedSoftmaxLoss`, but for:

    margin : float, default 0.1
        delta, a cosine; at least 0.
    alpha : float, default 32.0
        Scale; no unit, above 0.

    Outputs:
        - **loss**: (B,), each of them L, which belongs to the batch and not to a sample; NaN where the label is no
          class: such a sample is left out of L.

    Source: Kim et al., "Proxy Anchor Loss for Deep Metric Learning", CVPR 2020, eq. 4 and its defaults.
    """

    def __init__(self, num_classes, feature_size, lmbd=1.0, margin=0.1, alpha=32.0, dtype='float32',
                 weight_initializer=None, **kwargs):
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        check_number('margin', margin)
        check_number('alpha', alpha, above_zero=True)
        self._margin = margin
        self._alpha = alpha

    def _losses(self, F, features, labels, proxies):
        similarities = cosines(F, features, proxies)
        own = self._own_class(F, labels)  # all 0 for a label of no class
        other = F.broadcast_sub(F.sum(own, axis=1, keepdims=True), own)
        pull = _log_one_plus_sum_exp(F, -self._alpha * (similarities - self._margin), own)
        push = _log_one_plus_sum_exp(F, self._alpha * (similarities + self._margin), other)
        present = F.sum(F.max(own, axis=0))
        loss = F.sum(pull) / F.maximum(present, 1) + F.sum(push) / self._num_classes
        return F.broadcast_mul(F.ones_like(F.sum(similarities, axis=1)), loss)


def _log_one_plus_sum_exp(F, values, mask):
    """log(1 + the sum of exp(values) over the batch where mask is 1), without overflow. Both (B, C); returns (C,)."""
    values = F.where(mask, values, F.ones_like(values) * _NEVER)
    largest = F.stop_gradient(F.maximum(F.max(values, axis=0), 0))
    sums = F.exp(-largest) + F.sum(F.exp(F.broadcast_sub(values, F.expand_dims(largest, axis=0))), axis=0)
    return F.log(sums) + largest
