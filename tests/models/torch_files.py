"""Writes .pth files, sound and crafted, one pickle instruction at a time and without PyTorch.

Layout: `torch/serialization.py` of PyTorch 2 (`_legacy_save`, `_save`); instructions: Python's `pickletools`.
"""
import struct
import zipfile
from collections import OrderedDict

import numpy as np

NUMBERS = np.arange(24, dtype='f4')
STORAGES = {'f4': 'FloatStorage', 'f8': 'DoubleStorage', 'f2': 'HalfStorage', 'i8': 'LongStorage', 'i4': 'IntStorage',
            'i2': 'ShortStorage', 'i1': 'CharStorage', 'u1': 'ByteStorage', 'b1': 'BoolStorage'}


class Raw(bytes):
    """Instructions as they are."""


def name(module, attribute):
    return Raw(f'c{module}\n{attribute}\n'.encode())


def call(function, *arguments):
    return Raw(encode(function) + encode(arguments) + b'R')


def storage(key, kind, count):
    """A storage as newer files name it; legacy ones add a None, which readers of either take."""
    return Raw(encode(('storage', name('torch', kind), key, 'cpu', count, None)) + b'Q')


def tensor(stored, offset, size, stride):
    return call(name('torch._utils', '_rebuild_tensor_v2'), stored, offset, size, stride, False, OrderedDict())


def floats(offset, size, stride, count=24):
    """A state dict of one tensor, `w`, over the storage '0' of `count` floats."""
    return OrderedDict(w=tensor(storage('0', 'FloatStorage', count), offset, size, stride))


def encode(value):
    """The instructions that build `value`."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, OrderedDict):
        return bytes(call(name('collections', 'OrderedDict'))) + _items(value)
    if isinstance(value, dict):
        return b'}' + _items(value)
    if isinstance(value, tuple):
        return b'(' + b''.join(map(encode, value)) + b't'
    if isinstance(value, list):
        return b'](' + b''.join(map(encode, value)) + b'e'
    if isinstance(value, str):
        return b'X' + struct.pack('<I', len(value.encode())) + value.encode()
    if value is None or isinstance(value, bool):
        return {None: b'N', True: b'\x88', False: b'\x89'}[value]
    size = value.bit_length() // 8 + 1
    return b'\x8a' + bytes([size]) + value.to_bytes(size, 'little', signed=True)


def _items(mapping):
    return b'(' + b''.join(encode(key) + encode(item) for key, item in mapping.items()) + b'u'


def pickled(value):
    return b'\x80\x02' + encode(value) + b'.'


def write_legacy(path, value, storages, **parts):
    """storages: {key: array}. parts: bytes to put in place of the pickles `magic`, `protocol`, `system` and `keys`."""
    pickles = {'magic': pickled(0x1950a86a20f9469cfc6c), 'protocol': pickled(1001),
               'system': pickled({'protocol_version': 1001, 'little_endian': True, 'type_sizes': {'int': 4}}),
               'value': pickled(value), 'keys': pickled(list(storages)), **parts}
    content = b''.join(pickles[part] for part in ('magic', 'protocol', 'system', 'value', 'keys'))
    content += b''.join(struct.pack('<q', array.size) + array.tobytes() for array in storages.values())
    path.write_bytes(content)
    return str(path)


def write_zip(path, value, storages, members=(), compression=zipfile.ZIP_STORED):
    """storages: {key: array}. members: further (name, bytes)."""
    with zipfile.ZipFile(str(path), 'w', compression) as archive:
        archive.writestr('archive/data.pkl', pickled(value))
        for key, array in storages.items():
            archive.writestr(f'archive/data/{key}', array.tobytes())
        for member, content in (('archive/version', b'3\n'), *members):
            archive.writestr(member, content)
    return str(path)


WRITERS = {'legacy': write_legacy, 'zip': write_zip}
