"""Photos that stay where they are until they are decoded: splits of names, and what --classes and --split make of them.

A photo is named by its path or, within a RecordIO file, by 'PATH.rec#OFFSET' with the byte where its record begins.
"""
import errno
import os
import re
import stat
from typing import NamedTuple

import numpy as np

from ..errors import UserError
from .dataset import Dataset

SPLITS = ('official', 'zero_shot', 'zero_shot_dev')
_RECORD = re.compile(r'(.+\.rec)#(\d+)', re.IGNORECASE | re.DOTALL)
_NAMES_IN_ERRORS = 5
_MOST_BYTES = 1 << 30  # of an encoded photo: no camera makes such files, and what is read must fit into memory


class PhotoSplit(NamedTuple):
    """paths: (N,) str objects, each the name of a photo. labels: (N,) int32."""
    paths: np.ndarray
    labels: np.ndarray

    def take(self, index):
        return PhotoSplit(self.paths[index], self.labels[index])


def make_photo_split(entries):
    """A `PhotoSplit` of [(path, label), ...]."""
    return PhotoSplit(np.array([path for path, _ in entries], dtype=object),
                      np.array([label for _, label in entries], dtype=np.int32))


def read_photo(path):
    """The encoded bytes of the photo `path`. Raises OSError if they cannot be read, UserError for a damaged record."""
    record = _RECORD.fullmatch(path)
    if record:
        from .recordio import read_record
        return read_record(record.group(1), int(record.group(2)))
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size > _MOST_BYTES:
            raise OSError(errno.EFBIG, f'it has more than {_MOST_BYTES} bytes', path)
        return file.read()


def open_file(path):
    """The file `path`, opened to read bytes. Raises OSError if it is none: a pipe would be waited for without end."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, 'it is no file', path)
    return open(path, 'rb')


def shown(name):
    """A name from the file system as text that can be printed, drawn and saved: bytes that are no UTF-8 as \\xNN."""
    return name.encode('utf-8', 'surrogateescape').decode('utf-8', 'backslashreplace')


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
