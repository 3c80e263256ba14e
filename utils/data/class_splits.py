"""What --classes and --split make of a dataset of photos: which classes there are, and which train or test."""
import re

import numpy as np

from ..errors import UserError
from .dataset import Dataset, PhotoSplit

SPLITS = ('official', 'zero_shot', 'zero_shot_dev')
_NAMES_IN_ERRORS = 5


def choose(dataset, name, classes=None, split='official', split_seed=None):
    """The part of a `Dataset` of photos that `classes`, `split` and `split_seed` ask for.

    classes: a regular expression; classes stay whose name it matches anywhere, upper or lower case. split: 'official'
    is the dataset's own; with 'zero_shot' the first half of the classes that have images trains and the second half
    (the larger by one if their number is odd) tests, each with all its images. 'zero_shot_dev' halves that training
    half in the same way and leaves the test half out: what is chosen with it has not seen a test class. split_seed:
    draws the order in which classes are halved; None keeps that of their names in the dataset. Training classes are
    numbered from 0, the others follow, each in the old order. Raises UserError if no class matches, a split comes out
    empty, or an official test class has no training images.
    """
    if split not in SPLITS:
        raise ValueError(f'split: expected one of {", ".join(SPLITS)}, got {split!r}')
    kept = _matching(dataset.class_names, name, classes)
    train, test = _only(dataset.train, kept), _only(dataset.test, kept)
    if split != 'official':
        both = PhotoSplit(*map(np.concatenate, zip(train, test)))
        train, test = (_only(both, half) for half in _halves(np.unique(both.labels), split, split_seed))
    for part, photos in (('training', train), ('test', test)):
        if not len(photos.labels):
            raise UserError(f'{name} has no {part} images for --split {split} among its {len(kept)} classes; '
                            f'try {_other(split)}')
    return _renumber(train, test, dataset.class_names, name, split)


def _matching(class_names, name, pattern):
    """Sorted ids of the classes whose name `pattern` matches; all without one."""
    if pattern is None:
        return np.arange(len(class_names))
    try:
        matches = re.compile(pattern, re.IGNORECASE).search
    except re.error as error:
        raise UserError(f'--classes expected a regular expression, got {pattern!r}: {error}') from error
    kept = np.flatnonzero([bool(matches(class_name)) for class_name in class_names])
    if not len(kept):
        raise UserError(f'--classes expected a pattern that matches a class of {name}, such as '
                        f'{", ".join(class_names[:_NAMES_IN_ERRORS])}; got {pattern!r}')
    return kept


def _halves(classes, split, split_seed):
    """(training classes, test classes) of a zero-shot split of the sorted ids `classes`."""
    order = classes if split_seed is None else np.random.default_rng(split_seed).permutation(classes)
    if split == 'zero_shot_dev':
        order = order[:len(order) // 2]
    return order[:len(order) // 2], order[len(order) // 2:]


def _only(photos, classes):
    return photos.take(np.isin(photos.labels, classes))


def _other(split):
    return '--split zero_shot, which needs none' if split == 'official' else '--split official, or more --classes'


def _renumber(train, test, class_names, name, split):
    unseen = np.setdiff1d(test.labels, train.labels)
    if split == 'official' and len(unseen):
        raise UserError(f'{name} has test images but no training images of {class_names[unseen[0]]}')
    present = np.concatenate([np.unique(train.labels), unseen])
    numbers = np.zeros(len(class_names), np.int32)
    numbers[present] = np.arange(len(present))
    train, test = (PhotoSplit(part.paths, numbers[part.labels]) for part in (train, test))
    return Dataset(train, test, tuple(class_names[label] for label in present))
