"""This project beside the published way, both on MNIST's digits or their features."""
from . import Found
from .clock import once
from .mxnet_side import make_importable, prepare, wait

BATCH_SIZE, NUM_CLASSES, FEATURE_SIZE = 128, 10, 2
LR, ALPHA, LMBD = 0.1, 0.5, 1.0


def epoch_published():
    """Seconds of one training epoch the published way, with MXNet's default threads."""
    make_importable()
    import mxnet as mx
    import numpy as np
    from mxnet import gluon

    from benchmarks import published
    train = _digits()
    net, loss = _network(), published.CountingCenterLoss(NUM_CLASSES, FEATURE_SIZE, LMBD)
    net.hybridize()
    loss.initialize(mx.init.Xavier(magnitude=2.24))
    images = np.rint(train.images[:, 0] * 255).astype(np.uint8)
    trainers = [gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': LR, 'wd': 1e-4}),
                gluon.Trainer(loss.collect_params(), 'sgd', {'learning_rate': ALPHA})]
    few = published.make_loader(images[:2 * BATCH_SIZE], train.labels[:2 * BATCH_SIZE], BATCH_SIZE)
    all_of_them = published.make_loader(images, train.labels, BATCH_SIZE)
    return once(lambda: published.train_epoch(net, loss, all_of_them, trainers),
                lambda: published.train_epoch(net, loss, few, trainers), wait)


def epoch_ours():
    """Seconds of one training epoch of this project, as main.py sets it up."""
    prepare()
    return _epoch(_digits())


def start_ours():
    """Seconds from the start of a process to the end of the first batch: all that main.py does until there."""
    import os
    import time
    prepare()
    from utils.loading.batches import Batches
    train = _digits()
    import mxnet as mx
    Batches(train, BATCH_SIZE, [mx.cpu()], 0)
    _epoch(train.take(slice(BATCH_SIZE)))
    with open('/proc/self/stat', encoding='ascii') as file:
        began = int(file.read().rpartition(')')[2].split()[19]) / os.sysconf('SC_CLK_TCK')
    return Found(time.clock_gettime(time.CLOCK_BOOTTIME) - began)


def _epoch(split):
    import mxnet as mx

    from center_loss import CenterLoss
    from utils.loading.batches import Batches
    from utils.training.loop import fit
    from utils.training.optimizers import make_trainer
    net, loss, contexts = _network(), CenterLoss(NUM_CLASSES, FEATURE_SIZE, LMBD), [mx.cpu()]
    net.hybridize(static_alloc=True)
    loss.initialize(mx.init.Xavier(magnitude=2.24))
    loss.hybridize()
    trainers = [make_trainer(net.collect_params(), 'sgd', LR, wd=1e-4),
                make_trainer(loss.collect_params(), 'sgd', ALPHA)]

    def train(batches):
        fit(net, loss, batches, trainers, epochs=1, rates=lambda done: (LR, ALPHA), after_epoch=lambda *_: None)
    few, all_of_them = (Batches(part, BATCH_SIZE, contexts, 0) for part in (split.take(slice(2 * BATCH_SIZE)), split))
    return once(lambda: train(all_of_them), lambda: train(few), wait)


def knn_published():
    """Seconds to find the nearest of 10 centres for 10,000 features, one at a time."""
    make_importable()
    from mxnet import nd

    from benchmarks import published
    features, centers = (nd.array(array) for array in _features())
    return once(lambda: published.nearest_center(features, centers),
                lambda: published.nearest_center(features[:100], centers))


def knn_ours():
    """The same search by this project."""
    from utils.evaluation.metrics import nearest_center
    features, centers = _features()
    return once(lambda: nearest_center(features, centers), lambda: nearest_center(features, centers))


def _network():
    """The same initial LeNetPlus for both sides."""
    import mxnet as mx

    from models import get_model
    mx.random.seed(0)
    net = get_model('lenet_plus')
    net.initialize(mx.init.Xavier(magnitude=2.24))
    return net


def _digits():
    from utils.data import load_dataset
    return load_dataset('mnist5k', None, offline=True).train


def _features():
    import numpy as np
    rng = np.random.default_rng(0)
    return rng.normal(size=(10_000, FEATURE_SIZE)), rng.normal(size=(NUM_CLASSES, FEATURE_SIZE))
