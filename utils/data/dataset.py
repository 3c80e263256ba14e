"""What a dataset is here: two splits, of normalised images in memory or of photos that are yet to be decoded."""
import os
from typing import NamedTuple, Tuple

import numpy as np

from .splits import stratified_split


class Split(NamedTuple):
    """images: (N, channels, H, W) float32 in [0, 1]. labels: (N,) int32."""
    images: np.ndarray
    labels: np.ndarray

    def image_shape(self, side):
        """(channels, height, width) of an image as a network gets it."""
        return self.images.shape[1:]

    def take(self, index):
        return Split(self.images[index], self.labels[index])


class PhotoSplit(NamedTuple):
    """paths: (N,) str objects, each the name of a photo, see `photos`. labels: (N,) int32."""
    paths: np.ndarray
    labels: np.ndarray

    def image_shape(self, side):
        """(channels, height, width) of a photo as a network gets it: a square of `side` pixels, in colours."""
        return 3, side, side

    def take(self, index):
        return PhotoSplit(self.paths[index], self.labels[index])


class Dataset(NamedTuple):
    """train, test: each a `Split`, or each a `PhotoSplit`."""
    train: Split
    test: Split
    class_names: Tuple[str, ...]

    @property
    def num_train_classes(self):
        """How many classes a network learns, the first of `class_names`: all, unless the test set has new ones."""
        return int(self.train.labels.max()) + 1

    def for_selection(self, select_on, val_fraction, seed):
        """(train, (name, judge)): what is trained on, and what chooses the best epoch, 'val' or 'test'.

        `val_fraction` of each class of the training set is kept from training, also where the test set judges.
        """
        train, held_out = self.train, None
        if val_fraction:
            rest, drawn = stratified_split(self.train.labels, val_fraction, seed)
            train, held_out = self.train.take(rest), self.train.take(drawn)
        return train, ('test', self.test) if select_on == 'test' else ('val', held_out)


def make_split(images, labels):
    """A `Split` of uint8 images (N, H, W), grey, or (N, channels, H, W)."""
    images = images if images.ndim == 4 else images[:, np.newaxis]
    return Split(images.astype(np.float32) / 255, labels.astype(np.int32))


def make_photo_split(entries):
    """A `PhotoSplit` of [(path, label), ...]."""
    return PhotoSplit(np.array([path for path, _ in entries], dtype=object),
                      np.array([label for _, label in entries], dtype=np.int32))


def cache_folder():
    """Where datasets go when the user names no folder."""
    base = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.path.expanduser('~'), '.cache')
    return os.path.join(base, 'center-loss')
