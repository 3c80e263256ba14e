"""Batches of photos that are decoded as they are needed."""
import mxnet as mx
import numpy as np
from mxnet import nd
from mxnet.gluon.utils import split_and_load

from ..errors import UserError
from ..terminal import warn
from .batches import check_batch_size
from .samplers import count_images, epoch_batches, shuffled
from .shares import share_of


class PhotoBatches:
    """Mini-batches of random crops of a `PhotoSplit`, drawn anew each epoch; has what `batches.Batches` has.

    reader: a `photo_reader.Reader`. shape: a `photo_reader.Shape`. sampler: called with (labels, batch_size, numpy
    Generator), see `data.samplers`. Which photos form a batch depends on (seed, epoch); what is seen of a photo on
    (seed, epoch, its index, how often it was drawn in this epoch), whatever the number of workers. All photos are
    decoded once at the start, so that broken ones are known and left out: `split` has the others. Raises UserError if
    none is left. part, all_of: of a `Group`; the share of a process, at the start too, is all that it decodes.
    """

    def __init__(self, split, batch_size, contexts, seed, reader, shape, sampler=shuffled, part=(0, 1),
                 all_of=lambda indices, count: indices):
        check_batch_size(batch_size, contexts, part)
        whole = _whole(split.paths, reader, shape, part, all_of)
        if len(whole) < len(split.labels):
            warn(f'training on {len(whole)} of {len(split.labels)} photos, the others are broken')
        if not len(whole):
            raise UserError('no photo to train on can be decoded')
        self.split = split.take(whole)
        self.num_images = count_images(sampler, self.split.labels, batch_size, seed)
        self._batch_size = batch_size
        self._contexts = contexts
        self._seed = seed
        self._reader = reader
        self._shape = shape
        self._sampler = sampler
        self._part = part

    def epoch(self, number):
        """Yield (shards, size) in the order of epoch `number`: [(images, labels), one a context], images in all.

        images: (B, 3, S, S) float32, normalised. labels: (B,) int32. Raises UserError if a photo broke meanwhile.
        """
        order = list(epoch_batches(self._sampler, self.split.labels, self._batch_size,
                                   np.random.default_rng((self._seed, number)), len(self._contexts) * self._part[1]))
        for batch, (views, positions) in zip(order, self._reader.stream(self._requests(order, number), self._shape)):
            index = batch[share_of(len(batch), *self._part)]
            if len(positions) < len(index):
                raise UserError('photos that were whole when training began can no longer be decoded')
            images = split_and_load(nd.array(views, dtype=np.uint8), self._contexts, even_split=False)
            labels = split_and_load(nd.array(self.split.labels[index], dtype=np.int32), self._contexts,
                                    even_split=False)
            yield [(normalize(part, self._shape), own) for part, own in zip(images, labels)], len(batch)

    def _requests(self, order, number):
        drawn = np.zeros(len(self.split.labels), np.int64)
        for index in order:
            requests = []
            for i in index.tolist():
                drawn[i] += 1
                requests.append((self.split.paths[i], (self._seed, number, i, int(drawn[i]))))
            yield requests[share_of(len(index), *self._part)]


def _whole(paths, reader, shape, part, all_of):
    """The indices of the photos that can be decoded. Every process names all that cannot, whoever finds them."""
    own = share_of(len(paths), *part)
    whole = all_of(own.start + reader.whole(paths[own], shape), len(paths))
    reader.whole([paths[i] for i in sorted(set(range(len(paths))) - set(whole.tolist()))], shape)
    return whole


def fixed_photo_batches(paths, batch_size, reader, shape, context=None):
    """Yield (images, indices) of the photos `paths` in order: the middle of each, (B, 3, S, S) float32, normalised.

    indices: (B,) of the photos in `paths`. Broken photos are in no batch; the reader names them.
    """
    starts = range(0, len(paths), batch_size)
    batches = ([(path, None) for path in paths[start:start + batch_size]] for start in starts)
    for start, (views, positions) in zip(starts, reader.stream(batches, shape)):
        if len(positions):
            yield normalize(nd.array(views, ctx=context or mx.cpu(), dtype=np.uint8), shape), start + positions


def normalize(images, shape):
    """(B, H, W, 3) uint8 RGB -> (B, 3, H, W) float32 of mean 0 and deviation 1 over ImageNet."""
    return nd.image.normalize(nd.image.to_tensor(images), mean=shape.mean, std=shape.std)
