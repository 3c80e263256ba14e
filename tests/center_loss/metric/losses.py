"""Metric-learning losses whose proxies are known, batches for them, and what a loss makes of a batch."""
import numpy as np
from mxnet import autograd, nd

from center_loss import get_loss, has_parameters

C, D = 4, 3


def make(name, **kwargs):
    """The loss with random proxies, of unequal length where it has any."""
    sizes = {'num_classes': C, 'feature_size': D} if has_parameters(name) else {}
    loss = get_loss(name, **{**sizes, **kwargs})
    loss.initialize()
    rng = np.random.default_rng(7)
    for param in loss.collect_params().values():
        param.set_data(nd.array(rng.normal(size=param.shape) * rng.uniform(0.5, 2, size=(param.shape[0], 1)),
                                dtype=param.dtype))
    return loss


def random_batch(size=12, miner=None):
    """Features and labels with unequal class counts; the last class is missing. For 'given', stacked triplets."""
    rng = np.random.default_rng(size)
    labels = rng.integers(0, C - 1, size)
    labels[:size // 3] = 0
    if miner == 'given':
        third = size // 3
        labels = np.concatenate([labels[:third], labels[:third], (labels[:third] + 1) % C])
    return rng.normal(size=(size, D)).astype(np.float32), labels


def batch_of(options, size=12):
    return random_batch(size, options.get('miner'))


def run(loss, features, labels, *sample_weight, dtype='float32'):
    """(losses, dL/dfeatures, {parameter: gradient}) of the summed loss, as numpy arrays."""
    features, labels = nd.array(features, dtype=dtype), nd.array(labels, dtype='int32')
    features.attach_grad()
    with autograd.record():
        losses = loss(features, labels, *sample_weight)
    losses.backward()
    return (losses.asnumpy(), features.grad.asnumpy(),
            {name: param.grad().asnumpy() for name, param in loss.collect_params().items()})
