"""The objective: what --loss asks to minimise beside center loss, parsed once."""
from dataclasses import dataclass
from functools import cached_property
from typing import Optional

from ..errors import UserError
from .loss_terms import parse_loss

LEAST = {'contrastive': 2, 'triplet': 3}  # images that such a loss compares with each other


@dataclass(frozen=True)
class Objective:
    """loss: a text that `parse_loss` takes, without a term for center, which has settings of its own.

    loss_lr: the learning rate of the parameters that the terms have of their own; None where they have none.
    """
    loss: str
    loss_lr: Optional[float]

    @cached_property
    def terms(self):
        """A tuple of `Term`."""
        return tuple(parse_loss(self.loss))

    @property
    def names(self):
        return [term.name for term in self.terms]

    @property
    def metric_terms(self):
        """The terms beside softmax."""
        return [term for term in self.terms if term.name != 'softmax']

    @property
    def softmax_weight(self):
        """0 where softmax has no part: then the class layer learns nothing."""
        return next((term.weight for term in self.terms if term.name == 'softmax'), 0.0)

    @property
    def learns(self):
        """Whether a term has parameters of its own."""
        return self.loss_lr is not None

    @property
    def needs_triplets(self):
        """Whether a term takes batches of triplets that were mined before."""
        return any(dict(term.options).get('miner') == 'given' for term in self.terms)

    def option(self, name, key, default):
        """The option `key` of the term `name`; `default` if --loss does not say it."""
        return next((dict(term.options).get(key, default) for term in self.terms if term.name == name), default)

    def judged_by(self, photos):
        """['classes'], ['retrieval'] or both: what a run is judged by. photos: whether its images are photos.

        Accuracy means nothing where no class layer is trained, and retrieval little for ten kinds of digits.
        """
        return ['classes'] * bool(self.softmax_weight) + ['retrieval'] * bool(photos or self.metric_terms)

    def check_batch_size(self, batch_size):
        """Raise UserError if a batch is smaller than what a term compares."""
        for name in self.names:
            least = LEAST.get(name, 1)
            if batch_size < least:
                raise UserError(f'--batch_size must be at least {least} with --loss {name}, which compares {least} '
                                f'images, got {batch_size}')
