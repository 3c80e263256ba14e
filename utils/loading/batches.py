"""Batches of images that lie in one array on the device."""
import numpy as np
from mxnet import nd
from mxnet.gluon.utils import split_and_load

from ..errors import UserError
from .samplers import count_images, epoch_batches, shuffled
from .shares import share_of


class Batches:
    """Mini-batches of a `Split`, drawn anew each epoch.

    What is drawn depends on (seed, epoch) alone, so an epoch can be repeated without what came before it; MXNet's own
    random state could not be saved. With several contexts each batch is split over them. augment: None, or called with
    (images, numpy Generator), and what it returns is trained on. sampler: called with (labels, batch_size, numpy
    Generator), it yields the indices of each batch of an epoch, as those of `data.samplers` do. part: of a `Group`: all
    processes draw the same batches, and each gets its share of them.
    """

    def __init__(self, split, batch_size, contexts, seed, augment=None, sampler=shuffled, part=(0, 1)):
        check_batch_size(batch_size, contexts, part)
        self.num_images = count_images(sampler, split.labels, batch_size, seed)
        self._images = nd.array(split.images, ctx=contexts[0])
        self._numpy_labels = split.labels
        self._labels = nd.array(split.labels, ctx=contexts[0], dtype=np.int32)
        self._batch_size = batch_size
        self._contexts = contexts
        self._seed = seed
        self._augment = augment
        self._sampler = sampler
        self._part = part

    def epoch(self, number):
        """Yield (shards, size) in the order of epoch `number`: [(images, labels), one a context], images in all.

        Of several processes, `size` counts the images of all.
        """
        changes = np.random.default_rng((self._seed, number, 1))
        for index in epoch_batches(self._sampler, self._numpy_labels, self._batch_size,
                                   np.random.default_rng((self._seed, number)), len(self._contexts) * self._part[1]):
            own = share_of(len(index), *self._part)
            # What augmentation draws for one image depends on how many there are, so it sees the whole batch.
            taken = nd.array(index if self._augment else index[own], ctx=self._contexts[0], dtype=np.int32)
            images, labels = nd.take(self._images, taken), nd.take(self._labels, taken)
            if self._augment:
                images, labels = self._augment(images, changes)[own], labels[own]
            shards = (split_and_load(part, self._contexts, even_split=False) for part in (images, labels))
            yield list(zip(*shards)), len(index)


def check_batch_size(batch_size, contexts, part):
    """Raise UserError unless each device of each process can have an image of a batch."""
    devices = len(contexts) * part[1]
    if batch_size < devices:
        raise UserError(f'--batch_size must be at least {devices}, one image a device, got {batch_size}')
