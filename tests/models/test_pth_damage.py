"""Files that are damaged, claim what is not there or would take for ever are refused in one short line."""
import os
import random
from collections import OrderedDict

import numpy as np
import pytest

from models.pth import read_pth

from . import torch_files as files
from .torch_files import Raw, floats, storage, tensor


@pytest.mark.parametrize('offset, size, stride', [
    (0, (25,), (1,)), (1, (24,), (1,)), (24, (), ()), (0, (4, 6), (7, 1)), (0, (2, 2), (23, 1)),
    (-1, (2,), (1,)), (0, (-2,), (1,)), (5, (3,), (-1,)), (0, (2 ** 62,), (0,)), (0, (1000, 1000), (0, 0)),
    (2 ** 70, (1,), (1,)), (0, (2,), (2 ** 70,)), (0, (0, 2 ** 70), (1, 1)), (0, (1,) * 65, (1,) * 65),
    (0, (24,), ()), (True, (1,), (1,)), ('0', (1,), (1,)), (0, [24], (1,)), (0, (24,), None),
])
def test_a_tensor_outside_its_storage_is_refused(write, offset, size, stride):
    path = write(floats(offset, size, stride))
    with pytest.raises(ValueError, match=r'is not a \.pth file of tensors'):
        read_pth(path)


@pytest.mark.parametrize('count', [23, 25, 2 ** 40, 2 ** 70, -1])
def test_a_storage_of_another_size_than_it_claims_is_refused(write, count):
    path = write(floats(0, (1,), (1,), count))
    with pytest.raises(ValueError, match=r'storage|size'):
        read_pth(path)


@pytest.mark.parametrize('value', [
    [], 3, {'epoch': 3}, {'state_dict': {}, 'epoch': None}, {5: tensor(storage('0', 'FloatStorage', 24), 0, (), ())}])
def test_anything_but_tensors_by_name_is_refused(write, value):
    path = write(value)
    with pytest.raises(ValueError, match='expected a state dict'):
        read_pth(path)


def test_pickles_that_would_take_for_ever_are_refused_at_once(write):
    doubled = b'N' + b'q\x00h\x00\x86' * 100  # a tuple of itself twice, 100 times: 2 ** 100 elements to hash or print
    for value in (Raw(b'}' + doubled + b'Ns'), Raw(doubled + doubled + b'\x93'), Raw(doubled + b'Q'), Raw(doubled)):
        path = write(value)
        with pytest.raises(ValueError):
            read_pth(path)
    far = Raw(b'}r\xff\xff\xff\x7f')  # Python's Unpickler reserves memory for every place before this one
    assert read_pth(write(far, {})) == {}


@pytest.mark.parametrize('instructions', [b'\x85' * 200_000, b'(' * 150_000 + b't' * 150_000])
def test_a_pickle_without_end_is_left_before_its_end(write, instructions):
    path = write(Raw(b'N' + instructions))
    with pytest.raises(ValueError, match='expected at most 200000 pickle instructions, got more'):
        read_pth(path)


def test_a_network_of_four_thousand_tensors_is_none_without_end(write):
    (one,) = floats(0, (24,), (1,)).values()
    assert len(read_pth(write(OrderedDict((f'block{number}.weight', one) for number in range(4000))))) == 4000


@pytest.mark.parametrize('dimensions', [33, 5000])
def test_sizes_beyond_any_number_of_dimensions_are_not_multiplied(write, dimensions):
    path = write(floats(0, (1 << 2000,) * dimensions, (0,) * dimensions))
    with pytest.raises(ValueError, match='expected a tensor of a storage'):
        read_pth(path)


def test_a_pipe_is_not_waited_for_and_a_device_is_not_read(tmp_path):
    os.mkfifo(str(tmp_path / 'pipe.pth'))
    for path in (str(tmp_path / 'pipe.pth'), '/dev/zero'):
        with pytest.raises(ValueError, match=f'cannot read {path}: it is no regular file'):
            read_pth(path)


def test_what_an_error_quotes_from_a_file_is_one_short_line(write):
    path = write(Raw(files.encode('a\n\x1b[2J' + 'b' * 10_000) + files.encode('c') + b'\x93'))
    with pytest.raises(ValueError) as refusal:
        read_pth(path)
    assert str(refusal.value).isprintable() and len(str(refusal.value)) < 1000


def test_every_truncated_file_is_refused(write):
    path = write(floats(0, (4, 6), (6, 1)))
    with open(path, 'rb') as file:
        content = file.read()
    for size in range(len(content)):
        with open(path, 'wb') as file:
            file.write(content[:size])
        with pytest.raises(ValueError):
            read_pth(path)


def test_a_damaged_file_never_fails_in_another_way(write):
    path = write(floats(0, (4, 6), (6, 1)))
    with open(path, 'rb') as file:
        content = file.read()
    dice = random.Random(0)
    for _ in range(500):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 3)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        with open(path, 'wb') as file:
            file.write(damaged)
        try:
            arrays = read_pth(path)
        except ValueError:
            continue
        assert all(isinstance(array, np.ndarray) for array in arrays.values())


def test_a_missing_or_foreign_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r'cannot read .*none\.pth: No such file'):
        read_pth(str(tmp_path / 'none.pth'))
    for content in (b'', b'hello', b'PK\x03\x04', b'\x80'):
        (tmp_path / 'w.pth').write_bytes(content)
        with pytest.raises(ValueError, match=r'w\.pth is not a \.pth file of tensors'):
            read_pth(str(tmp_path / 'w.pth'))
