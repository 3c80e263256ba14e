"""Cars196, cars of 196 models (Krause et al., 2013), from its official MATLAB files."""
import os

import numpy as np

from ..errors import UserError
from .archives import fetch_archive
from .dataset import Dataset, cache_folder
from .download import download_large
from .photos import make_photo_split

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
    names = _class_names(meta)
    test = _find(folder, _TEST)
    return Dataset(_photos(train, os.path.join(folder, 'cars_train'), 'fname', names),
                   _photos(test, os.path.join(folder, 'cars_test'), 'fname', names) if test else make_photo_split([]),
                   names)


def _read_single(folder, path):
    names = _class_names(path)
    photos = _photos(path, folder, 'relative_im_path', names)
    is_test = np.array([bool(entry['test']) for entry in _load(path, 'annotations', ('test',))])
    return Dataset(photos.take(~is_test), photos.take(is_test), names)


def _class_names(path):
    return tuple(str(name).strip() for name in _load(path, 'class_names'))


def _photos(path, folder, file_field, names):
    """The `PhotoSplit` of the annotations in `path`; its photos are in `folder`."""
    entries = []
    for number, entry in enumerate(_load(path, 'annotations', (file_field, 'class')), 1):
        where, label, full = f'{path}, entry {number}', entry['class'], os.path.join(folder, str(entry[file_field]))
        if not isinstance(label, (int, np.integer)) or not 1 <= label <= len(names):
            raise UserError(f'{where}: expected a class from 1 to {len(names)}, got {label!r}')
        if not os.path.isfile(full):
            raise UserError(f'{where}: there is no image {full}')
        entries.append((full, label - 1))
    return make_photo_split(entries)


def _load(path, name, fields=()):
    """The 1-D array `name` of a .mat file, whose entries must have `fields`."""
    from scipy.io import loadmat
    try:
        content = loadmat(path, squeeze_me=True)
    except Exception as error:  # scipy lets through whatever a damaged file brings about
        raise UserError(f'cannot read {path} as a MATLAB file: {error}') from error
    if name not in content:
        raise UserError(f'{path} has no {name}')
    array = np.atleast_1d(content[name])
    missing = set(fields) - set(array.dtype.names or ())
    if missing:
        raise UserError(f'{path}: expected {name} with {", ".join(fields)}, got none with {", ".join(sorted(missing))}')
    return array
