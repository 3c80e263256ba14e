"""What readers of files that may be damaged share: which they open, how they read JSON, how they say what is wrong."""
import errno
import io
import json
import os

_SHOWN = 300  # characters of an error


class _File(io.BufferedReader):
    """Reserves no more than the file's size where more is asked for, as `zipfile` does if a directory is damaged."""

    def read(self, size=-1):
        return super().read(min(size, os.fstat(self.fileno()).st_size))


def open_regular(path):
    """The file at `path`, opened to read bytes; no reading takes more memory than the file has bytes.

    Raises OSError for what cannot be opened, and for a pipe or a device, which could wait or go on for ever.
    """
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise OSError(errno.EINVAL, 'it is no regular file', path)
    return _File(io.FileIO(path))


def parse_object(text):
    """The dict that the JSON `text`, str or bytes, holds. Raises ValueError for anything else."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError('its JSON is nested too deeply') from error
    if type(value) is not dict:
        raise ValueError(f'expected a JSON object, got {type(value).__name__}')
    return value


def _refuse(constant):
    raise ValueError(f'expected numbers, got {constant}')


def first_line(error):
    """The first line of what an error says, of bounded length and printable: it may quote from the file."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return ''.join(char if char.isprintable() else repr(char)[1:-1] for char in lines[0][:_SHOWN])[:_SHOWN]
