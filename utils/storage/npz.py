"""Writing .npz files whole, and reading those that may be damaged, or made to look harmless."""
import io
import math
import os
import struct
import zipfile

import numpy as np

from ..errors import UserError
from . import files
from .reading import first_line, open_regular

_MAPPED = 1 << 20  # bytes, from which on an array is worth a map
_NAME_LENGTHS = 26  # where in the header of a member they stand, of a name and of what else there is before its content


def write_npz(path, arrays):
    """Replace the file `path` by `arrays`, {name: array}, uncompressed.

    They are put together in memory: where the disk is full, a half-written zip file would complain at its end.
    """
    content = io.BytesIO()
    np.savez(content, **arrays)
    files.write_bytes(path, content.getvalue())


def read_npz(path, names, mapped=False):
    """{name: array} of all arrays in the file `path`, as `np.savez` writes it, `names` among them.

    mapped: leave large arrays in the file, which is read once, to compare checksums; they take no memory and cannot be
    written to. Raises UserError, one line, if it cannot be. `np.load` reserves what an array's header asks for before
    it looks whether the file is that long, and compares no checksum where a damaged header says that there is less to
    read.
    """
    try:
        file = open_regular(path)
    except OSError as error:
        raise UserError(f'cannot read {path}: {error.strerror}') from error
    try:
        with file, zipfile.ZipFile(file) as archive:
            arrays = _arrays(archive, os.fstat(file.fileno()).st_size, file if mapped else None)
    except MemoryError as error:
        raise UserError(f'cannot read {path}: out of memory') from error
    except Exception as error:  # zipfile raises a dozen kinds, OSError and NotImplementedError among them
        raise UserError(f'{path} is damaged: {first_line(error)}') from error
    lacking = [name for name in names if name not in arrays]
    if lacking:
        raise UserError(f'{path} is damaged: expected an array {lacking[0]!r}, got none')
    return arrays


def _arrays(archive, size, file):
    """{name: array} of an archive in a file of `size` bytes; members are not compressed, so no small file grows.

    file: to map what is large, or None.
    """
    arrays = {}
    for member in archive.infolist():
        size -= member.file_size
        if member.compress_type != zipfile.ZIP_STORED or size < 0:
            raise ValueError(f'expected arrays stored as they are, got {member.filename!r} compressed or too large')
        name = member.filename[:-len('.npy')]
        if not member.filename.endswith('.npy') or name in arrays:
            raise ValueError(f'expected arrays, each name once, got {member.filename!r}')
        if file and member.file_size >= _MAPPED:
            arrays[name] = _map(archive, member, file)
        else:
            arrays[name] = _array(archive.read(member))  # to the end, where its checksum is compared
    return arrays


def _array(content):
    """The array in the bytes of a .npy file of version 1.0."""
    shape, order, dtype, start = _header(content)
    array = np.frombuffer(content, dtype, offset=start) if len(content) > start else np.zeros(0, dtype)
    return array.reshape(shape, order=order).copy()


def _map(archive, member, file):
    """The array in a member of an archive, left in `file`."""
    with archive.open(member) as stream:
        shape, order, dtype, start = _header(stream.read(_MAPPED))
        while stream.read(_MAPPED):  # to the end, where its checksum is compared
            pass
    if start + math.prod(shape) * dtype.itemsize != member.file_size:
        raise ValueError(f'expected {member.filename!r} to hold an array of shape {shape}')
    file.seek(member.header_offset + _NAME_LENGTHS)
    before = _NAME_LENGTHS + 4 + sum(struct.unpack('<HH', file.read(4)))
    return np.memmap(file, dtype, 'r', member.header_offset + before + start, shape, order)


def _header(content):
    """(shape, order, dtype, where the numbers begin) of the bytes of a .npy file of version 1.0, or its first."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError('expected an array as numpy saves it')
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject or min(shape, default=0) < 0:
        raise ValueError('expected numbers or text of some shape, got something else')
    return shape, 'F' if fortran_order else 'C', dtype, file.tell()
