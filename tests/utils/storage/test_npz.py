"""Damaged .npz files: what comes out is what was written, or one line that names the file."""
import io
import os
import zipfile

import numpy as np
import pytest

from tests.damage import memory_limit
from utils.errors import UserError
from utils.storage import npz
from utils.storage.npz import read_npz

NAMES = ('features', 'labels', 'title', 'centers')


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return {'features': rng.normal(size=(2000, 2)).astype(np.float32), 'labels': rng.integers(0, 10, 2000),
            'title': np.array('epoch 1'), 'centers': rng.normal(size=(10, 2))}  # two of them larger than a read


@pytest.fixture(autouse=True)
def _map_from_a_page_on(monkeypatch):
    """So that features are mapped, after several reads, and small arrays are not."""
    monkeypatch.setattr(npz, '_MAPPED', 4096)


def stored(arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def regions(content):
    """{name: (first byte, byte behind the last)} of each kind of content in the file."""
    second = content.index(b'PK\x03\x04', 4)
    directory, end = content.index(b'PK\x01\x02'), content.index(b'PK\x05\x06')
    array = content.index(b'\x93NUMPY')
    return {'zip header': (0, array), 'array header': (array, array + 128), 'data': (array + 128, second),
            'second array header': (second, second + 200), 'directory': (directory, end), 'end': (end, len(content))}


def check(path, content, arrays):
    """Write `content`; returns whether it was refused, in one line, rather than read as it was."""
    path.write_bytes(content)
    refused = []
    for mapped in (False, True):
        try:
            got = read_npz(str(path), NAMES, mapped)
        except UserError as error:
            assert str(error).startswith(f'{path} is damaged: ') and str(error).isprintable()
            refused.append(mapped)
            continue
        assert isinstance(got['features'], np.memmap) == mapped
        for name, array in arrays.items():
            np.testing.assert_array_equal(got[name], array)
    return refused == [False, True]


@pytest.mark.parametrize('region', ['zip header', 'array header', 'data', 'second array header', 'directory', 'end'])
@pytest.mark.parametrize('kind', ['bit', 'zeros', 'noise'])
def test_a_file_damaged_anywhere_is_read_as_it_was_or_refused_in_one_line(tmp_path, arrays, region, kind):
    content = stored(arrays)
    first, last = regions(content)[region]
    rng = np.random.default_rng(sum(map(ord, region + kind)))
    refused = 0
    for _ in range(40):
        damaged, place = bytearray(content), int(rng.integers(first, last))
        if kind == 'bit':
            damaged[place] ^= 1 << int(rng.integers(8))
        else:
            size = min(16, len(content) - place)
            damaged[place:place + size] = bytes(size) if kind == 'zeros' else rng.bytes(size)
        refused += check(tmp_path / 'a.npz', bytes(damaged), arrays)
    assert refused >= (30 if region in ('array header', 'data') else 5), 'some bytes mean nothing, but not all'


def test_a_file_cut_short_anywhere_is_refused_in_one_line(tmp_path, arrays):
    content = stored(arrays)
    for length in (0, 1, *np.random.default_rng(0).integers(2, len(content), 40).tolist(), len(content) - 1):
        assert check(tmp_path / 'a.npz', content[:length], arrays)


@pytest.mark.parametrize('content', [b'plain text', b'\x80\x04.', b'\x93NUMPY'])
def test_another_kind_of_file_is_refused_in_one_line(tmp_path, arrays, content):
    assert check(tmp_path / 'a.npz', content, arrays)


@pytest.mark.parametrize('change', [{'labels': None}, {'labels': np.array([{}])}], ids=['no labels', 'pickled labels'])
def test_other_arrays_than_were_asked_for_are_refused_in_one_line(tmp_path, arrays, change):
    changed = {name: array for name, array in {**arrays, **change}.items() if array is not None}
    assert check(tmp_path / 'a.npz', stored(changed), arrays)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r'cannot read .*none\.npz: No such file'):
        read_npz(str(tmp_path / 'none.npz'), NAMES)


@pytest.mark.parametrize('array', [
    np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.zeros((0, 3), np.float32),
    np.array(3.5), np.array(['ü', 'bb']), np.array(True)], ids=['C', 'Fortran', 'empty', 'scalar', 'text', 'flag'])
def test_arrays_of_every_kind_come_back_and_may_be_written_to(tmp_path, array):
    np.savez(str(tmp_path / 'a.npz'), x=array)
    got = read_npz(str(tmp_path / 'a.npz'), ['x'])['x']
    assert got.dtype == array.dtype and got.shape == array.shape and got.flags.writeable
    np.testing.assert_array_equal(got, array)


def archive(path, *members, compression=zipfile.ZIP_STORED):
    """An archive of (name, bytes) with the right checksums."""
    with zipfile.ZipFile(str(path), 'w', compression) as file:
        for name, content in members:
            file.writestr(name, content)
    return str(path)


def header(shape):
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {'descr': '<f4', 'fortran_order': False, 'shape': shape})
    return content.getvalue()


@pytest.mark.parametrize('shape', [(1 << 40,), (1 << 31, 1 << 31), (-1,), (2, -3), ()])
def test_an_array_that_says_it_is_larger_than_its_bytes_takes_no_memory(tmp_path, shape):
    path = archive(tmp_path / 'a.npz', ('x.npy', header(shape) + bytes(8)))
    with memory_limit(32), pytest.raises(UserError, match=r'^[^\n]*a\.npz is damaged: [^\n]+$') as refusal:
        read_npz(path, ['x'])
    assert 'memory' not in str(refusal.value)


def test_a_small_file_does_not_grow(tmp_path):
    path = archive(tmp_path / 'a.npz', ('x.npy', header((1 << 20,)) + bytes(4 << 20)),
                   compression=zipfile.ZIP_DEFLATED)
    assert os.path.getsize(path) < 1 << 14
    with pytest.raises(UserError, match='compressed or too large'):
        read_npz(path, ['x'])


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(str(tmp_path / 'a.npz'))
    with pytest.raises(UserError, match=r'cannot read .*a\.npz: it is no regular file'):
        read_npz(str(tmp_path / 'a.npz'), NAMES)


def test_members_that_overlap_cannot_make_a_small_file_large(tmp_path):
    path = tmp_path / 'a.npz'
    with zipfile.ZipFile(str(path), 'w') as file:
        file.writestr('x.npy', header((1 << 16,)) + bytes(4 << 16))
        whole = file.getinfo('x.npy')
        for number in range(200):
            again = zipfile.ZipInfo(f'x{number}.npy')
            for field in ('CRC', 'compress_size', 'file_size', 'header_offset'):
                setattr(again, field, getattr(whole, field))
            again.filename, again.orig_filename = f'x{number}.npy', 'x.npy'
            file.filelist.append(again)
    with memory_limit(32), pytest.raises(UserError, match='compressed or too large'):
        read_npz(str(path), ['x'])
