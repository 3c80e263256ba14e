"""Which images form a batch. Each sampler yields the (B,) index arrays of one epoch; all draws come from `rng`.

labels: (N,) integers. rng: a numpy Generator. How many images an epoch has does not depend on `rng`.
"""
import numpy as np

from ..data.splits import members_of
from ..errors import UserError


def shuffled(labels, batch_size, rng):
    """Every image once, in random order; the last batch is short if it must be."""
    order = rng.permutation(len(labels))
    for start in range(0, len(order), batch_size):
        yield order[start:start + batch_size]


def class_balanced(labels, batch_size, rng):
    """N images, every class equally often (to one image), whatever its size; the last batch is short if it must be.

    A large class shows only some of its images, another choice each epoch; a small one shows its images repeatedly,
    each equally often (to one).
    """
    classes, members = _decks(labels, rng)
    order = np.array([members[label].deal(1)[0] for label in classes.deal(len(labels))])
    for start in range(0, len(order), batch_size):
        yield order[start:start + batch_size]


def m_per_class(labels, batch_size, m, rng):
    """P different classes with `m` images each, P = batch_size / m, in every batch (P x K sampling).

    An epoch has N // batch_size batches, at least one; all are full. Over an epoch every class comes equally often (to
    one time), so each shows m images in its turn: different ones where the class has m, else all it has and some of
    them again. Raises UserError unless batch_size is a multiple of m and there are P classes.
    """
    classes, members = _decks(labels, rng)
    num_classes, rest = divmod(batch_size, m)
    if rest:
        raise UserError(f'--batch_size must be a multiple of the {m} images a class, got {batch_size}')
    if num_classes > len(members):
        raise UserError(f'--batch_size must be at most {m * len(members)}, {m} images of {len(members)} classes, '
                        f'got {batch_size}')
    for _ in range(max(1, len(labels) // batch_size)):
        yield np.array([image for label in classes.deal(num_classes) for image in members[label].deal(m)])


def epoch_batches(sampler, labels, batch_size, rng, least):
    """What `sampler` yields, but a last batch of fewer than `least` images joins the one before.

    Raises UserError if there is none before.
    """
    waiting = None
    for index in sampler(labels, batch_size, rng):
        if waiting is not None and len(index) < least:
            index, waiting = np.concatenate([waiting, index]), None
        if waiting is not None:
            yield waiting
        waiting = index
        if len(waiting) < least:
            raise UserError(f'expected batches of at least {least} images, one a device, got one of {len(waiting)}')
    if waiting is not None:
        yield waiting


def _decks(labels, rng):
    """A deck of the classes that have images, and {class: deck of its images}."""
    members = {label: _Deck(own, rng) for label, own in members_of(labels)}
    return _Deck(list(members), rng), members


class _Deck:
    """Cards dealt round after round, each round all of them in a new order."""

    def __init__(self, cards, rng):
        self._cards = cards
        self._rng = rng
        self._waiting = []  # what is left of this round

    def deal(self, count):
        """The next `count` cards; no card comes twice unless the deck has fewer."""
        hand, self._waiting = self._waiting[:count], self._waiting[count:]
        while len(hand) < count:
            # Cards of the hand, dealt at the end of the last round, come late in this one.
            fresh = sorted(self._rng.permutation(self._cards).tolist(), key=set(hand).__contains__)
            missing = count - len(hand)
            hand, self._waiting = hand + fresh[:missing], fresh[missing:]
        return hand


def count_images(sampler, labels, batch_size, seed):
    """How many images `sampler` draws in an epoch; asks its `count(labels, batch_size)` where it has one.

    Raises UserError if there are none.
    """
    count = getattr(sampler, 'count', None)
    found = count(labels, batch_size) if count else sum(
        map(len, sampler(labels, batch_size, np.random.default_rng(seed))))
    if not found:
        raise UserError('no batch can be drawn: triplets need two classes, one of them with two images')
    return found
