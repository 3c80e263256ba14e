"""Reading .params files: the same arrays as MXNet reads, and no memory for what a file only says it has."""
import os
import struct

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from tests.damage import memory_limit
from utils.storage.params_file import read_params

DTYPES = ('float32', 'float64', 'float16', 'uint8', 'int32', 'int8', 'int64', 'bool')
SHAPES = ((1,), (3,), (2, 3), (1, 4, 1, 2), (1,) * 12)


def as_mxnet_reads(path):
    return {name: array.asnumpy() for name, array in nd.load(str(path)).items()}


def assert_same(got, expected):
    assert list(got) == list(expected)
    for name, array in expected.items():
        assert got[name].dtype == array.dtype
        np.testing.assert_array_equal(got[name], array)


def list_of(*arrays, names=None, start=(0x112, 0)):
    """The bytes of a .params file. arrays: bytes."""
    names = [f'w{number}' for number in range(len(arrays))] if names is None else names
    content = struct.pack('<QQQ', *start, len(arrays)) + b''.join(arrays) + struct.pack('<Q', len(names))
    return content + b''.join(struct.pack('<Q', len(name)) + name.encode() for name in names)


def array_of(shape=(2, 3), head=(0xf993fac9, 0), device=(1, 0), kind=0, count=6):
    head = struct.pack('<Ii', *head) if len(head) == 2 else struct.pack('<I', *head)
    return (head + struct.pack(f'<i{len(shape)}q', len(shape), *shape) + struct.pack('<iii', *device, kind)
            + np.arange(count, dtype='f4').tobytes())


@pytest.mark.parametrize('dtype', DTYPES)
def test_what_mxnet_saves_is_what_it_reads(tmp_path, dtype):
    path, rng = str(tmp_path / 'a.params'), np.random.default_rng(0)
    nd.save(path, {f'ü {shape}': nd.array(rng.integers(0, 2, shape) * 100, dtype=dtype) for shape in SHAPES})
    assert_same(read_params(path), as_mxnet_reads(path))


@pytest.mark.parametrize('head', [(0xf993fac9, 0), (0xf993fac8,)], ids=['of today', 'before sparse arrays'])
def test_both_kinds_of_array_that_published_weights_have_are_read(tmp_path, head):
    path = tmp_path / 'a.params'
    path.write_bytes(list_of(array_of(head=head), array_of((6,), head, device=(1, 0))))
    assert_same(read_params(str(path)), as_mxnet_reads(path))
    np.testing.assert_array_equal(read_params(str(path))['w0'], np.arange(6).reshape(2, 3))


def test_on_which_device_an_array_was_changes_nothing(tmp_path):
    path = tmp_path / 'a.params'
    path.write_bytes(list_of(array_of(device=(2, 3))))
    np.testing.assert_array_equal(read_params(str(path))['w0'], np.arange(6).reshape(2, 3))


def test_no_length_that_the_file_does_not_have_takes_memory(tmp_path):
    """Every place where four or eight bytes could be a length, one after the other."""
    path, content = tmp_path / 'a.params', list_of(array_of())
    refused = 0
    for size, length in ((4, (1 << 30) + 1), (8, (1 << 62) + 1)):
        for place in range(len(content) - size):
            path.write_bytes(content[:place] + length.to_bytes(size, 'little') + content[place + size:])
            with memory_limit(32):
                try:
                    read_params(str(path))
                except ValueError as error:
                    refused += 1
                    assert str(error).startswith(f'{path} is damaged or not a .params file: expected ')
    assert refused > len(content)  # of twice as many; numbers and device may be any


@pytest.mark.parametrize('content, message', [
    (b'', 'expected 8 bytes more, got 0'),
    (list_of(start=(0x113, 0)), 'numbers that such a file starts with'),
    (list_of(start=(0x112, 1)), 'numbers that such a file starts with'),
    (list_of(array_of(), names=[]), 'arrays without names'),
    (list_of(array_of(), array_of(), names=['a']), 'a name for each of 2 arrays, got 1'),
    (list_of(array_of(), array_of(), names=['a', 'a']), 'a name for each of 2 arrays, got 1'),
    (list_of(array_of()) + b'\0', 'expected its end, got 1 bytes more'),
    (list_of(array_of(count=5)), 'expected '),
    (list_of(array_of(head=(0xf993fac7, 0))), 'expected an array, got 0xf993fac7'),
    (list_of(array_of((), count=1)), '1 to 32 dimensions, got 0'),
    (list_of(array_of((1,) * 33, count=1)), '1 to 32 dimensions, got 33'),
    (list_of(array_of((0, 3), count=0)), 'sizes of at least 1'),
    (list_of(array_of((-1, 3), count=0)), 'sizes of at least 1'),
    (list_of(array_of(kind=12)), 'type of number from 0 to 7, got 12'),
    (list_of(array_of(kind=-1)), 'type of number from 0 to 7, got -1'),
])
def test_what_is_no_list_of_named_arrays_is_refused(tmp_path, content, message):
    path = tmp_path / 'a.params'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_params(str(path))


def test_sparse_arrays_and_those_with_shapes_of_numpy_are_refused(tmp_path):
    path = str(tmp_path / 'a.params')
    nd.save(path, {'w': nd.ones((3, 2)).tostype('row_sparse')})
    with pytest.raises(ValueError, match='expected dense arrays, got a sparse one'):
        read_params(path)
    with mx.util.np_shape(True):
        nd.save(path, {'w': nd.ones((3, 2))})
    with pytest.raises(ValueError, match='expected an array, got 0xf993faca'):
        read_params(path)


def test_what_cannot_be_read_is_named_and_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(str(tmp_path / 'pipe.params'))
    for path, reason in (('none.params', 'No such file'), ('pipe.params', 'it is no regular file'), ('', 'Is a dir')):
        with pytest.raises(ValueError, match=f'cannot read .*{path}.*{reason}'):
            read_params(str(tmp_path / path))
    with pytest.raises(ValueError, match='cannot read /dev/zero: it is no regular file'):
        read_params('/dev/zero')
