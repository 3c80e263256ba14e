"""Which epoch of a run is the best, on the split that judges it."""
import numpy as np

from ..errors import UserError
from ..evaluation import columns, geometry


class Selection:
    """Of the epochs so far the one with the best figure, of equals that with the smallest loss, else the first.

    by: the figure, a column of the history, and with it the loss. Small splits tie often, and the loss, which is
    of the same split, does not:

    - 'softmax': mean cross-entropy of the class layer.
    - 'knn': center loss, half the mean squared distance of a feature to the centre of its class. Only a second training
      is judged so; its centres stay where they are, so epochs can be compared by it.
    - 'recall_at_1': how wide a class is against how far apart classes are, in directions, which is what the cosine
      sees. Of features scaled to length 1: their mean distance to the mean of their class, over the mean distance
      between two such means. (MAP@R ties as recall does where a class has two images.) None with a single class.

    best: None before the first epoch; then a dict of epoch, the figure under its own name, loss and, once it is saved,
    the digest of the model, which a state file keeps.
    """

    def __init__(self, by):
        self.by = by
        self.best = None

    def resume(self, best, path):
        """Take up `best` of the state at `path`; raises UserError if it was chosen by another figure."""
        lacking = [key for key in ('epoch', self.by, 'loss', 'digest') if key not in best] if best else []
        if lacking:
            raise UserError(f'{path} was made by another version of this program: its best epoch has no {lacking[0]}. '
                            'Remove it, or start the run anew, without --resume')
        self.best = best

    def takes(self, row, evaluator, on):
        """Whether this epoch is better than `best`, and so is it from now on.

        row: of history.csv. evaluator: the `Evaluator` of the split, whose name is `on`. Raises UserError if there is
        no such figure: how many photos of a class are whole is known only now.
        """
        if row[self.by] is None:
            raise UserError(f'recall at 1 cannot choose an epoch: of no class can two photos of the {on} split be '
                            'decoded')
        found = {'epoch': row['epoch'], self.by: row[self.by], 'loss': _LOSSES[self.by][1](evaluator)}
        if self.best and not self._is_better(found, self.best):
            return False
        self.best = found
        return True

    def report(self, on):
        """What results.json says of it; on: the name of the split."""
        return {'on': on, 'by': self.by, 'epoch': self.best['epoch'], self.by: self.best[self.by],
                'ties_by': _LOSSES[self.by][0], 'loss': self.best['loss']}

    def _is_better(self, found, best):
        if found[self.by] != best[self.by]:
            return columns.find(self.by).is_better(found[self.by], best[self.by])
        return None not in (found['loss'], best['loss']) and found['loss'] < best['loss']


def _cross_entropy(evaluator):
    return float(evaluator.outputs.losses.mean())


def _center_loss(evaluator):
    offsets = evaluator.features - evaluator.centers[evaluator.labels]
    return float((offsets.astype(np.float64) ** 2).sum(axis=1).mean() / 2)


def _spread_of_directions(evaluator):
    lengths = np.linalg.norm(evaluator.features, axis=1, keepdims=True)
    directions = evaluator.features / np.maximum(lengths, np.finfo(np.float32).tiny)
    means = geometry.class_means(directions, evaluator.labels, evaluator.labels.max() + 1)
    apart = geometry.inter_class_distance(means)
    return geometry.intra_class_distance(directions, evaluator.labels, means) / apart if apart > 0 else None


_LOSSES = {'softmax': ('cross_entropy', _cross_entropy), 'knn': ('center_loss', _center_loss),
           'recall_at_1': ('spread_of_directions', _spread_of_directions)}
