"""Read MXNet's .params files, as `nd.save` writes them, without MXNet.

`nd.load` reserves memory for every length that a file names before it looks whether the file is that long. Format:
`NDArray::Save` and `Load` in `src/ndarray/ndarray.cc` of MXNet 1.9.1; integers are little-endian.
"""
import math
import os
import struct

import numpy as np

from .reading import first_line, open_regular

_LIST = 0x112  # what a file of arrays starts with
_ARRAY, _ARRAY_BEFORE_SPARSE = 0xf993fac9, 0xf993fac8  # what an array starts with; the older has no storage type
_DENSE = 0
_MOST_DIMENSIONS = 32  # numpy's own limit
_DTYPES = dict(enumerate(map(np.dtype, ('<f4', '<f8', '<f2', 'u1', '<i4', 'i1', '<i8', '?'))))


def read_params(path):
    """{name: array} of the .params file at `path`; arrays are read-only.

    Raises ValueError, one line that names the file, if it cannot be read, is damaged, holds sparse arrays or arrays
    without names. Takes no more memory than the file has bytes.
    """
    try:
        with open_regular(path) as file:
            return _Reader(file).arrays()
    except OSError as error:
        raise ValueError(f'cannot read {path}: {error.strerror or error}') from error
    except ValueError as error:
        raise ValueError(f'{path} is damaged or not a .params file: {first_line(error)}') from error


class _Reader:
    def __init__(self, file):
        self._file, self._left = file, os.fstat(file.fileno()).st_size

    def arrays(self):
        if self._number('<Q') != _LIST or self._number('<Q') != 0:
            raise ValueError('expected the numbers that such a file starts with, got others')
        arrays = [self._array() for _ in range(self._number('<Q'))]
        names = [self._take(self._number('<Q')).decode() for _ in range(self._number('<Q'))]
        if arrays and not names:
            raise ValueError('it has arrays without names')
        if len(names) != len(arrays) or len(set(names)) != len(names):
            raise ValueError(f'expected a name for each of {len(arrays)} arrays, got {len(set(names))}')
        if self._left:
            raise ValueError(f'expected its end, got {self._left} bytes more')
        return dict(zip(names, arrays))

    def _array(self):
        magic = self._number('<I')
        if magic not in (_ARRAY, _ARRAY_BEFORE_SPARSE):
            raise ValueError(f'expected an array, got {magic:#x}')
        if magic == _ARRAY and self._number('<i') != _DENSE:
            raise ValueError('expected dense arrays, got a sparse one')
        dimensions = self._number('<i')
        if not 1 <= dimensions <= _MOST_DIMENSIONS:
            raise ValueError(f'expected 1 to {_MOST_DIMENSIONS} dimensions, got {dimensions}')
        shape = struct.unpack(f'<{dimensions}q', self._take(8 * dimensions))
        if min(shape) < 1:
            raise ValueError(f'expected sizes of at least 1, got {shape}')
        self._take(8)  # the device that the array was on
        number = self._number('<i')
        if number not in _DTYPES:
            raise ValueError(f'expected a type of number from 0 to {len(_DTYPES) - 1}, got {number}')
        dtype = _DTYPES[number]
        return np.frombuffer(self._take(math.prod(shape) * dtype.itemsize), dtype).reshape(shape)

    def _number(self, code):
        return struct.unpack(code, self._take(struct.calcsize(code)))[0]

    def _take(self, count):
        """The next `count` bytes, which must be there."""
        content = self._file.read(count)
        if len(content) != count:
            raise ValueError(f'expected {count} bytes more, got {self._left}')
        self._left -= count
        return content
