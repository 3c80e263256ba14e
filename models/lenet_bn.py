"""Networks with batch normalisation, which learn faster and bear higher rates."""
from mxnet.gluon import nn

from .feature_net import FeatureNet


class LeNetBN(FeatureNet):
    """Three stages of one, two and two padded 3x3 convolutions (32, 64, 128 channels), then a hidden layer of 128.

    Batch normalisation and ReLU after each of them, 2x2 max pooling after each stage. For 28x28 images. The hidden
    layer matters: without it, two features would have to be a linear function of what is convolved. A quarter of
    LeNetPlus's multiplications.
    """

    hidden_layers = 1

    def make_body(self):
        body = nn.HybridSequential(prefix='')
        for channels, convolutions in ((32, 1), (64, 2), (128, 2)):
            for _ in range(convolutions):
                body.add(nn.Conv2D(channels, kernel_size=3, padding=1, use_bias=False), nn.BatchNorm(),
                         nn.Activation('relu'))
            body.add(nn.MaxPool2D(pool_size=2, strides=2))
        body.add(nn.Flatten())
        for _ in range(self.hidden_layers):
            body.add(nn.Dense(128, use_bias=False), nn.BatchNorm(), nn.Activation('relu'))
        return body


class LeNetBNDeep(LeNetBN):
    """The same with three hidden layers, at no cost to speak of: what is ambiguous is decided before two features."""

    hidden_layers = 3
