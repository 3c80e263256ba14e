"""The folder that every case gets a copy of: tiny datasets, traps, a run of digits and one of photos, a comparison."""
import gzip
import os
import pathlib
import shutil
import struct

import numpy as np

from tests import photo_fixtures
from tests.models import torch_files
from tests.sweep.lines import COMPARISON, DIGITS, PHOTOS

_RUNS = (f'--train --center_loss --prefix digits --epochs 1 --plotting {DIGITS}',
         f'--train --prefix shots --epochs 1 {PHOTOS}',
         '--embed photos/train --prefix shots',
         '--embed odd/train --prefix shots --out_dir odd_index',
         COMPARISON)
_SUFFIXES = ('.jpg', '.png', '.bmp', '.tif', '.webp', '.gif')


def make(folder, run):
    """Fill `folder`, which must be new; run(argv) runs main.py there and returns an `Ended`."""
    os.makedirs(folder)
    _write_photos(os.path.join(folder, 'photos'), photo_fixtures.NAMES)
    _write_photos(os.path.join(folder, 'odd'), ('C\udcff', 'a b', '\u00e9', '-x', '*', '\x1b[31mred'))
    photo_fixtures.write_cub(folder, per_class=3)
    photo_fixtures.write_cars_pair(os.path.join(folder, 'cars'), per_class=2)
    os.mkdir(os.path.join(folder, 'rec'))
    photo_fixtures.write_recordio(os.path.join(folder, 'rec'), per_class=3)
    shutil.rmtree(os.path.join(folder, 'rec', 'source'))
    _write_idx(os.path.join(folder, 'idx'))
    _write_traps(os.path.join(folder, 'traps'))
    _write_weights(os.path.join(folder, 'weights'))
    os.mkdir(os.path.join(folder, 'empty'))
    for line in _RUNS:
        ended = run([*line.split(), '--offline'])
        if ended.status:
            raise SystemExit(f'the fixture could not be made: {line}\n{ended.text}')
    digits = os.path.join(folder, 'digits')
    os.mkdir(digits)
    shutil.copy(os.path.join(os.environ['XDG_CACHE_HOME'], 'center-loss', 'mnist5k.npz'), digits)


def _write_photos(folder, names):
    """Three photos of each class to train on and three to test, in all formats."""
    for part, first in (('train', 0), ('test', 3)):
        for label, name in enumerate(names):
            for number in range(first, first + 3):
                suffix = _SUFFIXES[(label + number) % len(_SUFFIXES)]
                photo_fixtures.save(os.path.join(folder, part, name, f'{number}{suffix}'), label % 4, number)


def _write_idx(folder):
    """MNIST's four files, whole but black, so that only their digests are wrong."""
    os.mkdir(folder)
    for part, count in (('train', 60000), ('t10k', 10000)):
        for name, shape in (('images-idx3', (count, 28, 28)), ('labels-idx1', (count,))):
            header = bytes([0, 0, 8, len(shape)]) + struct.pack(f'>{len(shape)}I', *shape)
            with open(os.path.join(folder, f'{part}-{name}-ubyte.gz'), 'wb') as file:
                file.write(gzip.compress(header + bytes(int(np.prod(shape))), mtime=0))


def _write_traps(folder):
    """Photos that are none: a pipe nobody writes to, a device without an end, links to themselves and to nothing."""
    for label in (0, 1):
        photo_fixtures.save(os.path.join(folder, str(label), 'whole.jpg'), label, 0)
    os.mkfifo(os.path.join(folder, '0', 'pipe.jpg'))
    os.mkdir(os.path.join(folder, '0', 'folder.jpg'))
    for name, target in (('endless.jpg', '/dev/zero'), ('loop.jpg', 'loop.jpg'), ('nothing.jpg', 'nowhere')):
        os.symlink(target, os.path.join(folder, '0', name))


def _write_weights(folder):
    os.mkdir(folder)
    value = {'fc.weight': torch_files.tensor(torch_files.storage('0', 'FloatStorage', 6), 0, (2, 3), (3, 1))}
    for name, write in (('legacy.pth', torch_files.write_legacy), ('zipped.pth', torch_files.write_zip)):
        write(pathlib.Path(folder, name), value, {'0': np.arange(6, dtype=np.float32)})
