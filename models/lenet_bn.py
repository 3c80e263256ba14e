"""A network of a quarter of LeNetPlus's multiplications that learns faster."""
from mxnet.gluon import nn

from .feature_net import FeatureNet


class LeNetBN(FeatureNet):
    """Three stages of one, two and two padded 3x3 convolutions (32, 64, 128 channels), then a hidden layer of 128.

    Batch normalisation and ReLU after each of them, 2x2 max pooling after each stage. For 28x28 images. The hidden
    layer matters: without it, two features would have to be a linear function of what is convolved.
    """

    def make_body(self):
        body = nn.HybridSequential(prefix='')
        for channels, convolutions in ((32, 1), (64, 2), (128, 2)):
            for _ in range(convolutions):
                body.add(nn.Conv2D(channels, kernel_size=3, padding=1, use_bias=False), nn.BatchNorm(),
                         nn.Activation('relu'))
            body.add(nn.MaxPool2D(pool_size=2, strides=2))
        body.add(nn.Flatten(), nn.Dense(128, use_bias=False), nn.BatchNorm(), nn.Activation('relu'))
        return body
