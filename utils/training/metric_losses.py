"""The terms of --loss beside softmax and center loss, as one block."""
import math

from mxnet.gluon import Block

_MERGED = 0.1  # centres of a class count as one below this distance on the unit sphere


class MetricLosses(Block):
    """Weighted losses over (features, labels); called, it returns one (B,) array a term, in the order of `names`.

    terms: [(name, weight, loss), ...].
    """

    def __init__(self, terms):
        super().__init__(prefix='')
        self.names = [name for name, _, _ in terms]
        self._weights = [weight for _, weight, _ in terms]
        for name, _, loss in terms:
            self.register_child(loss, name)

    def forward(self, features, labels):
        return [weight * loss(features, labels) for weight, loss in zip(self._weights, self._children.values())]

    def statistics(self, features, labels):
        """What the losses themselves have to say of some features (N, D) and labels (N,), as {name: number or None}."""
        found = {}
        for loss in self._children.values():
            if hasattr(loss, 'statistics'):
                found.update(loss.statistics(features, labels))
            if hasattr(loss, 'centers_left'):
                found['centers_left'] = loss.centers_left(_MERGED).mean()
        return {name: None if math.isnan(value) else float(value) for name, value in found.items()}
