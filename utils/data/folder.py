"""Any tree of photos with a folder a class."""
import hashlib
import os

from ..errors import UserError
from .dataset import Dataset
from .photos import make_photo_split, shown

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp', '.gif')
_TEST_FRACTION = 0.2
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


def list_photos(folder):
    """Sorted paths of all photos below `folder`, by their suffix; hidden files and folders are passed over.

    So are links to folders, which could lead back. Raises UserError for a folder that cannot be listed.
    """
    found, folders = [], [folder]
    while folders:
        for entry in list_entries(folders.pop()):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.name.lower().endswith(SUFFIXES) and not os.path.isdir(entry.path):
                found.append(entry.path)
    return sorted(found)


def list_entries(folder):
    """The `os.DirEntry`s of `folder` that are not hidden."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith('.')]
    except OSError as error:
        raise UserError(f'cannot list the folder {folder}: {error.strerror}') from error


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
