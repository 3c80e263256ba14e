"""Which epoch of a run is the best, on the split that judges it."""
import numpy as np

from ..evaluation import metrics


class Selection:
    """Of the epochs so far the one with the highest accuracy, of equals that with the smallest loss, else the first.

    by: what accuracy is, a column of the history, and with it the loss. Small splits tie often, and the loss, which is
    of the same split, does not:

    - 'softmax': mean cross-entropy of the class layer.
    - 'knn': center loss, half the mean squared distance of a feature to the centre of its class. Only a second training
      is judged so; its centres stay where they are, so epochs can be compared by it.
    - 'recall_at_1': how wide a class is against how far apart classes are, in directions, which is what the cosine
      sees. Of features scaled to length 1: their mean distance to the mean of their class, over the mean distance
      between two such means. (MAP@R ties as recall does where a class has two images.) None with a single class.

    best: None before the first epoch; then a dict of epoch, accuracy and loss, which a state file keeps. That of a file
    from before there was a loss has none, and an equal epoch does not replace it.
    """

    def __init__(self, by):
        self.by = by
        self.best = None

    def takes(self, epoch, accuracy, outputs, centers):
        """Whether this epoch is better than `best`, and so is it from now on.

        outputs: of `outputs.extract`. centers: (C, D) or None.
        """
        found = {'epoch': epoch, 'accuracy': accuracy, 'loss': _LOSSES[self.by][1](outputs, centers)}
        if self.best and not _is_better(found, self.best):
            return False
        self.best = found
        return True

    def report(self, on):
        """What results.json says of it; on: the name of the split."""
        return {'on': on, 'by': self.by, 'epoch': self.best['epoch'], 'accuracy': self.best['accuracy'],
                'ties_by': _LOSSES[self.by][0], 'loss': self.best.get('loss')}


def _is_better(found, best):
    if found['accuracy'] != best['accuracy']:
        return found['accuracy'] > best['accuracy']
    return None not in (found['loss'], best.get('loss')) and found['loss'] < best['loss']


def _cross_entropy(outputs, _):
    logits = outputs.logits.astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    own = logits[np.arange(len(logits)), outputs.labels]
    return float((np.log(np.exp(logits).sum(axis=1)) - own).mean())


def _center_loss(outputs, centers):
    return float(((outputs.features - centers[outputs.labels]).astype(np.float64) ** 2).sum(axis=1).mean() / 2)


def _spread_of_directions(outputs, _):
    lengths = np.linalg.norm(outputs.features, axis=1, keepdims=True)
    directions = outputs.features / np.maximum(lengths, np.finfo(np.float32).tiny)
    means = metrics.class_means(directions, outputs.labels, outputs.labels.max() + 1)
    apart = metrics.inter_class_distance(means)
    return metrics.intra_class_distance(directions, outputs.labels, means) / apart if apart > 0 else None


_LOSSES = {'softmax': ('cross_entropy', _cross_entropy), 'knn': ('center_loss', _center_loss),
           'recall_at_1': ('spread_of_directions', _spread_of_directions)}
