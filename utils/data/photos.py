"""Photos on disk: which there are below a folder, and the bytes of one.

A photo is named by its path or, within a RecordIO file, by 'PATH.rec#OFFSET' with the byte where its record begins.
"""
import errno
import os
import re

from ..errors import UserError
from ..storage.reading import open_regular
from .records import read_record

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp', '.gif')
_RECORD = re.compile(r'(.+\.rec)#(\d+)', re.IGNORECASE | re.DOTALL)
_MOST_BYTES = 1 << 30  # of an encoded photo: no camera makes such files, and what is read must fit into memory


def read_photo(path):
    """The encoded bytes of the photo `path`. Raises OSError if they cannot be read, UserError for a damaged record."""
    record = _RECORD.fullmatch(path)
    if record:
        return read_record(record.group(1), int(record.group(2)))
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > _MOST_BYTES:
            raise OSError(errno.EFBIG, f'it has more than {_MOST_BYTES} bytes', path)
        return file.read()


def list_photos(folder):
    """Sorted paths of all photos below `folder`, by their suffix; hidden files and folders are passed over.

    So are links to folders, which could lead back. Raises UserError for a folder that cannot be listed.
    """
    found, folders = [], [folder]
    while folders:
        for entry in list_entries(folders.pop()):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.name.lower().endswith(SUFFIXES) and not os.path.isdir(entry.path):
                found.append(entry.path)
    return sorted(found)


def list_entries(folder):
    """The `os.DirEntry`s of `folder` that are not hidden."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith('.')]
    except OSError as error:
        raise UserError(f'cannot list the folder {folder}: {error.strerror}') from error


def shown(name):
    """A name from the file system as text that can be printed, drawn and saved: bytes that are no UTF-8 as \\xNN."""
    return name.encode('utf-8', 'surrogateescape').decode('utf-8', 'backslashreplace')
