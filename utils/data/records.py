"""MXNet's RecordIO format, as its im2rec writes it, read without MXNet.

A file is a sequence of parts: magic, a word with a flag in the upper 3 bits and a size in the lower 29, that many
bytes, padded to a multiple of 4. Flag 0 is a whole record; 1, 2, 3 are the first, a middle and the last part of one
that held the magic itself, at each cut. A record is a header (flag, label, id, id2) and the photo; a flag other than 0
says that more labels come between them, which no classification set has.
"""
import os
import struct
from typing import NamedTuple

from ..errors import UserError
from ..storage.reading import open_regular

_MAGIC = 0xced7230a
_PART = struct.Struct('<II')
_HEADER = struct.Struct('<IfQQ')
_FIRST = (0, 1)  # flags of a record's first part
_NEXT = {0: _FIRST, 1: (2, 3), 2: (2, 3), 3: _FIRST}  # flag -> those of the part that follows


class Record(NamedTuple):
    """A photo in a file: the number in its header, its first byte, its class."""
    number: int
    offset: int
    label: int


def scan(path):
    """The `Record`s of the file `path` in their order, read past the photos."""
    found, expected = [], _FIRST
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        while file.tell() < size:
            offset = file.tell()
            flag, length = _part(file, path, expected)
            expected = _NEXT[flag]
            if flag in _FIRST:
                header = file.read(_HEADER.size) if length >= _HEADER.size else b''
                if len(header) < _HEADER.size:
                    raise UserError(f'{path}, byte {offset}: expected the header of a photo, got {len(header)} bytes')
                several, label, number, _ = _HEADER.unpack(header)
                if several or not label.is_integer():
                    raise UserError(f'{path}, record {number}: expected one label, a whole number, '
                                    f'got {f"{several} labels" if several else label}')
                found.append(Record(number, offset, int(label)))
            file.seek(offset + _PART.size + length + -length % 4)
        if expected != _FIRST:
            raise UserError(f'{path} is damaged: expected {_flags(expected)} after the last, got the end')
        if file.tell() > size:
            raise UserError(f'{path} is damaged: expected {file.tell()} bytes, got {size}')
    return found


def read_record(path, offset):
    """The photo in the record at byte `offset` of the file `path`. Raises UserError if none is there."""
    content, expected = bytearray(), _FIRST
    with open_regular(path) as file:
        file.seek(offset)
        while True:
            flag, length = _part(file, path, expected)
            expected = _NEXT[flag]
            part = file.read(length)
            if len(part) < length:
                raise UserError(f'{path} is damaged: expected {length} bytes of a record, got {len(part)}')
            content += part
            file.seek(-length % 4, os.SEEK_CUR)
            if expected == _FIRST:
                break
            content += struct.pack('<I', _MAGIC)  # it was cut out where the parts meet
    return bytes(content[_HEADER.size:])


def _part(file, path, expected):
    """(flag, length) of the part that begins where `file` is, whose flag must be one of `expected`."""
    offset = file.tell()
    head = file.read(_PART.size)
    if len(head) < _PART.size or _PART.unpack(head)[0] != _MAGIC:
        raise UserError(f'{path}, byte {offset}: expected the start of a record, got {head.hex() or "the end"}')
    word = _PART.unpack(head)[1]
    flag = word >> 29
    if flag not in expected:
        raise UserError(f'{path}, byte {offset}: expected {_flags(expected)}, got {flag}')
    return flag, word & ((1 << 29) - 1)


def _flags(expected):
    return 'a part of a record with flag ' + ' or '.join(map(str, expected))
