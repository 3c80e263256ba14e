"""LeNet and LeNetPlus, the two networks of the published MXNet programs."""
from mxnet.gluon import nn

from .feature_net import FeatureNet


class LeNet(FeatureNet):
    """Two 5x5 convolutions (20 and 50 channels, ReLU), each followed by 2x2 max pooling. For 28x28 images."""

    def make_body(self):
        body = nn.HybridSequential(prefix='')
        for channels in (20, 50):
            body.add(nn.Conv2D(channels, kernel_size=5, activation='relu'),
                     nn.MaxPool2D(pool_size=2, strides=2))
        body.add(nn.Flatten())
        return body


class LeNetPlus(FeatureNet):
    """Three stages of two padded 5x5 convolutions (32, 64, 128 channels, leaky ReLU) and a 2x2 max pooling.

    Source: "LeNets++" of Wen et al., ECCV 2016, table 1, with the published MXNet programs' leaky ReLU of slope 0.01 in
    place of PReLU.
    """

    def make_body(self):
        body = nn.HybridSequential(prefix='')
        for channels in (32, 64, 128):
            for _ in range(2):
                body.add(nn.Conv2D(channels, kernel_size=5, padding=2), nn.LeakyReLU(0.01))
            body.add(nn.MaxPool2D(pool_size=2, strides=2))
        body.add(nn.Flatten())
        return body
