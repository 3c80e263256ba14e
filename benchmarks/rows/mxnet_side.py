"""Our side of a measurement: MXNet as main.py sets it up, and what a network multiplies."""
from importlib import import_module


def make_importable():
    """Put back what MXNet misses in today's NumPy; MXNet itself stays as it is shipped."""
    import_module('center_loss')


def prepare():
    """Import MXNet as main.py does; to be called before anything else imports it."""
    make_importable()
    from utils import runtime
    runtime.prepare_mxnet()


def wait():
    """Wait until MXNet has done all that it was asked for."""
    from mxnet import nd
    nd.waitall()


def operations(net, images):
    """Multiplications and additions of a forward pass, an image: of convolutions and dense layers.

    net: a Gluon block that is not hybridized, initialized. images: (B, ...) NDArray.
    """
    from mxnet.gluon import nn
    found = []

    def count(block, _, output):
        places = output.size / output.shape[1] if isinstance(block, nn.Conv2D) else output.shape[0]
        found.append(2 * block.weight.data().size * places)

    def watch(block):
        if isinstance(block, (nn.Conv2D, nn.Dense)):
            hooks.append(block.register_forward_hook(count))

    hooks = []
    net.apply(watch)
    net(images)
    for hook in hooks:
        hook.detach()
    return sum(found) / len(images)
