"""A warning for centres that nothing moves."""
import numpy as np
from mxnet import autograd

from .checks import warn

PATIENCE = 100  # recorded calls


def trainer_line(rate):
    """The line that gives a loss's centres a Trainer."""
    return f"trainer = gluon.Trainer(loss.collect_params(), 'sgd', {{'learning_rate': {rate!r}}})"


class CenterWatch:
    """Warns once of centres that are in no Trainer and are, after `PATIENCE` recorded calls, where they were.

    Calls count under `autograd.record()`, while the centres have a gradient: frozen ones are meant to stay. Nothing is
    said to those who move centres without a Trainer. The host waits for the device once, and never if there is a
    Trainer.
    """

    def __init__(self):
        self._calls = 0
        self._over = False
        self._labels = self._centers = None  # of the first call

    def see_call(self, loss, param, labels):
        """Count a call of `loss`, whose centres are the Parameter `param`, with `labels` (B,)."""
        if self._over or not autograd.is_recording() or param.grad_req == 'null':
            return
        self._calls += 1
        if param._trainer is not None:  # Gluon has no public word for it
            self._over = True
        elif self._calls == 1:
            self._labels = labels.astype('int32')
            self._centers = self._centers_now(loss)
        elif self._calls > PATIENCE:
            self._over = True
            if np.array_equal(self._centers_now(loss).asnumpy(), self._centers.asnumpy()):
                warn(f'{type(loss).__name__}: no Trainer has its centres, and in {PATIENCE} calls nothing moved them. '
                     f"Add  {trainer_line(0.5)}  and step it beside the network's; if they are to stay, add  "
                     "loss.collect_params().setattr('grad_req', 'null')")

    def _centers_now(self, loss):
        with autograd.pause():
            centers = loss.centers
            return centers.take(self._labels.as_in_context(centers.context))
