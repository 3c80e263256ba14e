"""ArcFace and CosFace: softmax over cosines in which a sample's own class must win by a margin."""
from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from .arrays import Array, CenterType, InitializerLike
from .checks import check_number
from .cosine import cosines, cross_entropy, safe_sqrt
from .metric_base import ProxyLoss


class ArcFaceLoss(ProxyLoss):
    r"""Softmax over cosines, with a margin added to the angle between a feature and its own class.

    .. math:: L_i = -\log \frac{\exp(s \cos(\theta_{y_i} + m))}
              {\exp(s \cos(\theta_{y_i} + m)) + \sum_{j \ne y_i} \exp(s \cos \theta_j)}

    where theta_j is the angle between x_i and w_j. Beyond theta = pi - m, cos(theta + m) would rise again. There
    cos(theta) - m sin(m) takes its place, which goes on falling.

    Parameters, inputs, outputs and errors are those of `NormalizedSoftmaxLoss`, except:

    margin : float, default 0.5
        m in radians, at least 0 and below pi.
    scale : float, default 64.0
        s; no unit, above 0.

    Source: Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", CVPR 2019, eq. 3 and
    its defaults.

    Each feature has the direction of its proxy, so its loss is log(1 + exp(-cos(margin))):

    >>> from center_loss import ArcFaceLoss
    >>> from mxnet import nd
    >>> loss = ArcFaceLoss(num_classes=2, feature_size=2, margin=0.5, scale=1.0)
    >>> loss.initialize()
    >>> loss.proxies.set_data(nd.array([[1, 0], [0, 1]]))
    >>> losses = loss(nd.array([[3, 0], [0, 5]]), nd.array([0, 1]))
    >>> [round(value, 3) for value in losses.asnumpy().tolist()]
    [0.348, 0.348]
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, margin: float = 0.5, scale: float = 64.0,
                 dtype: CenterType = 'float32', weight_initializer: InitializerLike = None, **kwargs: Any) -> None:
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        check_number('margin', margin)
        if margin >= math.pi:
            raise ValueError(f'margin: expected radians below pi, got {margin!r}')
        check_number('scale', scale, above_zero=True)
        self._margin = margin
        self._scale = scale

    def _losses(self, F: ModuleType, features: Array, labels: Array, proxies: Array) -> Array:
        logits = cosines(F, features, proxies)
        own = F.pick(logits, labels, axis=1, keepdims=True)
        cos, sin = math.cos(self._margin), math.sin(self._margin)
        # cos(theta + m), without the arc cosine, whose gradient is infinite at 0 and pi
        with_margin = own * cos - safe_sqrt(F, 1 - F.square(own)) * sin
        with_margin = F.where(own >= -cos, with_margin, own - self._margin * sin)
        logits = logits + F.broadcast_mul(self._own_class(F, labels), with_margin - own)
        return cross_entropy(F, self._scale * logits, labels)


class CosFaceLoss(ProxyLoss):
    r"""Softmax over cosines, with a margin taken off the cosine of a sample's own class.

    .. math:: L_i = -\log \frac{\exp(s (\cos \theta_{y_i} - m))}
              {\exp(s (\cos \theta_{y_i} - m)) + \sum_{j \ne y_i} \exp(s \cos \theta_j)}

    Parameters, inputs, outputs and errors are those of `NormalizedSoftmaxLoss`, except:

    margin : float, default 0.35
        m, a difference of cosines; at least 0.
    scale : float, default 64.0
        s; no unit, above 0.

    Source: Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", CVPR 2018, eq. 4.

    Each feature has the direction of its proxy, so its loss is log(1 + exp(margin - 1)):

    >>> from center_loss import CosFaceLoss
    >>> from mxnet import nd
    >>> loss = CosFaceLoss(num_classes=2, feature_size=2, margin=0.35, scale=1.0)
    >>> loss.initialize()
    >>> loss.proxies.set_data(nd.array([[1, 0], [0, 1]]))
    >>> losses = loss(nd.array([[3, 0], [0, 5]]), nd.array([0, 1]))
    >>> [round(value, 3) for value in losses.asnumpy().tolist()]
    [0.42, 0.42]
    """

    def __init__(self, num_classes: int, feature_size: int, lmbd: float = 1.0, margin: float = 0.35,
                 scale: float = 64.0, dtype: CenterType = 'float32', weight_initializer: InitializerLike = None,
                 **kwargs: Any) -> None:
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        check_number('margin', margin)
        check_number('scale', scale, above_zero=True)
        self._margin = margin
        self._scale = scale

    def _losses(self, F: ModuleType, features: Array, labels: Array, proxies: Array) -> Array:
        logits = cosines(F, features, proxies) - self._margin * self._own_class(F, labels)
        return cross_entropy(F, self._scale * logits, labels)
