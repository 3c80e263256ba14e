"""Judging an epoch: what the network, as it is after it, makes of the split that chooses."""
from typing import NamedTuple

import numpy as np

from ..evaluation.evaluator import Evaluator
from ..loading.outputs import extract
from .history import epoch_row
from .loop import DivergenceError


class JudgedEpoch(NamedTuple):
    """An epoch's row of history.csv, what it was measured of, and how fast it was trained."""
    row: dict
    evaluator: Evaluator
    images_per_second: float


class Judge:
    """Evaluates a model on splits.

    name, split: the split that chooses the best epoch. model: has net, class_layer, center_loss and metric_losses, the
    latter two or None. judged_by: see `Evaluator`.
    """

    def __init__(self, name, split, model, context, judged_by=('classes',)):
        self.name = name
        self.judged_by = judged_by
        self._split = split
        self.model = model
        self._context = context
        self._centers_move = model.center_loss is not None and any(
            param.grad_req != 'null' for param in model.center_loss.collect_params().values())
        self.note_centers()

    def note_centers(self):
        """From where `center_moved` of the next epoch is measured: from where centres are now."""
        self._last_centers = self._centers()

    def evaluate(self, split, train=None):
        """An `Evaluator` of a split; train: the split of `Evaluator.train`."""
        return Evaluator(extract(self.model.net, split, self._context), self._centers(), self.judged_by,
                         None if train is None else lambda: extract(self.model.net, train, self._context))

    def judge(self, epoch, log, rates):
        """The `JudgedEpoch`. Raises DivergenceError if the network says NaN or infinity."""
        evaluator = self.evaluate(self._split)
        if not np.isfinite(evaluator.outputs.sure).all():
            raise DivergenceError(epoch)
        centers, moved = evaluator.centers, None
        if centers is not None:
            moved = float(np.linalg.norm(centers - self._last_centers, axis=1).mean())
        self._last_centers = centers
        rates = rates[0], rates[1] if self._centers_move else None
        row = epoch_row(epoch, log, rates, evaluator, self.model.metric_losses, moved)
        return JudgedEpoch(row, evaluator, log.num_images / log.seconds)

    def _centers(self):
        return None if self.model.center_loss is None else self.model.center_loss.centers.asnumpy()


def class_weights(model):
    """(C, D + 1) of the class layer of a `Model`, its bias last, 0 where it has none."""
    layer = model.class_layer
    weights = layer.weight.data().asnumpy()
    bias = np.zeros(len(weights), weights.dtype) if layer.bias is None else layer.bias.data().asnumpy()
    return np.column_stack([weights, bias])
