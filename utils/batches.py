"""Batches of images that lie in one array on the device."""
import mxnet as mx
import numpy as np
from mxnet import nd
from mxnet.gluon.utils import split_and_load

from .errors import UserError


class Batches:
    """Mini-batches of a `Split`, shuffled anew each epoch, the last one short if it must be.

    The order depends on (seed, epoch) alone, so an epoch can be repeated without what came before it; MXNet's own
    random state could not be saved. With several contexts each batch is split over them. augment: None, or called with
    (images, numpy Generator), and what it returns is trained on; it too draws by (seed, epoch).
    """

    def __init__(self, split, batch_size, contexts, seed, augment=None):
        if batch_size < len(contexts):
            raise UserError(f'--batch_size must be at least {len(contexts)}, one image a device, got {batch_size}')
        self.num_images = len(split.labels)
        self._images = nd.array(split.images, ctx=contexts[0])
        self._labels = nd.array(split.labels, ctx=contexts[0], dtype=np.int32)
        self._batch_size = batch_size
        self._contexts = contexts
        self._seed = seed
        self._augment = augment

    def epoch(self, number):
        """Yield (shards, size) in the order of epoch `number`: [(images, labels), one a context], images in all."""
        order = np.random.default_rng((self._seed, number)).permutation(self.num_images)
        changes = np.random.default_rng((self._seed, number, 1))
        order = nd.array(order, ctx=self._contexts[0], dtype=np.int32)
        bounds = [*range(0, self.num_images, self._batch_size), self.num_images]
        if len(bounds) > 2 and bounds[-1] - bounds[-2] < len(self._contexts):
            del bounds[-2]  # too few for every device to get one: the batch before takes them
        for start, end in zip(bounds, bounds[1:]):
            images = nd.take(self._images, order[start:end])
            if self._augment:
                images = self._augment(images, changes)
            images = split_and_load(images, self._contexts, even_split=False)
            labels = split_and_load(nd.take(self._labels, order[start:end]), self._contexts, even_split=False)
            yield list(zip(images, labels)), end - start


def fixed_batches(images, batch_size, context=None):
    """Yield `images` (N, ...) as NDArrays of at most `batch_size` rows, in order."""
    for start in range(0, len(images), batch_size):
        yield nd.array(images[start:start + batch_size], ctx=context or mx.cpu())
