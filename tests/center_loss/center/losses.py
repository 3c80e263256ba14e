"""Center losses whose centres are known, batches for them, and what a loss makes of a batch."""
import numpy as np
from mxnet import autograd, nd

from center_loss import get_loss

C, D = 5, 3


def make(name, centers=None, **kwargs):
    centers = random_centers() if centers is None else centers
    loss = get_loss(name, **{'num_classes': len(centers), 'feature_size': centers.shape[1], **kwargs})
    loss.initialize()
    (param,) = loss.collect_params().values()
    param.set_data(nd.array(centers))
    return loss


def random_centers(num_classes=C):
    return np.random.default_rng(0).normal(size=(num_classes, D)).astype(np.float32)


def random_batch(size, num_classes=C):
    """Features and labels with unequal class counts: class 0 is half of the batch, the last class is missing."""
    rng = np.random.default_rng(size)
    labels = rng.integers(0, num_classes - 1, size)
    labels[:size // 2] = 0
    return rng.normal(size=(size, D)).astype(np.float32), labels


def losses_and_gradients(loss, features, labels, *sample_weight):
    """(losses, dL/dfeatures, dL/dcenters) of the summed loss, as numpy arrays."""
    features, labels = nd.array(features), nd.array(labels)
    features.attach_grad()
    with autograd.record():
        losses = loss(features, labels, *sample_weight)
    losses.backward()
    (param,) = loss.collect_params().values()
    return losses.asnumpy(), features.grad.asnumpy(), param.grad().tostype('default').asnumpy()
