"""Cars196, cars of 196 models (Krause et al., 2013), from its official MATLAB files."""
import os

from ..errors import UserError
from .archives import fetch_archive
from .dataset import Dataset, cache_folder, make_photo_split
from .download import download_large
from .matlab import read_list

_TRAIN, _TEST, _META, _ALL = ('cars_train_annos.mat', 'cars_test_annos_withlabels.mat', 'cars_meta.mat',
                              'cars_annos.mat')
# The devkit last: with its files there the dataset counts as there.
_PARTS = (
    ('cars_train', 'https://ai.stanford.edu/~jkrause/car196/', '065e5b463ae28d29e77c1b4b166cfe61'),
    ('cars_test', 'https://ai.stanford.edu/~jkrause/car196/', '4ce7ebf6a94d07f1952d94dd34c4d501'),
    (_TEST, 'https://ai.stanford.edu/~jkrause/car196/', 'b0a2b23655a3edd16d84508592a98d10'),
    ('devkit', 'https://ai.stanford.edu/~jkrause/cars/', 'c3b158d763b6e2245038c8ad08e45376'),
)


def load_cars196(data_dir=None, offline=False):
    """Cars196: 8,144 + 8,041 photos of 196 classes, in either official layout.

    data_dir: has cars_train_annos.mat, cars_meta.mat and cars_train/ and, for test labels, cars_test/ and
    cars_test_annos_withlabels.mat; or cars_annos.mat and car_ims/. The .mat files may be in its folder devkit. Without
    test labels there are no test photos: `--split zero_shot` needs none. See `utils.data.load_dataset`; raises
    UserError, naming file and entry, for annotations that contradict each other or the images.
    """
    folder = data_dir or os.path.join(cache_folder(), 'cars196')
    single, train = _find(folder, _ALL), _find(folder, _TRAIN)
    if not single and not train:
        _fetch(folder, offline)
        train = _find(folder, _TRAIN)
    return _read_single(folder, single) if single else _read_pair(folder, train)


def _fetch(folder, offline):
    for name, mirror, md5 in _PARTS:
        if os.path.exists(os.path.join(folder, name)):
            continue
        if name == _TEST:
            download_large('cars196', name, os.path.join(folder, name), (mirror,), md5, offline)
        else:
            archive = 'car_devkit.tgz' if name == 'devkit' else name + '.tgz'
            fetch_archive('cars196', archive, name, folder, (mirror,), md5, offline)


def _find(folder, name):
    paths = (os.path.join(folder, 'devkit', name), os.path.join(folder, name))
    return next((path for path in paths if os.path.isfile(path)), None)


def _read_pair(folder, train):
    meta = _find(folder, _META)
    if not meta:
        raise UserError(f'cars196 needs {_META} beside {train}')
    names, parts = _class_names(meta), []
    for path, part in ((train, 'cars_train'), (_find(folder, _TEST), 'cars_test')):
        rows = read_list(path, 'annotations', ('fname', 'class')) if path else []
        parts.append(make_photo_split(_photos(path, os.path.join(folder, part), 'fname', rows, names)))
    return Dataset(*parts, names)


def _read_single(folder, path):
    names = _class_names(path)
    rows = read_list(path, 'annotations', ('relative_im_path', 'class', 'test'))
    photos = _photos(path, folder, 'relative_im_path', rows, names)
    train, test = ([photo for photo, row in zip(photos, rows) if bool(row['test']) == part] for part in (False, True))
    return Dataset(make_photo_split(train), make_photo_split(test), names)


def _class_names(path):
    names = tuple(str(name).strip() for name in read_list(path, 'class_names'))
    first = {}
    for number, name in enumerate(names, 1):
        if first.setdefault(name, number) != number:
            raise UserError(f'{path}: classes {first[name]} and {number} are both {name!r}')
    return names


def _photos(path, folder, file_field, rows, names):
    """[(photo, label), ...] of the annotations `rows` in `path`; the photos are in `folder`."""
    entries, first = [], {}
    for number, row in enumerate(rows, 1):
        where, label, full = f'{path}, entry {number}', row['class'], os.path.join(folder, str(row[file_field]))
        if not (isinstance(label, (int, float)) and 1 <= label <= len(names) and label == int(label)):
            raise UserError(f'{where}: expected a class from 1 to {len(names)}, got {label!r}')
        if not os.path.isfile(full):
            raise UserError(f'{where}: there is no image {full}')
        if first.setdefault(os.path.normpath(full), number) != number:
            raise UserError(f'{where}: {full} was there before, in entry {first[os.path.normpath(full)]}')
        entries.append((full, int(label) - 1))
    return entries
