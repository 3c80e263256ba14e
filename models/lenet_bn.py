"""Networks with batch normalisation, which learn faster and bear higher rates."""
from mxnet.gluon import nn

from .feature_net import FeatureNet


class LeNetBN(FeatureNet):
    """Three stages of one, two and two padded 3x3 convolutions (32, 64, 128 channels), then a hidden layer of 128.

    Batch normalisation and ReLU after each of them, 2x2 max pooling after each stage. For 28x28 images. The hidden
    layer matters: without it, two features would have to be a linear function of what is convolved. A quarter of
    LeNetPlus's multiplications.
    """

    kernel_size = 3
    stages = (32, 1), (64, 2), (128, 2)  # channels, convolutions

    def make_body(self):
        body = nn.HybridSequential(prefix='')
        for channels, convolutions in self.stages:
            for _ in range(convolutions):
                body.add(nn.Conv2D(channels, self.kernel_size, padding=self.kernel_size // 2, use_bias=False),
                         nn.BatchNorm(), nn.Activation('relu'))
            body.add(nn.MaxPool2D(pool_size=2, strides=2))
        body.add(nn.Flatten(), nn.Dense(128, use_bias=False), nn.BatchNorm(), nn.Activation('relu'))
        return body


class LeNetPlusBN(LeNetBN):
    """The same with LeNetPlus's convolutions: two of 5x5 a stage."""

    kernel_size = 5
    stages = (32, 2), (64, 2), (128, 2)
