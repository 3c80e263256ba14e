"""What a network says of a set of images, in order."""
import mxnet as mx
import numpy as np
from mxnet import nd

from ..errors import UserError
from ..evaluation.outputs import Outputs

_BATCH_SIZE = 256  # of arrays; photos know how many fit into memory


def extract(net, split, context):
    """Run `net` over a split, see `in_order`; returns `Outputs`."""
    parts, net = [], for_inference(net)
    for images, index in in_order(split, context):
        logits, features = net(images)
        parts.append(Outputs.of(logits.asnumpy(), features.asnumpy(), split.labels[index]))
    if not parts:
        raise UserError(f'none of the {len(split.labels)} photos can be decoded')
    return Outputs.joined(parts)


def for_inference(net):
    """What to call in place of `net`, as it is now, where no gradient is needed: something faster if it has that."""
    return net.for_inference() if hasattr(net, 'for_inference') else net


def in_order(split, context=None):
    """Yield (images, indices) of a `Split`, or of anything with `batches(context)`, in order."""
    if hasattr(split, 'batches'):
        yield from split.batches(context)
        return
    for start in range(0, len(split.labels), _BATCH_SIZE):
        images = nd.array(split.images[start:start + _BATCH_SIZE], ctx=context or mx.cpu())
        yield images, np.arange(start, start + len(images))
