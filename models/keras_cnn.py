"""The small network of the Keras recipe."""
from mxnet.gluon import nn

from .feature_net import FeatureNet


class KerasCNN(FeatureNet):
    """One 2x2 convolution of 10 channels, 2x2 max pooling, and features that pass a ReLU."""

    feature_activation = 'relu'

    def make_body(self):
        body = nn.HybridSequential(prefix='')
        body.add(nn.Conv2D(10, kernel_size=2), nn.MaxPool2D(pool_size=2, strides=2), nn.Flatten())
        return body
