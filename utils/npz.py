"""Writing .npz files whole, and reading those that may be damaged."""
import io
import zipfile

import numpy as np

from . import files
from .errors import UserError


def write_npz(path, arrays):
    """Replace the file `path` by `arrays`, {name: array}, uncompressed.

    They are put together in memory: where the disk is full, a half-written zip file would complain at its end.
    """
    content = io.BytesIO()
    np.savez(content, **arrays)
    files.write_bytes(path, content.getbuffer())


def read_npz(path, names):
    """{name: array} of all arrays in the file `path`, `names` among them; raises UserError, one line, if it cannot be.

    All checksums are compared first: numpy reads an array's header before it could know, and where a damaged one says
    that there is less to read, it never comes to the checksum, which stands at the end.
    """
    try:
        with open(path, 'rb') as file:
            with zipfile.ZipFile(file) as archive:
                wrong = archive.testzip()
            if wrong is None:
                file.seek(0)
                with np.load(file, allow_pickle=False) as stored:
                    arrays = dict(stored)
    except (MemoryError, FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise UserError(f'cannot read {path}: {getattr(error, "strerror", None) or "out of memory"}') from error
    except Exception as error:  # zipfile raises a dozen kinds, NotImplementedError and zlib.error among them
        raise UserError(f'{path} is damaged: {str(error).partition(chr(10))[0] or type(error).__name__}') from error
    if wrong is not None:
        raise UserError(f'{path} is damaged: {wrong!r} is not what was written')
    lacking = [name for name in (*names, *arrays) if not isinstance(arrays.get(name), np.ndarray)]  # an empty file: b''
    if lacking:
        raise UserError(f'{path} is damaged: expected an array {lacking[0]!r}, got none')
    return arrays
