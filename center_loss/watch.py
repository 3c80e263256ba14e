"""A warning for centres that nothing moves."""
from __future__ import annotations

from typing import Any

import numpy as np
from mxnet import autograd
from mxnet.gluon import Parameter
from mxnet.gluon.loss import Loss
from mxnet.ndarray import NDArray

from .checks import warn

PATIENCE = 100  # recorded calls


def trainer_line(rate: Any) -> str:
    """The line that gives a loss's centres a Trainer."""
    return f"trainer = gluon.Trainer(loss.collect_params(), 'sgd', {{'learning_rate': {rate!r}}})"


class CenterWatch:
    """Warns once if no Trainer has the centres and `PATIENCE` recorded calls have not moved them.

    A call counts under `autograd.record()` while the centres have a gradient: frozen centres are meant to stay. Whoever
    moves centres without a Trainer gets no warning. The host waits for the device once, and never if there is a
    Trainer.
    """

    def __init__(self) -> None:
        self._calls = 0
        self._done = False
        self._labels: NDArray  # of the first call
        self._centers: NDArray  # of these labels, then

    def count_call(self, loss: Loss, param: Parameter, labels: NDArray) -> None:
        """Count a call of `loss`, whose centres are the Parameter `param`, with `labels` (B,)."""
        if self._done or not autograd.is_recording() or param.grad_req == 'null':
            return
        self._calls += 1
        if param._trainer is not None:  # Gluon has no public word for it
            self._done = True
        elif self._calls == 1:
            self._labels = labels.astype('int32')
            self._centers = self._centers_now(loss)
        elif self._calls > PATIENCE:
            self._done = True
            if np.array_equal(self._centers_now(loss).asnumpy(), self._centers.asnumpy()):
                warn(f'{type(loss).__name__}: no Trainer has its centres, and in {PATIENCE} calls nothing moved them. '
                     f"Add  {trainer_line(0.5)}  and step it beside the network's; if they are to stay, add  "
                     "loss.collect_params().setattr('grad_req', 'null')")

    def _centers_now(self, loss: Loss) -> NDArray:
        with autograd.pause():
            centers = loss.centers
            return centers.take(self._labels.as_in_context(centers.context))
