"""The idx format of MNIST: read a file, gz or raw, and trust nothing about it."""
import gzip
import hashlib
import zlib
from typing import NamedTuple, Optional, Tuple

import numpy as np

from ..errors import UserError


class IdxFile(NamedTuple):
    """One official file: its name without .gz, the shape it holds, and the digests by which it is known.

    sha256: of the uncompressed content; gz_sha256: of the .gz as published. One of them may be unknown (None).
    """
    name: str
    shape: Tuple[int, ...]
    sha256: Optional[str] = None
    gz_sha256: Optional[str] = None


def read_idx(path, spec):
    """The uint8 array in the file `path`, which must be `spec` to the byte.

    Raises UserError, naming the file, what was expected and what came, if it cannot be read or is anything else.
    """
    try:
        with open(path, 'rb') as file:
            stored = file.read()
    except OSError as error:
        raise UserError(f'cannot read {path}: {error.strerror}') from error
    return parse_idx(stored, spec, path)


def parse_idx(stored, spec, path):
    """The uint8 array in the bytes `stored` of the file `path`; see `read_idx`."""
    compressed = stored[:2] == b'\x1f\x8b'
    try:
        content = gzip.decompress(stored) if compressed else stored
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f'{path} is damaged: expected a whole gzip file, got {error}') from error
    header = 4 + 4 * len(spec.shape)
    size = header + int(np.prod(spec.shape))
    if len(content) != size:
        raise UserError(f'{path} is damaged: expected {size} bytes of content, got {len(content)}')
    magic = bytes([0, 0, 8, len(spec.shape)])  # 8: unsigned bytes
    if content[:4] != magic:
        raise UserError(f'{path} is no idx file of this kind: expected magic {magic.hex()}, got {content[:4].hex()}')
    shape = tuple(np.frombuffer(content[4:header], dtype='>u4').tolist())
    if shape != spec.shape:
        raise UserError(f'{path} has another shape: expected {spec.shape}, got {shape}')
    _check_digest(stored, content, compressed, spec, path)
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _check_digest(stored, content, compressed, spec, path):
    if spec.sha256:
        expected, got = spec.sha256, hashlib.sha256(content).hexdigest()
    elif compressed:
        expected, got = spec.gz_sha256, hashlib.sha256(stored).hexdigest()
    else:
        raise UserError(f'{path} cannot be verified: expected {spec.name}.gz as published, got an uncompressed file')
    if got != expected:
        raise UserError(f'{path} is not the official file: expected SHA-256 {expected}, got {got}')
