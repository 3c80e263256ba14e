"""Several devices learn what one does: whatever a loss counts or pairs, it sees the whole batch."""
import mxnet as mx
import numpy as np
import pytest
from mxnet.gluon import nn

import main
from center_loss import list_losses, loss_options
from tests.utils.training.digits import arrays_of
from utils.data.dataset import Split
from utils.modes.building import Builder
from utils.training.loop import fit
from utils.training.optimizers import build_trainers

STEPS = 50
CENTER = {f'--center_loss --center_impl {name}{options}' for name in list_losses('center') for options in (
    '', ' --balance False' * ('balance' in loss_options(name)),
    ' --center_update paper' * ('center_update' in loss_options(name)))}
SOFTER = {'arcface': ':scale=8', 'cosface': ':scale=8'}  # 64 would multiply what is rounded
CASES = ['', '--center_loss --sparse_centers on', *sorted(CENTER), *(
    f'--loss {name}{SOFTER.get(name, "")}' for name in list_losses('metric')),
    '--loss triplet:miner=given --sampler offline_triplets', '--loss contrastive+1*center',
    '--center_loss --lmbd_warmup 3 --ema 0.9']


class Smooth(nn.HybridBlock):
    """A network without maxima and kinks, where what differs by rounding alone stays so."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.body, self.features, self.output = nn.Dense(16, activation='tanh'), nn.Dense(4), nn.Dense(10)

    def hybrid_forward(self, F, images):
        features = self.features(self.body(images))
        return self.output(features), features


def split_of(count):
    """Images about one of their class, so that there is something to learn, and distances stay above 0."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, count).astype(np.int32)
    images = rng.normal(size=(10, 1, 28, 28))[labels] + rng.normal(size=(count, 1, 28, 28))
    return Split((0.3 * images).astype(np.float32), labels)


def learnt(flags, devices):
    """(parameters, losses of the epochs) of `STEPS` steps of 16 images, as many of each class as chance has it."""
    config = main.parse(['--train', '--network', 'lenet', '--num_classes', '10', '--feature_size', '4', '--lr', '0.003',
                         '--batch_size', '16', '--cpus', str(devices), *flags.split()]).config
    logs, split = [], split_of(85)
    with Builder(config.machine) as builder:
        assert builder.contexts == [mx.cpu(i) for i in range(devices)]
        model = builder.model(config, (1, 28, 28))._replace(net=Smooth())
        mx.random.seed(0)
        model.net.initialize(ctx=builder.contexts)
        for context in builder.contexts:
            model.net(mx.nd.zeros((1, 1, 28, 28), ctx=context))
        model.net.hybridize(static_alloc=True)
        batches = builder.batches(config, model.net, split)
        trainers, rates = build_trainers(config, *model[:3])
        epochs = -(-STEPS * 16 // batches.num_images)
        fit(model.net, model.center_loss, batches, trainers, epochs=epochs, rates=rates,
            after_epoch=lambda _, log, __: logs.append([*log[:3], *log.metric_losses]),
            softmax_weight=config.objective.softmax_weight, metric_losses=model.metric_losses,
            lmbd_warmup=config.center.lmbd_warmup)
    return arrays_of(*(block for block in model[:3] if block is not None)), logs


@pytest.mark.parametrize('flags', CASES)
def test_what_is_learnt_is_what_one_device_learns(flags):
    """With shares of 6, 5 and 5 images, whose classes are mostly elsewhere in the batch too."""
    (one, told), (three, also_told) = (learnt(flags, devices) for devices in (1, 3))
    np.testing.assert_allclose(also_told, told, rtol=1e-5, atol=1e-5)
    for got, wanted in zip(three, one):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-5)
