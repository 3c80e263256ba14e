"""Any tree of photos with a folder a class."""
import os

import numpy as np

from ..errors import UserError
from .dataset import Dataset, stratified_split
from .photos import make_photo_split

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp', '.gif')
_TEST_FRACTION = 0.2
_SPLIT_SEED = 0  # fixed: the split is part of the dataset


def load_folder(data_dir=None, offline=False):
    """Photos in `data_dir`/train/CLASS and `data_dir`/test/CLASS, or in `data_dir`/CLASS, at any depth below CLASS.

    Without train and test a fifth of each class, always the same, is for testing. Classes are sorted by name. Hidden
    files and whatever has no suffix of a photo are passed over. Raises UserError for a class folder without photos.
    """
    if data_dir is None:
        raise UserError('--dataset folder needs the folder of the photos: --data_dir')
    parts = [os.path.join(data_dir, name) for name in ('train', 'test')]
    divided = all(map(os.path.isdir, parts))
    found = [_classes(part) for part in (parts if divided else [data_dir])]
    names = tuple(sorted(set().union(*found)))
    listed = [[(path, label) for label, name in enumerate(names) for path in part.get(name, ())] for part in found]
    train, test = listed if divided else split_entries(listed[0])
    return Dataset(make_photo_split(train), make_photo_split(test), names)


def split_entries(entries):
    """(train, test) of [(photo, label), ...]: a fixed stratified fifth is for testing."""
    train, test = stratified_split(np.array([label for _, label in entries]), _TEST_FRACTION, _SPLIT_SEED)
    return [entries[i] for i in train], [entries[i] for i in test]


def list_photos(folder):
    """Sorted paths of all photos below `folder`, by their suffix; hidden files and folders are passed over."""
    found = []
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith('.')]
        found.extend(os.path.join(path, name) for name in files
                     if name.lower().endswith(SUFFIXES) and not name.startswith('.'))
    return sorted(found)


def _classes(folder):
    """{name of the class: its photos} of the folders in `folder`."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith('.'))
    classes = {name: list_photos(os.path.join(folder, name)) for name in names}
    if not classes:
        raise UserError(f'--data_dir expected a folder for each class in {folder}, got none')
    for name, photos in classes.items():
        if not photos:
            raise UserError(f'{os.path.join(folder, name)} should be a class and has no photos '
                            f'({", ".join(SUFFIXES)})')
    return classes
