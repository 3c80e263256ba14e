"""A network with batch normalisation and without maxima and kinks, where what differs by rounding alone stays so."""
from mxnet.gluon import nn

from .feature_net import FeatureNet


class SmoothBN(FeatureNet):
    """After a convolution, and after a hidden layer."""

    def make_body(self):
        body = nn.HybridSequential(prefix='')
        body.add(nn.Conv2D(6, kernel_size=5, strides=3, use_bias=False), nn.BatchNorm(), nn.Activation('tanh'),
                 nn.Flatten(), nn.Dense(16, use_bias=False), nn.BatchNorm(), nn.Activation('tanh'))
        return body
