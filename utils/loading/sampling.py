"""How batches are drawn, by the name of the sampler."""
import numpy as np

from . import samplers

_ANY_MARGIN = 4.0  # above any distance between features of length 1: every triplet violates it


def get_sampler(name, per_class, mine=None, embed=None):
    """The sampler called `name`, see `samplers`. per_class: images, of m_per_class. Others: see `OfflineTriplets`."""
    if name == 'm_per_class':
        return lambda labels, batch_size, rng: samplers.m_per_class(labels, batch_size, per_class, rng)
    if name == 'offline_triplets':
        return OfflineTriplets(embed, mine)
    return {'shuffled': samplers.shuffled, 'class_balanced': samplers.class_balanced}[name]


class OfflineTriplets:
    """Batches of anchors, their positives and their negatives, in three equal parts, mined in the whole training set.

    embed(): features (N, D) of the training set as the network is now. mine(features, labels, count, rng=, **margin):
    at most `count` rows (anchor, positive, negative). An epoch has at most a third of the images as anchors.
    """

    def __init__(self, embed, mine):
        self._embed, self._mine = embed, mine

    def count(self, labels, batch_size):
        """Images of an epoch where every anchor finds its triplet: what schedules count on, whatever is mined."""
        counts = np.bincount(labels)
        size = self._anchors(labels, batch_size)
        return 3 * (len(labels) // 3 // size * size) if (counts > 0).sum() > 1 and counts.max() > 1 else 0

    def __call__(self, labels, batch_size, rng):
        features = self._embed()
        size = self._anchors(labels, batch_size)
        triplets = self._mine(features, labels, len(labels) // 3, rng=rng)
        if len(triplets) < size:  # hardly any violates the margin: an epoch of easy ones does no harm
            triplets = self._mine(features, labels, len(labels) // 3, rng=rng, margin=_ANY_MARGIN)
        for start in range(0, len(triplets) - size + 1, size):
            yield triplets[start:start + size].T.ravel()

    def _anchors(self, labels, batch_size):
        return max(1, min(batch_size, len(labels)) // 3)
