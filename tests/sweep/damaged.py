"""Files of every kind that the program reads, damaged in every way that fits, and the modes that read them."""
import functools
import glob
import io
import json
import os
import random
import re
import shlex
import zipfile
import zlib
from typing import NamedTuple, Tuple

import numpy as np

from tests.damage import damages
from tests.sweep.lines import COMPARISON, PHOTOS

_READ = '--train --epochs 1 --prefix new ' + PHOTOS.replace('--dataset folder --data_dir photos ', '')
_RESUME = '--train --resume --prefix digits'
_BYTES = 6  # ways in which `damages` damages bytes
_ODD_JSON = (None, [], {}, '', 'x', True, -1, 1e300, float('nan'), [[]] * 3, {'a': None})
_TEXTS = (b'{}', b'[]', b'null', b'NaN', b'"', b'{"a":' * 100_000, b'[' * 100_000, b'\xff\xfe', b'\n' * 100, b'epoch\n')


class Kind(NamedTuple):
    """name: for the table. paths: patterns of files in the fixture. lines: command lines, in which {} is the file."""
    name: str
    paths: Tuple[str, ...]
    lines: Tuple[str, ...]


KINDS = (
    Kind('.params', ('ckpt/digits.params',), ('--test --prefix digits', '--second_train --prefix digits --epochs 1')),
    Kind('.params of photos', ('ckpt/shots.params',), (
        '--embed photos/test --prefix shots',
        '--query photos/train/Red_Sparrow/0.jpg --index output/shots/index.npz')),
    Kind('.state', ('ckpt/digits.state',), (_RESUME, _RESUME + ' --second_train')),
    Kind('weights', ('weights/*', 'ckpt/digits.params'), (
        _READ + ' --dataset folder --data_dir photos --pretrained {}',)),
    Kind('results.json', ('output/pair/runs/*/results.json',), (COMPARISON,)),
    Kind('history.csv', ('output/pair/runs/*/history.csv',), (COMPARISON,)),
    Kind('pictures', ('output/pair/runs/*/frames/*.png', 'output/pair/runs/*/*.gif'), (COMPARISON,)),
    Kind('frames', ('output/digits/frames/*.npz',), (_RESUME,)),
    Kind('index.npz', ('output/shots/index.npz',), ('--query photos/train/Red_Sparrow/0.jpg --index {}',)),
    Kind('photo', ('photos/train/Red_Sparrow/*', 'photos/train/Green_Wren/*', 'photos/train/Grey_Gull/*'), (
        '--embed photos/train --prefix shots', '--query {} --index output/shots/index.npz',
        _READ + ' --dataset folder --data_dir photos', _READ + ' --dataset folder --data_dir photos --strict')),
    Kind('.mat', ('cars/devkit/*.mat', 'cars/*.mat'), (_READ + ' --dataset cars196 --data_dir cars',)),
    Kind('CUB text', ('CUB_200_2011/*.txt',), (_READ + ' --dataset cub200 --data_dir .',)),
    Kind('.rec', ('rec/*.rec',), (_READ + ' --dataset recordio --data_dir rec',)),
    Kind('.lst, .idx', ('rec/*.lst', 'rec/*.lst', 'rec/*.idx'), (_READ + ' --dataset recordio --data_dir rec',)),
    Kind('idx .gz', ('idx/*',), ('--train --dataset mnist --data_dir idx --network lenet --prefix new',)),
    Kind('mnist5k.npz', ('digits/mnist5k.npz',), ('--test --prefix digits --data_dir digits',)),
)


def case(seed, number, fixture):
    """(argv, kind, name of the damage, damage): damage(folder) does it to a copy of `fixture`."""
    dice = random.Random(f'{seed} file {number}')
    kind = KINDS[number % len(KINDS)]
    found = sorted(path for pattern in kind.paths for path in glob.glob(os.path.join(fixture, pattern)))
    path = dice.choice(found)
    content = _read(path)
    others = sorted(path for pattern in KINDS[dice.randrange(len(KINDS))].paths
                    for path in glob.glob(os.path.join(fixture, pattern)))
    contents = {name: change(content, dice) for name, change in _CONTENTS.items()}
    contents.update((what.split()[0], changed) for what, changed in damages(content, _BYTES, f'{seed} {number}'))
    contents['swapped'] = _read(dice.choice(others))
    ways = {**_PLACES, **{name: functools.partial(_write, content=changed) for name, changed in contents.items()
                          if changed not in (None, content)}}
    name = sorted(ways)[(number // len(KINDS) + number) % len(ways)]  # after as many rounds as ways, all of them
    relative = os.path.relpath(path, fixture)

    def damage(folder):
        target = os.path.join(folder, relative)
        os.remove(target)
        ways[name](target)
    line = [relative if word == '{}' else word for word in shlex.split(dice.choice(kind.lines))]
    return [*line, '--offline'], kind.name, f'{name}: {relative}', damage


def _read(path):
    with open(path, 'rb') as file:
        return file.read()


def _write(path, content):
    with open(path, 'wb') as file:
        file.write(content)


# What may be where a file was: name -> function of its path.
_PLACES = {'empty': lambda path: _write(path, b''), 'folder': os.mkdir, 'pipe': os.mkfifo,
           'endless': lambda path: os.symlink('/dev/zero', path),
           'loop': lambda path: os.symlink(os.path.basename(path), path)}


def _renamed(content, dice):
    """A key in JSON, wherever it stands, loses its name."""
    keys = list(re.finditer(rb'"(\w+)":', content))
    if not keys:
        return None
    key = dice.choice(keys)
    return content[:key.start(1)] + b'x' * len(key[1]) + content[key.end(1):]


def _json(content, dice):
    """Any value in a JSON file becomes another."""
    try:
        document = {'': json.loads(content)}
    except ValueError:
        return None
    holder, key = document, ''
    while isinstance(holder[key], (dict, list)) and holder[key] and dice.random() < 0.8:
        holder = holder[key]
        key = dice.choice(list(holder)) if isinstance(holder, dict) else dice.randrange(len(holder))
    holder[key] = dice.choice(_ODD_JSON)
    return json.dumps(document['']).encode()


def _arrays(content, dice):
    """An array of an .npz file becomes another, in a file that is whole."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return None
    with np.load(io.BytesIO(content)) as stored:
        arrays = {name: array for name, array in stored.items() if isinstance(array, np.ndarray)}
    if not arrays:
        return None
    name = dice.choice(sorted(arrays))
    flat = arrays[name].ravel()
    changes = [arrays[name][..., np.newaxis], flat[:1], flat[:0], flat[::2], np.array(0), np.array('[1]')]
    if flat.dtype.kind == 'f':
        changes += [arrays[name] * np.nan, arrays[name].astype('f2'), arrays[name].astype('c8')]
    arrays[name] = dice.choice(changes)
    changed = io.BytesIO()
    np.savez(changed, **arrays)
    return changed.getvalue()


def _resized(content, dice):
    """A JPEG or PNG says that it is as large as can be, or has no size."""
    side = dice.choice((b'\xff\xff', b'\xff\xff', b'\0\0'))
    if content.startswith(b'\x89PNG'):
        header = content[12:16] + 2 * (b'\0\0' + side) + content[24:29]
        return content[:12] + header + zlib.crc32(header).to_bytes(4, 'big') + content[33:]
    frame = content.startswith(b'\xff\xd8') and re.search(rb'\xff[\xc0-\xc2]\0.\x08', content, re.DOTALL)
    return content[:frame.end()] + 2 * side + content[frame.end() + 4:] if frame else None


_CONTENTS = {'renamed': _renamed, 'JSON': _json, 'arrays': _arrays, 'resized': _resized,
             'zeros': lambda content, _: bytes(len(content)), 'text': lambda _, dice: dice.choice(_TEXTS)}
