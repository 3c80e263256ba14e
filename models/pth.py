"""Read PyTorch's .pth files, legacy and zip, without PyTorch and without running anything they hold.

Formats: `torch/serialization.py` and `torch/_utils.py` of PyTorch.
"""
import io
import math
import os
import struct
import zipfile
from typing import NamedTuple, Tuple

import numpy as np

from .unpickle import Name, load

_MAGIC, _PROTOCOL = 0x1950a86a20f9469cfc6c, 1001  # what a legacy file starts with
_MOST_DIMENSIONS = 32  # numpy's own limit
_SHOWN = 300  # characters of an error
_BFLOAT16 = np.dtype('<u2')  # its 16 bits are the upper half of a float32's
_DTYPES = {f'torch.{name}Storage': np.dtype(dtype) for name, dtype in (
    ('Double', '<f8'), ('Float', '<f4'), ('Half', '<f2'), ('BFloat16', _BFLOAT16), ('Long', '<i8'), ('Int', '<i4'),
    ('Short', '<i2'), ('Char', 'i1'), ('Byte', 'u1'), ('Bool', '?'))}
# What zipfile and numpy raise for a file that is not what it claims to be, beside our own ValueError.
_DAMAGE = (ValueError, KeyError, EOFError, OverflowError, RuntimeError, struct.error, zipfile.BadZipFile)


class _Storage(NamedTuple):
    """A run of `count` numbers that tensors look into."""
    key: str
    dtype: np.dtype
    count: int


class _Tensor(NamedTuple):
    """A tensor before its storage is read. Offset and strides count numbers, not bytes."""
    storage: _Storage
    offset: int
    size: Tuple[int, ...]
    stride: Tuple[int, ...]


def read_pth(path):
    """{name: array} of the state dict in the .pth file at `path`. Arrays are read-only; bfloat16 comes as float32.

    Raises ValueError if the file cannot be read, is damaged, holds anything but tensors by name, or asks for anything
    but what tensors are made of. Nothing in it is ever imported or called, and nothing is written to disk.
    """
    try:
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            raise ValueError(f'cannot read {path}: it is no regular file')  # a pipe may wait, a device go on for ever
        with open(path, 'rb') as file:
            content = file.read()
    except OSError as error:
        raise ValueError(f'cannot read {path}: {error.strerror or error}') from error
    try:
        tensors, storages = (_read_zip if content[:4] == b'PK\x03\x04' else _read_legacy)(content)
        return {name: _array(name, tensor, storages[tensor.storage.key]) for name, tensor in tensors.items()}
    except _DAMAGE as error:
        raise ValueError(f'{path} is not a .pth file of tensors: {one_line(error)}') from error


def one_line(error):
    """The first line of what an error says, short and printable: it may quote from a file."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return ''.join(char if char.isprintable() else repr(char)[1:-1] for char in lines[0][:_SHOWN])


def _read_legacy(content):
    """The tensors of a legacy file, and {key: numbers} of their storages, one behind the other after the pickle."""
    file = io.BytesIO(content)
    if load(file) != _MAGIC or load(file) != _PROTOCOL:
        raise ValueError('expected the numbers a PyTorch file starts with, got others')
    system = load(file)
    if type(system) is not dict or system.get('little_endian') is not True:
        raise ValueError('expected little-endian numbers')
    tensors, wanted = _load_tensors(file, len(content))
    storages = {}
    keys = load(file)
    if type(keys) is not list or any(type(key) is not str for key in keys):
        raise ValueError('expected the keys of the storages')
    for key in keys:
        count = int.from_bytes(file.read(8), 'little')
        if count != wanted[key].count:
            raise ValueError(f'storage {key}: expected {wanted[key].count} numbers, got {count}')
        storages[key] = _numbers(wanted[key], file.read(count * wanted[key].dtype.itemsize))
    return tensors, storages


def _read_zip(content):
    """The tensors of a zip file, and {key: numbers} of their storages, each a member of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        roots = [name[:-len('data.pkl')] for name in names if name.endswith('/data.pkl')]
        if len(roots) != 1 or len(set(names)) != len(names):
            raise ValueError('expected one data.pkl, and every name once')
        room = len(content)  # members that overlap would make a small file large

        def read(name):
            nonlocal room
            member = archive.getinfo(roots[0] + name)
            room -= member.file_size
            if member.compress_type != zipfile.ZIP_STORED or room < 0:
                raise ValueError(f'expected members that are stored as they are, got {member.filename} compressed or '
                                 f'larger than the file')
            return archive.read(member)

        if roots[0] + 'byteorder' in names and read('byteorder') != b'little':
            raise ValueError('expected little-endian numbers')
        tensors, wanted = _load_tensors(io.BytesIO(read('data.pkl')), len(content))
        return tensors, {key: _numbers(storage, read(f'data/{key}')) for key, storage in wanted.items()}


def _load_tensors(file, limit):
    """{name: _Tensor} of the pickle in `file`, and {key: _Storage} of what they need; `limit` is the file's size."""
    storages = {}

    def storage(saved):
        if type(saved) is not tuple or saved[:1] != ('storage',) \
                or len(saved) not in (5, 6) or any(view is not None for view in saved[5:]):
            raise ValueError('expected a storage as PyTorch writes it')
        _, kind, key, _, count = saved[:5]
        if type(kind) is not Name or kind.name not in _DTYPES or type(key) is not str or not _is_size(count):
            raise ValueError('expected a storage of numbers, its key and its size')
        new = _Storage(key, _DTYPES[kind.name], count)
        if count * new.dtype.itemsize > limit or storages.setdefault(key, new) != new:
            raise ValueError(f'storage {key}: expected {count} numbers of one type, got fewer or others')
        return new

    tensors = load(file, {**_CALLS, **dict.fromkeys(_DTYPES)}, storage)
    if type(tensors) is not dict or not all(
            type(name) is str and type(tensor) is _Tensor for name, tensor in tensors.items()):
        raise ValueError('expected a state dict, tensors by name and nothing else')
    return tensors, storages


def _rebuild(storage, offset, size, stride, *_):
    """What stands for torch._utils._rebuild_tensor and _rebuild_tensor_v2."""
    if type(storage) is not _Storage or type(size) is not tuple or type(stride) is not tuple \
            or not len(size) == len(stride) <= _MOST_DIMENSIONS or not all(map(_is_size, (offset, *size, *stride))):
        raise ValueError('expected a tensor of a storage, an offset, sizes and strides')
    return _Tensor(storage, offset, size, stride)


_CALLS = {
    'collections.OrderedDict': lambda: {},
    'torch._utils._rebuild_tensor': _rebuild,
    'torch._utils._rebuild_tensor_v2': _rebuild,
    'torch._utils._rebuild_parameter': lambda tensor, *_: tensor,
}


def _is_size(value):
    return type(value) is int and value >= 0


def _numbers(storage, content):
    """The (count,) array of a storage's bytes."""
    if len(content) != storage.count * storage.dtype.itemsize:
        raise ValueError(f'storage {storage.key}: expected {storage.count * storage.dtype.itemsize} bytes, '
                         f'got {len(content)}')
    numbers = np.frombuffer(content, storage.dtype)
    return (numbers.astype('<u4') << 16).view('<f4') if storage.dtype is _BFLOAT16 else numbers


def _array(name, tensor, numbers):
    """The view into `numbers` that `tensor` describes."""
    count = math.prod(tensor.size)
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(tensor.size, tensor.stride))
    if count > len(numbers) or (count and last >= len(numbers)):
        raise ValueError(f'{name} of shape {tensor.size} reaches outside its storage of {len(numbers)} numbers')
    strides = [stride * numbers.itemsize if size > 1 else 0 for size, stride in zip(tensor.size, tensor.stride)]
    array = np.ndarray(tensor.size, numbers.dtype, numbers, tensor.offset * numbers.itemsize if count else 0, strides)
    array.flags.writeable = False
    return array
