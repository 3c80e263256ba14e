"""Lists of names and of structs from MATLAB's .mat files, version 5 to 7, read without trust in the lengths they give.

scipy.io.loadmat ends the whole process on some damaged files. Layout: MathWorks, "MAT-File Format", chapter 1.
"""
import math
import struct
import zlib

from ..errors import UserError
from ..storage.reading import open_regular

_HEADER = 128  # bytes; the last two tell the order of bytes
_ORDERS = {b'IM': '<', b'MI': '>'}
_MATRIX, _COMPRESSED = 14, 15  # types of elements
_NUMBERS = {1: 'b', 2: 'B', 3: 'h', 4: 'H', 5: 'i', 6: 'I', 7: 'f', 9: 'd', 12: 'q', 13: 'Q'}  # type: struct's code
_TEXTS = {4: 'utf-16', 16: 'utf-8', 17: 'utf-16', 18: 'utf-32'}  # type: encoding; of others Latin 1
_CELL, _STRUCT, _CHAR = 1, 2, 4  # classes of arrays; those of numbers are 6 to 15
# What a damaged file may have us keep. Cars196's largest array has 10 MB, 2 dimensions and 7 fields.
_MOST_BYTES, _MOST_DIMENSIONS, _MOST_FIELDS = 1 << 25, 32, 1000


def read_list(path, name, fields=()):
    """The entries of the cell array `name` of a .mat file; with `fields` {field: entry} of each struct in an array.

    An entry is a text, a number or, for all else, None. Raises UserError if the file is damaged, or has no such array.
    """
    try:
        with open_regular(path) as file:
            array = _find(file.read(), name)
        if array is None:
            raise UserError(f'{path} has no {name}')
        lacking = sorted(set(fields) - set(array.fields))
        if lacking:
            raise UserError(f'{path}: expected {name} with {", ".join(fields)}, got none with {", ".join(lacking)}')
        if not fields and array.kind != _CELL:
            raise UserError(f'{path}: expected {name} to be a cell array')
        return array.entries(fields)
    except OSError as error:
        raise UserError(f'cannot read {path}: {error.strerror}') from error
    except (ValueError, struct.error, zlib.error) as error:
        raise UserError(f'cannot read {path} as a MATLAB file: {error}') from error


def _find(content, name):
    """The `_Array` called `name` in the bytes of a file, or None."""
    order = _ORDERS.get(content[_HEADER - 2:_HEADER])
    if not order:
        raise ValueError('expected one of version 5 to 7, which MATLAB writes by save -v7')
    for kind, part in _elements(memoryview(content)[_HEADER:], order):
        if kind == _COMPRESSED:
            unpacker = zlib.decompressobj()
            unpacked = memoryview(unpacker.decompress(part, _MOST_BYTES))
            if not unpacker.eof:
                raise ValueError(f'an array is cut short, or has more than {_MOST_BYTES} bytes')
            kind, part = next(_elements(unpacked, order), (None, b''))
        if len(part) > _MOST_BYTES:
            raise ValueError(f'an array has more than {_MOST_BYTES} bytes')
        if kind == _MATRIX:
            array = _Array(part, order)
            if array.name == name:
                return array
    return None


def _elements(content, order):
    """Yield (type, content) of the elements that lie one behind the other in a memoryview."""
    place = 0
    while place < len(content):
        kind, size = struct.unpack_from(order + 'II', content, place)
        start = place + 8
        if kind >> 16:  # up to four bytes, packed into where the size would be
            kind, size, start = kind & 0xffff, kind >> 16, place + 4
            if size > 4:
                raise ValueError(f'expected at most 4 bytes of a packed element, got {size}')
        if size > len(content) - start:
            raise ValueError(f'expected {size} bytes of an element, got {len(content) - start}')
        yield kind, content[start:start + size]
        place = start + size + (-(start + size) % 8 if kind != _COMPRESSED else 0)


class _Array:
    """What an element says of the array in it: name, kind (its class), fields (names, of structs), length."""

    def __init__(self, content, order):
        self._order = order
        self._parts = _elements(content, order)
        self.kind = struct.unpack_from(order + 'I', self._next()[1])[0] & 0xff
        self._length = math.prod(self._numbers(_MOST_DIMENSIONS))
        self.name = bytes(self._next()[1]).decode('latin-1')
        self.fields = ()
        if self.kind == _STRUCT:
            (size,), names = self._numbers(1), bytes(self._next()[1])
            starts = range(0, len(names), max(size, 1))
            if len(starts) > _MOST_FIELDS:
                raise ValueError(f'expected at most {_MOST_FIELDS} fields, got {len(starts)}')
            self.fields = [names[start:start + size].partition(b'\0')[0].decode('latin-1') for start in starts]

    def entries(self, fields):
        """What is in a cell array or, as {field: entry}, in a struct array."""
        parts = [part for _, part in self._parts]
        width = len(self.fields) or 1
        if len(parts) != self._length * width:
            raise ValueError(f'expected {self._length * width} entries of {self.name}, got {len(parts)}')
        if not fields:
            return [self._entry(part) for part in parts]
        places = {field: self.fields.index(field) for field in fields}
        return [{field: self._entry(parts[start + place]) for field, place in places.items()}
                for start in range(0, len(parts), width)]

    def _entry(self, part):
        return _Array(part, self._order)._value() if len(part) else None

    def _value(self):
        if self.kind == _CHAR:
            kind, content = self._next()
            encoding = _TEXTS.get(kind, 'latin-1')
            wide = {'<': '-le', '>': '-be'}[self._order] if encoding in ('utf-16', 'utf-32') else ''
            return bytes(content).decode(encoding + wide)
        if 6 <= self.kind <= 15 and self._length == 1:
            return self._numbers(1)[0]
        return None

    def _numbers(self, most):
        """The numbers, at least one, in the next part."""
        kind, content = self._next()
        code = _NUMBERS.get(kind, 'B')
        count = len(content) // struct.calcsize(code)
        if kind not in _NUMBERS or not 1 <= count <= most:
            raise ValueError(f'expected at most {most} numbers, got {len(content)} bytes of type {kind}')
        return struct.unpack(f'{self._order}{count}{code}', content)

    def _next(self):
        """(type, content) of the next part."""
        for part in self._parts:
            return part
        raise ValueError('an array is cut short')
