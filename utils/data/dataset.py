"""What a dataset is here: two splits, of normalised images in memory or, see `photos`, of photos yet to be decoded."""
import os
from typing import NamedTuple, Tuple

import numpy as np


class Split(NamedTuple):
    """images: (N, channels, H, W) float32 in [0, 1]. labels: (N,) int32."""
    images: np.ndarray
    labels: np.ndarray

    def take(self, index):
        return Split(self.images[index], self.labels[index])


class Dataset(NamedTuple):
    """train, test: each a `Split`, or each a `photos.PhotoSplit`."""
    train: Split
    test: Split
    class_names: Tuple[str, ...]

    @property
    def num_train_classes(self):
        """How many classes a network learns, the first of `class_names`: all, unless the test set has new ones."""
        return int(self.train.labels.max()) + 1

    def for_selection(self, select_on, val_fraction, seed):
        """(learn, (name, judge)): what is trained on, and what chooses the best epoch, 'val' or 'test'.

        `val_fraction` of each class of the training set is kept from training, also where the test set judges.
        """
        learn, held_out = self.train, None
        if val_fraction:
            rest, drawn = stratified_split(self.train.labels, val_fraction, seed)
            learn, held_out = self.train.take(rest), self.train.take(drawn)
        return learn, ('test', self.test) if select_on == 'test' else ('val', held_out)


def make_split(images, labels):
    """A `Split` of (N, H, W) uint8 grey images."""
    return Split(images[:, np.newaxis].astype(np.float32) / 255, labels.astype(np.int32))


def stratified_split(labels, fraction, seed):
    """Draw `fraction` of each class: returns (rest, drawn), two sorted index arrays.

    Each class gives round(fraction * its size), but at least one and at most all but one of its samples where it has
    two or more.
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = min(max(round(fraction * len(members)), 1), len(members) - 1) if fraction else 0
        drawn.append(rng.permutation(members)[:count])
    drawn = np.sort(np.concatenate(drawn))
    return np.setdiff1d(np.arange(len(labels)), drawn), drawn


def cache_folder():
    """Where datasets go when the user names no folder."""
    base = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.path.expanduser('~'), '.cache')
    return os.path.join(base, 'center-loss')
