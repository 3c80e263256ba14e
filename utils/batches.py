"""Batches of images that lie in one array on the device."""
import mxnet as mx
import numpy as np
from mxnet import nd
from mxnet.gluon.utils import split_and_load


class Batches:
    """Mini-batches of a `Split`, shuffled anew each epoch, the last one short if it must be.

    The order depends on (seed, epoch) alone, so an epoch can be repeated without what came before it; MXNet's own
    random state could not be saved. With several contexts each batch is split over them.
    """

    def __init__(self, split, batch_size, contexts, seed):
        self._images = nd.array(split.images, ctx=contexts[0])
        self._labels = nd.array(split.labels, ctx=contexts[0], dtype=np.int32)
        self._batch_size = batch_size
        self._contexts = contexts
        self._seed = seed

    def __len__(self):
        """Batches an epoch."""
        return -(-self.num_images // self._batch_size)

    @property
    def num_images(self):
        return len(self._images)

    def epoch(self, number):
        """Yield (shards, size) in the order of epoch `number`: [(images, labels), one a context], images in all."""
        order = np.random.default_rng((self._seed, number)).permutation(self.num_images)
        order = nd.array(order, ctx=self._contexts[0], dtype=np.int32)
        for start in range(0, self.num_images, self._batch_size):
            index = order[start:start + self._batch_size]
            # A short last batch may have fewer images than there are devices.
            contexts = self._contexts[:len(index)]
            images = split_and_load(nd.take(self._images, index), contexts, even_split=False)
            labels = split_and_load(nd.take(self._labels, index), contexts, even_split=False)
            yield list(zip(images, labels)), len(index)


def fixed_batches(images, batch_size, context=None):
    """Yield `images` (N, ...) as NDArrays of at most `batch_size` rows, in order."""
    for start in range(0, len(images), batch_size):
        yield nd.array(images[start:start + batch_size], ctx=context or mx.cpu())
