"""Softmax over cosines."""
from __future__ import annotations

from types import ModuleType
from typing import Any

from .arrays import Array, CenterType, InitializerLike
from .checks import check_number
from .cosine import cosines, cross_entropy
from .metric_base import ProxyLoss


class NormalizedSoftmaxLoss(ProxyLoss):
    r"""Softmax over the cosines between a feature and one learned direction a class.

    .. math:: L_i = -\log \frac{\exp(s \cos(x_i, w_{y_i}))}{\sum_j \exp(s \cos(x_i, w_j))}

    Parameters
    ----------
    num_classes : int
        C, at least 1.
    feature_size : int
        D, at least 1.
    scale : float, default 20.0
        s, the inverse of a temperature; no unit, above 0.
    lmbd : float, default 1.0
        Weight of this loss beside others; finite, at least 0.
    dtype : {'float32', 'float64'}, default 'float32'
        Of the proxies w. Features of another dtype are cast to it.
    weight_initializer : str or Initializer, optional
        Of the proxies; default is normal, with length about 1.

    Inputs:
        - **features**: (B, D), any float dtype.
        - **labels**: (B,), any integer or float dtype holding integers in 0..C-1.
        - **sample_weight**: optional, (B,) or (1,): multiplies the loss.

    Outputs:
        - **loss**: (B,), one value a sample; NaN where the label is no class (see `FeatureLoss`).

    Raises ValueError for settings, ranks, shapes or labels that do not fit, saying what was expected and what came.

    The proxies, `proxies` (C, D), are parameters: give them a Trainer.

    Source: Zhai and Wu, "Classification is a Strong Baseline for Deep Metric Learning", BMVC 2019; the default
    scale is that of Qian et al., ICCV 2019, whose SoftTriple is this loss if it has one centre a class and no margin.

    A feature along the proxy of its own class, and another along that of the other class:

    >>> from center_loss import NormalizedSoftmaxLoss
    >>> from mxnet import nd
    >>> loss = NormalizedSoftmaxLoss(num_classes=2, feature_size=2, scale=1.0)
    >>> loss.initialize()
    >>> loss.proxies.set_data(nd.array([[1, 0], [0, 1]]))
    >>> losses = loss(nd.array([[3, 0], [5, 0]]), nd.array([0, 1]))
    >>> [round(value, 3) for value in losses.asnumpy().tolist()]
    [0.313, 1.313]
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, scale: float = 20.0,
                 dtype: CenterType = 'float32', weight_initializer: InitializerLike = None, **kwargs: Any) -> None:
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        check_number('scale', scale, above_zero=True)
        self._scale = scale

    def _losses(self, F: ModuleType, features: Array, labels: Array, proxies: Array) -> Array:
        return cross_entropy(F, self._scale * cosines(F, features, proxies), labels)
