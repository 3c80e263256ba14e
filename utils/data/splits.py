"""Which images are held out: a share of each class, drawn or by digest, and samples that are the same at every call."""
import hashlib
import os

import numpy as np

_TEST_FRACTION = 0.2  # of photos without a test set of their own


def stratified_split(labels, fraction, seed):
    """Draw `fraction` of each class: returns (rest, drawn), two sorted index arrays.

    Each class gives round(fraction * its size), but at least one and at most all but one of its samples where it has
    two or more.
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for _, members in members_of(labels):
        count = min(max(round(fraction * len(members)), 1), len(members) - 1) if fraction else 0
        drawn.append(rng.permutation(members)[:count])
    drawn = np.sort(np.concatenate(drawn))
    return np.setdiff1d(np.arange(len(labels)), drawn), drawn


def members_of(labels):
    """[(label, its indices in rising order), ...] of `labels` (N,) by rising label; sorted once, however many classes.

    >>> import numpy as np
    >>> from utils.data.splits import members_of
    >>> [(label, members.tolist()) for label, members in members_of(np.array([5, 2, 5]))]
    [(2, [1]), (5, [0, 2])]
    """
    order = np.argsort(labels, kind='stable')
    classes, starts = np.unique(np.asarray(labels)[order], return_index=True)
    return list(zip(classes.tolist(), np.split(order, starts[1:])))


def split_entries(entries):
    """(train, test) of [(photo, label), ...]: of each class the fifth whose file names have the lowest digests.

    So a photo keeps its place whatever becomes of other classes, and nearly always when its own grows or shrinks. At
    least one photo of a class trains, and one tests if it has two.
    """
    members = {}
    for entry in entries:
        members.setdefault(entry[1], []).append(entry)
    chosen = set()
    for own in members.values():
        count = min(max(round(_TEST_FRACTION * len(own)), 1), len(own) - 1)
        chosen.update(sorted(own, key=_digest)[:count])
    return [entry for entry in entries if entry not in chosen], [entry for entry in entries if entry in chosen]


def _digest(entry):
    name = os.path.basename(entry[0])
    return hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest(), entry[0]


def fixed_sample(count, limit):
    """At most `limit` of the indices below `count`, in an order that says nothing of them, the same at every call."""
    return np.random.default_rng(0).permutation(count)[:limit]
