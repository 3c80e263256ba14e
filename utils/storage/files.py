"""Writing files so that a reader finds the old content or the new, never half of it."""
import contextlib
import csv
import fcntl
import io
import json
import os
import re
import tempfile

from ..errors import UserError

_TEMPORARY = re.compile(r'\.tmp-[a-z0-9_]{8}(\.\w+)?')  # as `tempfile.mkstemp` names them
_PROBE = 1 << 20  # bytes written to learn whether a folder takes any


@contextlib.contextmanager
def replacing(path):
    """Yield a temporary name beside `path`; on success make it durable and rename it to `path`.

    On any failure the temporary file is removed and `path` keeps its old content. OSError (no space, no permission, not
    a directory) becomes a UserError that names `path`. What processes that were killed left half-written beside `path`
    is removed.
    """
    handle = temporary = None
    try:
        folder = os.path.dirname(path) or '.'
        os.makedirs(folder, exist_ok=True)
        remove_abandoned(folder)
        handle, temporary = _claimed_file(folder, os.path.splitext(path)[1])
        yield temporary
        os.fsync(handle)
        os.chmod(temporary, 0o644)  # mkstemp makes it 0600
        os.replace(temporary, path)
        temporary = None
        _sync_folder(folder)
    except OSError as error:
        raise UserError(f'cannot write {path}: {error.strerror or error}') from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.remove(temporary)
        if handle is not None:
            os.close(handle)


def _claimed_file(folder, suffix):
    """(handle, path) of a new temporary file in `folder`; the kernel keeps it locked while this process lives."""
    while True:
        handle, path = tempfile.mkstemp(prefix='.tmp-', suffix=suffix, dir=folder)
        with contextlib.suppress(OSError):  # a file system without locks: then nobody can take it for abandoned either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, path
        os.close(handle)  # taken for abandoned before it was locked


def remove_abandoned(folder):
    """Remove the temporary files of `replacing` in `folder` whose process was killed; those of a live one stay."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError), open(entry.path, 'rb') as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.remove(entry.path)


def _sync_folder(folder):
    """Make a rename in `folder` survive a power cut, where the platform can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path):
    """Make the folder `path` and its parents unless they are there; raises UserError if that fails."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise UserError(f'cannot make the folder {path}: {error.strerror}') from error


def check_space(folder, size):
    """Raise UserError unless `size` bytes fit in `folder`, which is made if need be; leaves nothing there.

    The file system is asked for its free space. That does not know of quotas or rights: a small file is tried too.
    """
    make_folder(folder)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(min(size, _PROBE)))
            file.flush()
            os.fsync(file.fileno())
        system = os.statvfs(folder)
    except OSError as error:
        raise UserError(f'cannot write to {folder}: {error.strerror}') from error
    free = system.f_bavail * system.f_frsize
    if system.f_blocks and free < size:  # without blocks it does not count them
        raise UserError(f'cannot write to {folder}: {size / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free')


def write_bytes(path, content):
    """Replace the file `path` by `content`."""
    with replacing(path) as temporary, open(temporary, 'wb') as file:
        file.write(content)


def write_json(path, value):
    """Replace the file `path` by `value` as indented JSON."""
    write_bytes(path, (json.dumps(value, indent=2, allow_nan=False) + '\n').encode())


def write_csv(path, rows):
    """Replace the file `path` by `rows`, dicts with the same keys; None becomes an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())
