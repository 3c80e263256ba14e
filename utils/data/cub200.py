"""CUB-200-2011, birds of 200 species (Wah et al., 2011), from its official text files."""
import os
from typing import NamedTuple

from ..errors import UserError
from ..storage.reading import open_regular
from .archives import fetch_archive
from .dataset import Dataset, cache_folder, make_photo_split

_FOLDER = 'CUB_200_2011'
_MIRRORS = ('https://data.caltech.edu/records/65de6-vp158/files/',)
_MD5 = '97eceeb196236b17998738112f37df78'


def load_cub200(data_dir=None, offline=False):
    """CUB-200-2011, or a part of it in the same layout: 5,994 + 5,794 photos of 200 classes.

    data_dir: the folder CUB_200_2011 or its parent. See `utils.data.load_dataset`; raises UserError, naming file and
    line, for text files that contradict each other or the images: all three of them have the same images, each once.
    """
    parent = data_dir or os.path.join(cache_folder(), 'cub200')
    folder = next((path for path in (parent, os.path.join(parent, _FOLDER))
                   if os.path.isfile(os.path.join(path, 'images.txt'))), None)
    if folder is None:
        fetch_archive('cub200', _FOLDER + '.tgz', _FOLDER, parent, _MIRRORS, _MD5, offline)
        folder = os.path.join(parent, _FOLDER)
    return _read(folder)


def _read(folder):
    classes = _table(folder, 'classes.txt', 'a class number and a name', unique=True)
    images = _table(folder, 'images.txt', 'an image number and a path', unique=True)
    labels = _table(folder, 'image_class_labels.txt', 'an image number and a class number of classes.txt', classes)
    parts = _table(folder, 'train_test_split.txt', 'an image number and 0 or 1', ('0', '1'))
    for other, name in ((labels, 'image_class_labels.txt'), (parts, 'train_test_split.txt')):
        _check_same(images, 'images.txt', other, name)
    order = {number: label for label, number in enumerate(classes)}
    entries = {'0': [], '1': []}  # test and training
    for number, (path, where) in images.items():
        full = os.path.join(folder, 'images', *path.split('/'))
        if not os.path.isfile(full):
            raise UserError(f'{where}: there is no image {full}')
        entries[parts[number].value].append((full, order[labels[number].value]))
    return Dataset(make_photo_split(entries['1']), make_photo_split(entries['0']),
                   tuple(row.value for row in classes.values()))


def _check_same(images, name, others, other_name):
    """Two tables must be of the same images."""
    for rows, lacking, lacking_name in ((images, others, other_name), (others, images, name)):
        for number, row in rows.items():
            if number not in lacking:
                raise UserError(f'{row.where}: image {number} is not in {lacking_name}')


class _Row(NamedTuple):
    value: str
    where: str  # for errors


def _table(folder, name, expected, values=None, unique=False):
    """{number: `_Row`} of a file of lines 'number value'; both stay text.

    values: those allowed, or None for any. unique: whether no two lines may have the same; of paths, whatever their
    spelling.
    """
    path = os.path.join(folder, name)
    try:
        with open_regular(path) as file:
            lines = file.read().decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f'cannot read {path}: {getattr(error, "strerror", None) or "it is no text"}') from error
    rows, first = {}, {}
    for line_number, line in enumerate(lines, 1):
        where, cells = f'{path}, line {line_number}', line.split(maxsplit=1)
        if (len(cells) != 2 or not cells[0].isdigit() or '\0' in line
                or (values is not None and cells[1].strip() not in values)):
            raise UserError(f'{where}: expected {expected}, got {line!r}')
        number, value = cells[0], cells[1].strip()
        if number in rows:
            raise UserError(f'{where}: {number} was there before, in {rows[number].where}')
        if unique and first.setdefault(os.path.normpath(value), where) != where:
            raise UserError(f'{where}: {value} was there before, in {first[os.path.normpath(value)]}')
        rows[number] = _Row(value, where)
    return rows
