"""The one training loop: softmax, center loss and metric losses, or some of them."""
import time
from typing import NamedTuple, Tuple

import numpy as np
from mxnet import autograd, nd
from mxnet.gluon.loss import SoftmaxCrossEntropyLoss

from .. import runtime
from ..errors import UserError
from ..progress import Progress
from .group import ALONE
from .profile import unmeasured

_LOOK_EVERY = 0.2  # seconds between two looks at the losses: nobody sees more
_UNREAD = 2  # the latest batches: reading makes the host wait, and the device shall have work meanwhile
_NEARLY = 1 - 1e-9


class EpochLog(NamedTuple):
    """Means over the images of one epoch, as they were when each batch was trained on."""
    softmax_loss: float
    center_loss: float
    accuracy: float
    metric_losses: Tuple[float, ...]
    num_images: int
    seconds: float


class DivergenceError(UserError):
    """A loss, or what the network says after the last step of an epoch, became NaN or infinite."""

    def __init__(self, epoch, batch=None):
        where = f'epoch {epoch}, batch {batch}' if batch else f'the last batch of epoch {epoch}'
        kept = 'the last good checkpoint is kept' if epoch > 1 else 'no epoch was finished'
        super().__init__(f'the loss became NaN or infinite in {where}; {kept}. '
                         'Try a smaller --lr, then a smaller --lmbd or --alpha')


def fit(net, center_loss, batches, trainers, *, epochs, rates, after_epoch, seed=0, first_epoch=1,
        softmax_weight=1.0, metric_losses=None, lmbd_warmup=0, after_step=lambda: None, part=unmeasured,
        group=ALONE):
    """Train `net` on `softmax_weight` * softmax + center loss + metric losses.

    center_loss: a block called with (features, labels), or None. metric_losses: a `MetricLosses` or None. Both live on
    the first device and see the whole batch: what counts or pairs is what one device would count and pair. batches: a
    `Batches`. trainers: stepped after every batch. rates(done): the learning rate of each trainer after `done` epochs,
    asked before every batch. after_epoch(epoch, log, rates): called with an `EpochLog` and the last rates. seed: of
    what dropout drops, which depends on it and the epoch alone. lmbd_warmup: epochs over which lambda rises from 0.
    after_step(): called after every batch. part: of a `Profile`. group: of `training.group`, the processes that train
    together. Raises DivergenceError if a loss turns NaN or infinite.
    """
    terms = softmax_weight, center_loss, metric_losses

    def take_step(shards, size, done, meter):
        for trainer, rate in zip(trainers, rates(done)):
            trainer.set_learning_rate(rate)
        lmbd_weight = min(1.0, (done + size / batches.num_images) / lmbd_warmup) if lmbd_warmup else None
        with part('forward'):
            losses = _losses(net, terms, shards, size, lmbd_weight, meter, group)
        with part('backward'):
            autograd.backward(losses)
        with part('update'):
            group.step(trainers, size)
            after_step()

    progress = Progress(batches.num_images)
    for epoch in range(first_epoch, epochs + 1):
        progress.start(f'epoch {epoch}/{epochs}')
        runtime.seed_everything(seed, epoch, group.rank)
        try:
            log = _train_epoch(batches, epoch, take_step, _Meter(epoch, progress, softmax_weight), part)
        finally:
            progress.finish()
        after_epoch(epoch, log, [trainer.learning_rate for trainer in trainers])


def _train_epoch(batches, epoch, take_step, meter, part):
    start = time.perf_counter()
    trained = 0  # images
    for shards, size in _drawn(batches.epoch(epoch), part):
        # Mined triplets may be more than were counted on; the epoch is not over for that.
        take_step(shards, size, epoch - 1 + min(trained / batches.num_images, _NEARLY), meter)
        trained += size
        meter.end_batch(size)
    softmax, center, accuracy, *metric = meter.read() / trained
    return EpochLog(softmax, center, accuracy, tuple(metric), trained, time.perf_counter() - start)


def _drawn(batches, part):
    batches = iter(batches)
    while True:
        with part('data'):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _losses(net, terms, shards, size, lmbd_weight, meter, group):
    """What a batch is to be moved by, recorded: the softmax loss (b,) of each device's share of it, and the sum (B,) of
    what looks at all of it. Their parts are added to `meter`."""
    softmax_weight, center_loss, metric_losses = terms
    with autograd.record():
        shares = [_share(net, *shard) for shard in shards]
        losses = [softmax_weight * softmax for _, softmax, *_ in shares]
        features, softmax, right, labels = group.whole([_on_the_first(column) for column in zip(*shares)], size)
        others = [] if center_loss is None else [
            center_loss(features, labels, *_as_weight(lmbd_weight, features.context))]
        others += metric_losses(features, labels) if metric_losses else []
        if others:
            whole = sum(others[1:], others[0])
            losses = [losses[0] + whole] if len(losses[0]) == size else [*losses, whole]  # one head is faster than two
    center = [] if center_loss is not None else [nd.zeros_like(softmax)]
    meter.add([softmax, *center, *others], right)
    return losses


def _share(net, images, labels):
    """(features (b, D), softmax loss, whether the answer is right, labels), of what one device has of a batch."""
    logits, features = net(images)
    softmax = SoftmaxCrossEntropyLoss()(logits, labels)
    with autograd.pause():
        right = nd.argmax(logits, axis=1) == labels.astype('float32')
    return features, softmax, right, labels


def _on_the_first(parts):
    """Arrays (b, ...) of the devices as one, on the first of them; gradients find their way back."""
    if len(parts) == 1:
        return parts[0]
    return nd.concat(*(part.as_in_context(parts[0].context) for part in parts), dim=0)


def _as_weight(value, context):
    """The sample weight of center loss, as the arguments it adds to the call: none where there is nothing to weigh."""
    return [] if value is None else [nd.full((1,), value, ctx=context)]


class _Meter:
    """Sums of softmax loss, center loss, right answers and metric losses, kept on the device until they are read."""

    def __init__(self, epoch, progress, softmax_weight):
        self._epoch = epoch
        self._progress = progress
        self._softmax_weight = softmax_weight
        self._batches_read = 0
        self._last_look = time.monotonic()
        self._totals = 0.0
        self._sums = None  # of the current batch
        self._batches = []  # (sums, size) not yet read

    def add(self, losses, right):
        """losses: arrays (B,), of softmax, center and metric losses. right: (B,), 1 where the answer is."""
        softmax, center, *metric = losses
        self._sums = nd.concat(*(part.sum() for part in (softmax, center, right, *metric)), dim=0)

    def end_batch(self, size):
        self._batches.append((self._sums, size))
        if time.monotonic() - self._last_look > _LOOK_EVERY:
            self.read(unread=_UNREAD)
            self._last_look = time.monotonic()

    def read(self, unread=0):
        """Wait for the device and return the sums of the epoch so far, but for the latest `unread` batches.

        Raises DivergenceError at a bad batch.
        """
        ready = self._batches[:len(self._batches) - unread]
        self._batches = self._batches[len(ready):]
        for array, size in ready:
            sums = array.asnumpy().astype(np.float64)
            self._batches_read += 1
            if not np.isfinite(sums).all():
                raise DivergenceError(self._epoch, self._batches_read)
            self._totals = self._totals + sums
            softmax, others = sums[0], sums[1] + sums[3:].sum()
            self._progress.update(size, (self._softmax_weight * softmax + others) / size)
        return self._totals
