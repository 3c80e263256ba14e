"""What a network says of a set of images, in order."""
from typing import NamedTuple

import mxnet as mx
import numpy as np
from mxnet import nd

from ..errors import UserError

_BATCH_SIZE = 256  # of arrays; photos know how many fit into memory


class Outputs(NamedTuple):
    """What a network says of N images: logits (N, C), features (N, D), beside their labels (N,)."""
    logits: np.ndarray
    features: np.ndarray
    labels: np.ndarray


def extract(net, split, context):
    """Run `net` over a split, see `in_order`; returns `Outputs`."""
    logits, features, indices = [], [], []
    for images, index in in_order(split, context):
        batch_logits, batch_features = net(images)
        logits.append(batch_logits.asnumpy())
        features.append(batch_features.asnumpy())
        indices.append(index)
    if not indices:
        raise UserError(f'none of the {len(split.labels)} photos can be decoded')
    return Outputs(np.concatenate(logits), np.concatenate(features), split.labels[np.concatenate(indices)])


def in_order(split, context=None):
    """Yield (images, indices) of a `Split`, or of anything with `batches(context)`, in order."""
    if hasattr(split, 'batches'):
        yield from split.batches(context)
        return
    for start in range(0, len(split.labels), _BATCH_SIZE):
        images = nd.array(split.images[start:start + _BATCH_SIZE], ctx=context or mx.cpu())
        yield images, np.arange(start, start + len(images))
