"""Networks and losses for tests of checkpoints to save."""
import mxnet as mx
from mxnet import nd

from center_loss import CenterLoss
from models import get_model

META = {'config': {'network': 'lenet'}, 'epoch': 3}


def make_net(**kwargs):
    net = get_model('lenet', **kwargs)
    net.initialize(mx.init.Xavier())
    net(nd.zeros((1, 1, 28, 28)))
    return net


def make_loss(cls=CenterLoss):
    loss = cls(10, 2)
    loss.initialize(mx.init.Xavier())
    return loss
