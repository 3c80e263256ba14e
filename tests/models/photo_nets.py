"""Networks for photos, with random weights, and images for them."""
import mxnet as mx
import numpy as np
from mxnet import nd

from models import get_model


def make(name='mobilenet0.25', **kwargs):
    net = get_model(name, **{'num_classes': 4, 'feature_size': 3, **kwargs})
    net.initialize(mx.init.Normal(0.1))
    return net


def images(size=64):
    return nd.array(np.random.default_rng(0).standard_normal((2, 3, size, size)))


def filled(name='mobilenet0.25'):
    """A network whose parameters are all settled and random."""
    net = make(name)
    net(images())
    rng = np.random.default_rng(1)
    for param in net.collect_params().values():
        param.set_data(nd.array(rng.random(param.shape) + 0.5))
    return net


def arrays(block):
    return {name: param.data().asnumpy() for name, param in block._collect_params_with_prefix().items()}
