"""What tests make batches of photos with."""
import mxnet as mx
import numpy as np

from utils.loading.photo_batches import PhotoBatches
from utils.loading.photo_reader import Shape
from utils.loading.samplers import m_per_class

SHAPE = Shape(size=32, resize=40)
CPU = [mx.cpu()]


def by_m(m):
    return lambda labels, batch_size, rng: m_per_class(labels, batch_size, m, rng)


def batches_of(split, reader, batch_size=6, contexts=CPU, seed=0, **options):
    return PhotoBatches(split, batch_size, contexts, seed, reader, SHAPE, **options)


def epoch_of(batches, number):
    """All images and labels of an epoch, as numpy arrays."""
    shards = [shard for shards, _ in batches.epoch(number) for shard in shards]
    return [np.concatenate([shard[i].asnumpy() for shard in shards]) for i in (0, 1)]


def pixels(images):
    """(B, H, W, 3) values from 0 to 255 of normalised images (B, 3, H, W)."""
    return (images.transpose(0, 2, 3, 1) * SHAPE.std + SHAPE.mean) * 255
