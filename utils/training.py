"""The one training loop: softmax + center loss, or center loss alone."""
import time
from typing import NamedTuple

import numpy as np
from mxnet import autograd, nd
from mxnet.gluon.loss import SoftmaxCrossEntropyLoss

from .errors import UserError
from .progress import Progress

# Batches between two looks at the losses: reading one makes the host wait for the device, which then runs dry.
_READ_EVERY = 20


class EpochLog(NamedTuple):
    """Means over the images of one epoch, as they were when each batch was trained on."""
    softmax_loss: float
    center_loss: float
    accuracy: float
    num_images: int
    seconds: float


class DivergenceError(UserError):
    """A loss, or what the network says after the last step of an epoch, became NaN or infinite."""

    def __init__(self, epoch, batch=None):
        where = f'epoch {epoch}, batch {batch}' if batch else f'the last batch of epoch {epoch}'
        super().__init__(f'the loss became NaN or infinite in {where}; the last good checkpoint is kept. '
                         'Try a smaller --lr, then a smaller --lmbd or --alpha')


def fit(net, center_loss, batches, trainers, *, epochs, rates, after_epoch, first_epoch=1, softmax_weight=1.0,
        lmbd_warmup=0):
    """Train `net` on `softmax_weight` * softmax + center loss.

    center_loss: a block called with (features, labels), or None. batches: a `Batches`. trainers: stepped after every
    batch. rates(epoch): the learning rate of each trainer. after_epoch(epoch, log, rates): called with an `EpochLog`.
    lmbd_warmup: epochs over which lambda rises from 0. Raises DivergenceError if a loss turns NaN or infinite.
    """
    progress = Progress(batches.num_images)
    for epoch in range(first_epoch, epochs + 1):
        epoch_rates = rates(epoch)
        for trainer, rate in zip(trainers, epoch_rates):
            trainer.set_learning_rate(rate)
        progress.start(f'epoch {epoch}/{epochs}')
        try:
            log = _train_epoch(net, center_loss, batches, trainers, epoch, softmax_weight, lmbd_warmup, progress)
        finally:
            progress.finish()
        after_epoch(epoch, log, epoch_rates)


def _train_epoch(net, center_loss, batches, trainers, epoch, softmax_weight, lmbd_warmup, progress):
    softmax_loss = SoftmaxCrossEntropyLoss()
    meter = _Meter(epoch, progress)
    start = time.perf_counter()
    done = (epoch - 1) * batches.num_images
    for shards, size in batches.epoch(epoch):
        done += size
        lmbd_weight = min(1.0, done / (lmbd_warmup * batches.num_images)) if lmbd_warmup else None
        totals = []
        for images, labels in shards:
            with autograd.record():
                logits, features = net(images)
                softmax = softmax_loss(logits, labels)
                total = softmax_weight * softmax
                if center_loss is not None:
                    center = center_loss(features, labels, *_as_weight(lmbd_weight, features.context))
                    total = total + center
            totals.append(total)
            meter.add(softmax, nd.zeros_like(softmax) if center_loss is None else center, logits, labels)
        autograd.backward(totals)
        for trainer in trainers:
            trainer.step(size)
        meter.end_batch(size)
    sums = meter.read()
    return EpochLog(*(sums / batches.num_images), batches.num_images, time.perf_counter() - start)


def _as_weight(value, context):
    """The sample weight of center loss, as the arguments it adds to the call: none where there is nothing to weigh."""
    return [] if value is None else [nd.full((1,), value, ctx=context)]


class _Meter:
    """Sums of softmax loss, center loss and right answers, kept on the device until they are read."""

    def __init__(self, epoch, progress):
        self._epoch = epoch
        self._progress = progress
        self._batches_read = 0
        self._totals = np.zeros(3)
        self._shards = []  # of the current batch
        self._batches = []  # (sums, size) not yet read

    def add(self, softmax, center, logits, labels):
        right = nd.argmax(logits, axis=1) == labels.astype('float32')
        self._shards.append(nd.concat(softmax.sum(), center.sum(), right.sum(), dim=0))

    def end_batch(self, size):
        self._batches.append((self._shards, size))
        self._shards = []
        if len(self._batches) == _READ_EVERY:
            self.read()

    def read(self):
        """Wait for the device and return the sums of the epoch so far; raises DivergenceError at a bad batch."""
        for shards, size in self._batches:
            sums = sum(shard.asnumpy().astype(np.float64) for shard in shards)
            self._batches_read += 1
            if not np.isfinite(sums).all():
                raise DivergenceError(self._epoch, self._batches_read)
            self._totals += sums
            self._progress.update(size, sums[:2].sum() / size)
        self._batches = []
        return self._totals
