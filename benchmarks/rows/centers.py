"""A step of center loss alone: forward, backward and update, by the ways there are to compute it."""
from .clock import seconds
from .mxnet_side import prepare, wait

_BATCH = 128
_LEAST = 0.4  # seconds
_MOST = 1 << 27  # classes times features of which a whole table a step is waited for
_DISTANCES = 1 << 24  # classes times features, from which on a step takes seconds


def sparse(classes, feature_size):
    """Seconds of a step with an Embedding's sparse gradient."""
    return _ours('CenterLoss', classes, feature_size, sparse_grad=True)


def dense(classes, feature_size):
    """The same with a gradient of the whole table."""
    if classes * feature_size > _MOST:
        return None
    return _ours('CenterLoss', classes, feature_size)


def parameter(classes, feature_size):
    """The same with the centres in the block's ParameterDict, as published."""
    if classes * feature_size > _MOST:
        return None
    return _ours('ParameterCenterLoss', classes, feature_size)


def matrix(classes, feature_size):
    """The same through all distances of the batch to the centres."""
    if classes * feature_size > _DISTANCES:
        return None
    return _ours('DenseCenterLoss', classes, feature_size)


def torch_sparse(classes, feature_size):
    """The same by PyTorch's Embedding with a sparse gradient."""
    import torch
    torch.manual_seed(0)
    table = torch.nn.Embedding.from_pretrained(torch.zeros(classes, feature_size), freeze=False, sparse=True)
    optimizer = torch.optim.SGD(table.parameters(), 0.5)
    features, labels = torch.randn(_BATCH, feature_size), torch.randint(classes, (_BATCH,))

    def step():
        optimizer.zero_grad()
        own = features.detach().requires_grad_()
        _, places, counts = labels.unique(return_inverse=True, return_counts=True)
        squares = (own - table(labels)).square().sum(dim=1)
        (0.5 * squares / counts[places]).mean().backward()
        optimizer.step()
    return seconds(step, least=_LEAST)


def _ours(name, classes, feature_size, **options):
    import sys
    if 'mxnet' not in sys.modules:
        prepare()
    import mxnet as mx
    import numpy as np
    from mxnet import autograd, nd

    import center_loss
    from utils.training.optimizers import make_trainer
    rng = np.random.default_rng(0)
    loss = getattr(center_loss, name)(classes, feature_size, **options)
    loss.initialize(mx.init.Zero())  # drawing a billion values takes longer than all that is measured
    loss.hybridize()
    trainer = make_trainer(loss.collect_params(), 'sgd', 0.5)
    features = nd.array(rng.standard_normal((_BATCH, feature_size)))
    features.attach_grad()
    labels = nd.array(rng.integers(classes, size=_BATCH), dtype=np.int32)

    def step():
        with autograd.record():
            value = loss(features, labels)
        value.backward()
        trainer.step(_BATCH)
    return seconds(step, wait, _LEAST)
