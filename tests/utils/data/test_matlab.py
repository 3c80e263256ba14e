"""MATLAB's files: what scipy reads, without its crashes on damaged ones."""
import os
import random
import struct
import zlib

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from utils.data.matlab import read_list
from utils.errors import UserError

NAMES = ['AM General Hummer', 'Škoda 2000', 'é', '']


def structs(rows):
    """A MATLAB struct array of these dicts."""
    array = np.empty((1, len(rows)), [(field, object) for field in rows[0]])
    for i, row in enumerate(rows):
        array[0, i] = tuple(row.values())
    return array


@pytest.fixture(scope='module', params=[False, True], ids=['plain', 'compressed'])
def path(request, tmp_path_factory):
    """A file of two arrays; class and test come in the types that MATLAB and scipy give numbers."""
    path = str(tmp_path_factory.mktemp('mat') / 'a.mat')
    kinds = (np.uint8, np.int16, np.uint32, np.float64, np.int64)
    rows = [{'box': np.arange(4.), 'class': kind(number), 'fname': f'{number:05d}.jpg' * (number % 3),
             'test': number > 2} for number, kind in enumerate(kinds)]
    savemat(path, {'other': np.eye(3), 'annotations': structs(rows), 'class_names': np.array([NAMES], object)},
            do_compression=request.param)
    return path


def test_names_and_structs_are_read_as_scipy_reads_them(path):
    expected = loadmat(path, squeeze_me=True, chars_as_strings=True)
    assert [name or '' for name in read_list(path, 'class_names')] == [str(name) for name in [
        name if len(name) else '' for name in expected['class_names']]]
    rows = read_list(path, 'annotations', ('fname', 'class', 'test'))
    assert [(row['class'], bool(row['test'])) for row in rows] == [
        (int(row['class']), bool(row['test'])) for row in expected['annotations']]
    assert [row['fname'] or '' for row in rows] == [
        str(row['fname']) if len(row['fname']) else '' for row in expected['annotations']]
    assert [row['box'] for row in read_list(path, 'annotations', ('box',))] == [None] * 5, 'no single number'


def element(order, kind, content, packed=True):
    """An element as MATLAB writes it; with up to four bytes it is packed."""
    if packed and len(content) <= 4:
        return struct.pack(order + 'I', len(content) << 16 | kind) + content.ljust(4, b'\0')
    return struct.pack(order + 'II', kind, len(content)) + content + bytes(-len(content) % 8)


def array(order, kind, shape, name, *parts):
    return element(order, 14, b''.join([
        element(order, 6, struct.pack(order + 'II', kind, 0)),
        element(order, 5, struct.pack(order + 'ii', *shape)), element(order, 1, name), *parts]))


@pytest.mark.parametrize('order, mark', [('<', b'\x00\x01IM'), ('>', b'\x01\x00MI')])
def test_either_order_of_bytes_and_every_encoding_of_texts_is_read(tmp_path, order, mark):
    """As MATLAB itself has written Cars196: texts in two bytes a letter, short elements packed."""
    wide = {'<': 'utf-16-le', '>': 'utf-16-be'}[order]
    texts = [element(order, 4, 'Audi é'.encode(wide)), element(order, 16, 'BMW é'.encode()),
             element(order, 17, 'VW'.encode(wide)), element(order, 2, b'Kia')]
    lengths = [6, 5, 2, 3]
    cells = b''.join(array(order, 4, (1, length), b'', text) for length, text in zip(lengths, texts))
    content = b'MATLAB 5.0 MAT-file'.ljust(124) + mark + array(order, 1, (1, 4), b'class_names', cells)
    path = str(tmp_path / 'a.mat')
    with open(path, 'wb') as file:
        file.write(content)
    assert read_list(path, 'class_names') == ['Audi é', 'BMW é', 'VW', 'Kia']
    scipys = loadmat(path, squeeze_me=True)['class_names']  # which knows no letters beyond ASCII in two bytes each
    assert [str(name)[:4] for name in scipys] == ['Audi', 'BMW ', 'VW', 'Kia']


@pytest.mark.parametrize('change, message', [
    (lambda content: content[:100], 'as a MATLAB file: expected one of version 5 to 7, .* save -v7'),
    (lambda content: content[:-50], 'as a MATLAB file: (expected .* bytes|an array is cut short)'),
    (lambda content: content[:128] + struct.pack('<II', 14, 1 << 31) + content[136:],
     r'as a MATLAB file: expected 2147483648 bytes of an element, got \d+'),
    (lambda content: content[:128], 'has no class_names'),
    (lambda content: content[:128] + struct.pack('<II', 15, 33000) + bomb().ljust(33000, b'\0'),
     'as a MATLAB file: an array is cut short, or has more than 33554432 bytes'),
])
def test_a_damaged_file_is_named_with_what_is_wrong(path, tmp_path, change, message):
    with open(path, 'rb') as file:
        content = change(file.read())
    other = str(tmp_path / 'b.mat')
    with open(other, 'wb') as file:
        file.write(content)
    with pytest.raises(UserError, match=rf'b\.mat {message}'):
        read_list(other, 'class_names')


def bomb():
    """32 KiB that unpack to a little more than is allowed."""
    return zlib.compress(struct.pack('<II', 14, 1 << 25) + bytes(1 << 25), 9)


def test_what_is_no_such_array_is_named(path):
    with pytest.raises(UserError, match=r'a\.mat has no names'):
        read_list(path, 'names')
    with pytest.raises(UserError, match=r'a\.mat: expected other with class, got none with class'):
        read_list(path, 'other', ('class',))
    with pytest.raises(UserError, match=r'a\.mat: expected other to be a cell array'):
        read_list(path, 'other')
    with pytest.raises(UserError, match=r'cannot read .*missing\.mat: No such file'):
        read_list(os.path.join(os.path.dirname(path), 'missing.mat'), 'other')


def test_no_damage_ends_in_anything_but_a_list_or_an_error_for_the_user(path, tmp_path):
    """Some of these files end a process that gives them to scipy."""
    with open(path, 'rb') as file:
        whole = file.read()
    rng, refused, other = random.Random(0), 0, str(tmp_path / 'b.mat')
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2, 8))):
            content[rng.randrange(len(content))] = rng.choice((0, 1, 5, 14, 15, 127, 255, rng.randrange(256)))
        if rng.random() < 0.2:
            del content[rng.randrange(len(content)):]
        with open(other, 'wb') as file:
            file.write(content)
        for name, fields in (('class_names', ()), ('annotations', ('class', 'fname'))):
            try:
                read_list(other, name, fields)
            except UserError as error:
                refused += '\n' not in str(error)
    assert refused > 75, 'most of the damage is seen'
