"""Whether batches hold the pairs and triplets that a loss learns from; without them it would train nothing."""
import numpy as np

from ..errors import UserError
from ..loading.samplers import epoch_batches
from ..loading.sampling import get_sampler
from ..settings.objective import LEAST


def check_batches(config, labels, devices):
    """Raise UserError if no batch can be drawn, or none of the first epoch holds what a term of --loss learns from.

    labels: (N,) integers of the images to learn. What --sampler offline_triplets draws are triplets.
    """
    names, training = set(config.objective.names) & set(LEAST), config.training
    if training.sampler == 'offline_triplets':
        return
    batches = epoch_batches(get_sampler(training.sampler, training.per_class), labels, training.batch_size,
                            np.random.default_rng((training.seed, 1)), devices)
    for index in batches:
        names -= {name for name in names if _holds(name, np.unique(labels[index], return_counts=True)[1])}
        if not names:
            return
    needed = 'two images' if 'contrastive' in names else 'two images of one class and one of another'
    raise UserError(f'--loss {min(names)} has nothing to learn from: no batch of the first epoch holds {needed}. Try '
                    'a larger --batch_size, or --sampler m_per_class with two or more images --per_class')


def _holds(name, counts):
    """Whether a batch with so many images of each of its classes holds a pair, or a triplet."""
    return counts.sum() > 1 if name == 'contrastive' else len(counts) > 1 and counts.max() > 1
