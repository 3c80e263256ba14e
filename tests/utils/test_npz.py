"""Damaged .npz files: what comes out is what was written, or one line that names the file."""
import io

import numpy as np
import pytest

from utils.errors import UserError
from utils.npz import read_npz

NAMES = ('features', 'labels', 'title', 'centers')


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return {'features': rng.normal(size=(2000, 2)).astype(np.float32), 'labels': rng.integers(0, 10, 2000),
            'title': np.array('epoch 1'), 'centers': rng.normal(size=(10, 2))}  # two of them larger than a read


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
    try:
        got = read_npz(str(path), NAMES)
    except UserError as error:
        assert str(error).startswith(f'{path} is damaged: ') and str(error).isprintable()
        return True
    for name, array in arrays.items():
        np.testing.assert_array_equal(got[name], array)
    return False


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
