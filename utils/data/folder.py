"""Any tree of photos with a folder a class."""
import os

from ..errors import UserError
from .dataset import Dataset, make_photo_split
from .photos import SUFFIXES, list_entries, list_photos, shown
from .splits import split_entries

_PARTS = {'train', 'training', 'test', 'testing', 'val', 'valid', 'validation', 'dev'}  # of a dataset: no classes


def load_folder(data_dir=None, offline=False):
    """Photos in `data_dir`/train/CLASS and `data_dir`/test/CLASS, or in `data_dir`/CLASS, at any depth below CLASS.

    Without train and test a fifth of each class, always the same, is for testing. Classes are sorted by name. Hidden
    files and whatever has no suffix of a photo are passed over. Raises UserError for a class folder without photos, for
    a folder that cannot be listed, and for parts of another kind, such as train and val.
    """
    if data_dir is None:
        raise UserError('--dataset folder needs the folder of the photos: --data_dir')
    parts = [os.path.join(data_dir, name) for name in ('train', 'test')]
    divided = all(map(os.path.isdir, parts))
    found = [_classes(part) for part in (parts if divided else [data_dir])]
    if not divided and {name.lower() for name in found[0]} <= _PARTS:
        raise UserError(f'--data_dir expected train and test, or a folder for each class, in {data_dir}; '
                        f'got {" and ".join(found[0])}')
    names = tuple(sorted(set().union(*found)))
    listed = [[(path, label) for label, name in enumerate(names) for path in part.get(name, ())] for part in found]
    train, test = listed if divided else split_entries(listed[0])
    return Dataset(make_photo_split(train), make_photo_split(test), tuple(map(shown, names)))


def _classes(folder):
    """{name of the class: its photos} of the folders in `folder`."""
    names = sorted(entry.name for entry in list_entries(folder) if os.path.isdir(entry.path))
    classes = {name: list_photos(os.path.join(folder, name)) for name in names}
    if not classes:
        raise UserError(f'--data_dir expected a folder for each class in {folder}, got none')
    for name, photos in classes.items():
        if not photos:
            raise UserError(f'{os.path.join(folder, name)} should be a class and has no photos '
                            f'({", ".join(SUFFIXES)})')
    return classes
