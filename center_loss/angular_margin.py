"""ArcFace and CosFace: softmax over cosines in which a sample's own class must win by a margin."""
import math

from .checks import check_number
from .functional import cosines, cross_entropy, safe_sqrt
from .metric_base import ProxyLoss


class ArcFaceLoss(ProxyLoss):
    r"""Softmax over cosines, with a margin added to the angle between a feature and its own class.

    .. math:: L_i = -\log \frac{\exp(s \cos(\theta_{y_i} + m))}
              {\exp(s \cos(\theta_{y_i} + m)) + \sum_{j \ne y_i} \exp(s \cos \theta_j)}

    where theta_j is the angle between x_i and w_j. Beyond theta = pi - m, where cos(theta + m) would rise again, it is
    replaced by cos(theta) - m sin(m), which goes on falling.

    Parameters, inputs, outputs and errors are those of `NormalizedSoftmaxLoss`, but for:

    margin : float, default 0.5
        m in radians, at least 0 and below pi.
    scale : float, default 64.0
        s; no unit, above 0.

    Source: Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", CVPR 2019, eq. 3 and
    its defaults.
    """

    def __init__(self, num_classes, feature_size, lmbd=1.0, margin=0.5, scale=64.0, dtype='float32',
                 weight_initializer=None, **kwargs):
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        check_number('margin', margin)
        if margin >= math.pi:
            raise ValueError(f'margin: expected radians below pi, got {margin!r}')
        check_number('scale', scale, above_zero=True)
        self._margin = margin
        self._scale = scale

    def _losses(self, F, features, labels, proxies):
        logits = cosines(F, features, proxies)
        own = F.pick(logits, labels, axis=1, keepdims=True)
        cos, sin = math.cos(self._margin), math.sin(self._margin)
        # cos(theta + m), without the arc cosine, whose gradient is infinite at 0 and pi
        wanted = own * cos - safe_sqrt(F, 1 - F.square(own)) * sin
        wanted = F.where(own >= -cos, wanted, own - self._margin * sin)
        logits = logits + F.broadcast_mul(self._own_class(F, labels), wanted - own)
        return cross_entropy(F, self._scale * logits, labels)


class CosFaceLoss(ProxyLoss):
    r"""Softmax over cosines, with a margin taken off the cosine of a sample's own class.

    .. math:: L_i = -\log \frac{\exp(s (\cos \theta_{y_i} - m))}
              {\exp(s (\cos \theta_{y_i} - m)) + \sum_{j \ne y_i} \exp(s \cos \theta_j)}

    Parameters, inputs, outputs and errors are those of `NormalizedSoftmaxLoss`, but for:

    margin : float, default 0.35
        m, a difference of cosines; at least 0.
    scale : float, default 64.0
        s; no unit, above 0.

    Source: Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", CVPR 2018, eq. 4.
    """

    def __init__(self, num_classes, feature_size, lmbd=1.0, margin=0.35, scale=64.0, dtype='float32',
                 weight_initializer=None, **kwargs):
        super().__init__(num_classes, feature_size, lmbd, dtype, weight_initializer, **kwargs)
        check_number('margin', margin)
        check_number('scale', scale, above_zero=True)
        self._margin = margin
        self._scale = scale

    def _losses(self, F, features, labels, proxies):
        logits = cosines(F, features, proxies) - self._margin * self._own_class(F, labels)
        return cross_entropy(F, self._scale * logits, labels)
