"""MXNet's RecordIO files of photos, as its im2rec writes them, read without MXNet.

A file is a sequence of parts: magic, a word with a flag in the upper 3 bits and a size in the lower 29, that many
bytes, padded to a multiple of 4. Flag 0 is a whole record; 1, 2, 3 are the first, a middle and the last part of one
that held the magic itself, at each cut. A record is a header (flag, label, id, id2) and the photo; a flag other than 0
says that more labels come between them, which no classification set has.
"""
import os
import struct
from typing import NamedTuple

from ..errors import UserError
from .dataset import Dataset
from .folder import list_entries, split_entries
from .photos import make_photo_split, open_file, shown

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


def load_recordio(data_dir=None, offline=False):
    """Photos in train.rec and test.rec, or in the only .rec of `data_dir`, of which every class gives a fifth to test.

    A NAME.lst beside NAME.rec (tab-separated: number, label, path) says which records count, and the folders in its
    paths name the classes, if no two share a name. Else, and without a list, where all records count, a class is called
    by its number. No .idx is needed. See `utils.data.load_dataset`; raises UserError, naming file and line or byte, for
    files that are damaged or do not fit.
    """
    if data_dir is None:
        raise UserError('--dataset recordio needs the folder of its .rec files: --data_dir')
    files = sorted(entry.name for entry in list_entries(data_dir) if entry.name.endswith('.rec'))
    if not {'train.rec', 'test.rec'} <= set(files) and len(files) != 1:
        raise UserError(f'--data_dir expected train.rec and test.rec, or one .rec, in {data_dir}; '
                        f'got {", ".join(files) or "none"}')
    files = files if len(files) == 1 else ['train.rec', 'test.rec']
    parts, names = [], {}
    for file_name in files:
        parts.append(_entries(os.path.join(data_dir, file_name), names))
    if len(set(names.values())) < len(names):
        names = {label: str(label) for label in names}
    order = {label: number for number, label in enumerate(sorted(names))}
    parts = [[(photo, order[label]) for photo, label in part] for part in parts]
    train, test = parts if len(parts) == 2 else split_entries(parts[0])
    return Dataset(make_photo_split(train), make_photo_split(test), tuple(names[label] for label in sorted(names)))


def _entries(path, names):
    """[(photo, label), ...] of the .rec `path`; adds to `names` {label: name} of its classes."""
    try:
        found = scan(path)
    except OSError as error:
        raise UserError(f'cannot read {path}: {error.strerror}') from error
    if not found:
        raise UserError(f'{path} has no records')
    listing = os.path.splitext(path)[0] + '.lst'
    if not os.path.isfile(listing):
        for record in found:
            names.setdefault(record.label, str(record.label))
        return [(f'{path}#{record.offset}', record.label) for record in found]
    records, entries, lines = {}, [], {}
    for record in found:
        first = records.setdefault(record.number, record)
        if first != record:
            raise UserError(f'{path}: the records at bytes {first.offset} and {record.offset} are both number '
                            f'{record.number}, and {listing} cannot tell which it means')
    for where, number, label, image in _listed(listing):
        if number not in records:
            raise UserError(f'{where}: {path} has no record {number}')
        if lines.setdefault(number, where) != where:
            raise UserError(f'{where}: record {number} was there before, in {lines[number]}')
        record = records[number]
        if record.label != label:
            raise UserError(f'{where}: expected label {record.label}, as record {number} of {path} has it, got {label}')
        names.setdefault(label, shown(os.path.basename(os.path.dirname(image))) or str(label))
        entries.append((f'{path}#{record.offset}', label))
    return entries


def _listed(listing):
    """Yield (where, number, label, image) of each line of a .lst file."""
    with open(listing, encoding='utf-8', errors='surrogateescape') as file:
        for line_number, line in enumerate(file, 1):
            where, cells = f'{listing}, line {line_number}', line.rstrip('\r\n').split('\t')
            try:
                number, label, image = int(cells[0]), float(cells[1]), cells[-1]
                whole = len(cells) == 3 and label.is_integer() and '\0' not in line
            except (ValueError, IndexError):
                whole = False
            if not whole:
                raise UserError(f'{where}: expected number, whole label and path between tabs, got {line!r}')
            yield where, number, int(label), image


def scan(path):
    """The `Record`s of the file `path` in their order, read past the photos."""
    found, expected = [], _FIRST
    with open_file(path) as file:
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
    with open_file(path) as file:
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
