"""Images a second of a network, by this project."""
from . import Found
from .clock import once
from .mxnet_side import operations, prepare, wait

_SMALL, _PHOTO = (1, 28, 28), (3, 224, 224)
_BATCH_OF = {_SMALL: 128, _PHOTO: 16}
CLASSES, LMBD, LR, ALPHA, MOMENTUM = 10, 0.01, 0.01, 0.5, 0.9


def shape_of(network):
    """(channels, height, width) of what a network is measured on."""
    return _SMALL if network.startswith('lenet') else _PHOTO


def batch_of(network):
    return _BATCH_OF[shape_of(network)]


def ours_training(network, images, dtype):
    """Images a second that the training loop goes over: softmax and center loss, SGD with momentum."""
    prepare()
    import mxnet as mx

    from center_loss import CenterLoss
    from utils.loading.batches import Batches
    from utils.training.loop import fit
    from utils.training.optimizers import make_trainer
    from utils.training.precision import compute_in
    net, work = _built(network)
    compute_in(net, dtype, [mx.cpu()])
    net.hybridize(static_alloc=True)
    loss = CenterLoss(CLASSES, net.feature_size, LMBD)
    loss.initialize(mx.init.Xavier())
    loss.hybridize()
    trainers = [make_trainer(net.collect_params(), 'sgd', LR, MOMENTUM, 1e-4),
                make_trainer(loss.collect_params(), 'sgd', ALPHA)]

    def train(batches):
        fit(net, loss, batches, trainers, epochs=1, rates=lambda done: (LR, ALPHA), after_epoch=lambda *_: None)
    batch = batch_of(network)
    few, many = (Batches(_split(network, count), batch, [mx.cpu()], 0) for count in (2 * batch, images))
    return Found(images / once(lambda: train(many), lambda: train(few), wait), 3 * work)


def ours_forward(network, images, dtype):
    """Images a second that a frozen backbone gives the features of, in float32 whatever `dtype` a peer has."""
    prepare()
    from mxnet import nd
    net, work = _built(network)
    net.hybridize(static_alloc=True)
    backbone, batch = net.backbone.for_inference(), batch_of(network)
    batches = [nd.array(_split(network, batch).images)] * (images // batch)
    taken = once(lambda: [backbone(one) for one in batches], lambda: [backbone(one) for one in batches[:2]], wait)
    return Found(len(batches) * batch / taken, work)


def _built(network):
    """(the network, initialized, arithmetic operations of its forward pass an image)."""
    import mxnet as mx
    from mxnet import nd

    from models import get_model
    mx.random.seed(0)
    net = get_model(network, num_classes=CLASSES, feature_size=2 if shape_of(network) == _SMALL else 64)
    net.initialize(mx.init.Xavier(magnitude=2.24))
    return net, operations(net, nd.zeros((1, *shape_of(network))))


def _split(network, count):
    import numpy as np

    from utils.data.dataset import Split
    rng = np.random.default_rng(0)
    return Split(rng.standard_normal((count, *shape_of(network)), np.float32),
                 rng.integers(CLASSES, size=count).astype(np.int32))
