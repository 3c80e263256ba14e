"""Learning rates through a training, as multiples of those on the command line."""
import math

_START = 25  # a warm-up begins at 1/25 of the rate, as one-cycle policies do


def warm_up(done, length):
    """The factor after `done` epochs: it rises in a straight line from 1/25 to 1 over the first `length` epochs."""
    return 1.0 if done >= length else (1 + (_START - 1) * done / length) / _START


def step_decay(done, step, factor):
    """The factor after `done` epochs: times `factor` after every `step` epochs."""
    return factor ** int(done // step)


def cosine_decay(done, start, end):
    """The factor after `done` epochs: 1 until `start`, then half a cosine down to 0 at `end`."""
    return 1.0 if done <= start else (1 + math.cos(math.pi * (done - start) / (end - start))) / 2


def schedule(training):
    """factor(done) for a training, by its settings, a `Training`.

    `done` is a number of epochs and need not be whole.
    """
    warmup = training.lr_warmup
    if training.lr_schedule == 'cosine':
        return lambda done: warm_up(done, warmup) * cosine_decay(done, warmup, training.epochs)
    return lambda done: warm_up(done, warmup) * step_decay(done, training.lr_step, training.lr_factor)
