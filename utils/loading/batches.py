"""Batches of images that lie in one array on the device."""
import numpy as np
from mxnet import nd
from mxnet.gluon.utils import split_and_load

from ..errors import UserError
from .samplers import count_images, epoch_batches, shuffled


class Batches:
    """Mini-batches of a `Split`, drawn anew each epoch.

    What is drawn depends on (seed, epoch) alone, so an epoch can be repeated without what came before it; MXNet's own
    random state could not be saved. With several contexts each batch is split over them. augment: None, or called with
    (images, numpy Generator), and what it returns is trained on. sampler: called with (labels, batch_size, numpy
    Generator), it yields the indices of each batch of an epoch, as those of `data.samplers` do.
    """

    def __init__(self, split, batch_size, contexts, seed, augment=None, sampler=shuffled):
        if batch_size < len(contexts):
            raise UserError(f'--batch_size must be at least {len(contexts)}, one image a device, got {batch_size}')
        self.num_images = count_images(sampler, split.labels, batch_size, seed)
        self._images = nd.array(split.images, ctx=contexts[0])
        self._numpy_labels = split.labels
        self._labels = nd.array(split.labels, ctx=contexts[0], dtype=np.int32)
        self._batch_size = batch_size
        self._contexts = contexts
        self._seed = seed
        self._augment = augment
        self._sampler = sampler

    def epoch(self, number):
        """Yield (shards, size) in the order of epoch `number`: [(images, labels), one a context], images in all."""
        changes = np.random.default_rng((self._seed, number, 1))
        for index in epoch_batches(self._sampler, self._numpy_labels, self._batch_size,
                                   np.random.default_rng((self._seed, number)), len(self._contexts)):
            index = nd.array(index, ctx=self._contexts[0], dtype=np.int32)
            images = nd.take(self._images, index)
            if self._augment:
                images = self._augment(images, changes)
            shards = (split_and_load(part, self._contexts, even_split=False)
                      for part in (images, nd.take(self._labels, index)))
            yield list(zip(*shards)), len(index)
