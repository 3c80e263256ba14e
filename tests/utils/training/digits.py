"""A small network, random digits, and one call that trains it on them."""
import mxnet as mx
import numpy as np
from mxnet import nd

from center_loss import CenterLoss
from models import get_model
from utils.data.dataset import Split
from utils.training.loop import fit
from utils.training.optimizers import make_trainer

CPU = [mx.cpu()]


def random_split(count=50):
    rng = np.random.default_rng(0)
    return Split(rng.random((count, 1, 28, 28), dtype=np.float32), rng.integers(0, 10, count).astype(np.int32))


def build(contexts=CPU, center_loss=None, **options):
    mx.random.seed(0)
    net, center_loss = get_model('lenet', **options), center_loss or CenterLoss(10, 2)
    net.initialize(mx.init.Xavier(magnitude=2.24), ctx=contexts)
    center_loss.initialize(mx.init.Xavier(magnitude=2.24), ctx=contexts[:1])
    for context in contexts:
        net(nd.zeros((1, 1, 28, 28), ctx=context))
    return net, center_loss


def arrays_of(*blocks):
    return [param.list_data()[0].asnumpy() for block in blocks
            for param in block._collect_params_with_prefix().values()]


def train(net, center_loss, batches, *, epochs=1, trainers=None, softmax_weight=1.0, rates=(0.05, 0.5), first_epoch=1):
    trainers = trainers or trainers_of(net, center_loss)
    logs = []
    fit(net, center_loss, batches, trainers, epochs=epochs, rates=lambda done: rates, first_epoch=first_epoch,
        after_epoch=lambda *args: logs.append(args), softmax_weight=softmax_weight)
    return logs


def trainers_of(net, center_loss, optimizer='sgd', momentum=0.9):
    return [make_trainer(net.collect_params(), optimizer, 0.05, momentum, 1e-4),
            make_trainer(center_loss.collect_params(), 'sgd', 0.5)]
