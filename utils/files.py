"""Writing files so that a reader finds the old content or the new, never half of it."""
import contextlib
import csv
import io
import json
import os
import tempfile

from .errors import UserError


@contextlib.contextmanager
def replacing(path):
    """Yield a temporary name beside `path`; on success make it durable and rename it to `path`.

    On any failure the temporary file is removed and `path` keeps its old content. OSError (no space, no permission, not
    a directory) becomes a UserError that names `path`.
    """
    temporary = None
    try:
        folder = os.path.dirname(path) or '.'
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix='.tmp-', suffix=os.path.splitext(path)[1], dir=folder)
        os.close(handle)
        yield temporary
        with open(temporary, 'rb') as file:
            os.fsync(file.fileno())
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
    """Raise UserError unless `size` bytes fit in `folder`, which is made if need be; leaves nothing there."""
    make_folder(folder)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UserError(f'cannot write to {folder}: {error.strerror}') from error


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
