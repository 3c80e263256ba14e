"""What can be changed about the batch normalisations of a network, not hybridized yet: the statistics they take."""
from mxnet.gluon import nn
from mxnet.gluon.contrib.nn import SyncBatchNorm


def freeze_running_statistics(block):
    """Have every batch normalisation in `block` use its running statistics in training too."""
    for layer in _layers(block):
        layer._kwargs['use_global_stats'] = True


def synchronize_batch_norms(block, num_devices):
    """Have every batch normalisation in `block` take the statistics of all of a batch that is split over `num_devices`.

    MXNet averages those of the devices, which is exact where all have as many images. In training, each device must
    compute every batch, or the others wait for ever. Returns how many there are. Raises ValueError where channels are
    not on axis 1, the only one that MXNet synchronises.
    """
    layers = _layers(block)
    if any(layer._kwargs['axis'] != 1 for layer in layers):
        raise ValueError('block: expected batch normalisation over axis 1 alone')
    for layer in layers:
        # Gluon has no way to put one layer in another's place in a network that somebody else wrote. A SyncBatchNorm
        # differs from a BatchNorm by its operator and the operator's options, so it becomes one.
        layer.__class__ = SyncBatchNorm
        options = {name: value for name, value in layer._kwargs.items() if name != 'axis'}
        layer._kwargs = {**options, 'ndev': num_devices, 'key': layer.prefix}
    return len(layers)


def _layers(block):
    found = []
    block.apply(lambda layer: found.append(layer) if isinstance(layer, nn.BatchNorm) else None)
    return found
