"""One writer at a time for the files of a run or a comparison."""
import contextlib
import fcntl
import os

from ..errors import UserError
from ..terminal import warn
from . import files


@contextlib.contextmanager
def held(folders, names):
    """Inside, no other process can hold one of `names`, those of runs, in one of `folders`, which are made if need be.

    The lock is the kernel's, on the file .NAME.lock, and ends with the process, however that ends: a file that a killed
    one left is taken over. Who only reads asks for no lock. Raises UserError, with the process, if a name is held.
    """
    with contextlib.ExitStack() as stack:
        for folder in {os.path.realpath(folder): folder for folder in folders}.values() if names else ():
            stack.enter_context(_made(folder))
            for name in names:
                stack.enter_context(_held(folder, name))
        yield


@contextlib.contextmanager
def _made(folder):
    """The folder is there inside; afterwards what was made for it is gone again, unless something lies in it."""
    missing, path = [], os.path.abspath(folder)
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    try:
        files.make_folder(folder)
        yield
    finally:
        with contextlib.suppress(OSError):
            for path in missing:
                os.rmdir(path)


@contextlib.contextmanager
def _held(folder, name):
    path = os.path.join(folder, f'.{name}.lock')
    try:
        handle = _lock(path, os.path.join(folder, name))
    except OSError as error:
        raise UserError(f'cannot write to {folder}: {error.strerror}') from error
    try:
        with contextlib.suppress(OSError):  # without space, the message of the refused lacks a number
            os.ftruncate(handle, 0)
            os.write(handle, f'{os.getpid()}\n'.encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            os.remove(path)  # while it is held: who has opened it meanwhile sees that it is gone
        os.close(handle)


def _lock(path, shown):
    """The handle of the locked file at `path`. Raises UserError if another process holds it, and OSError."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode('ascii', 'replace').strip()
            os.close(handle)
            raise UserError(f'{shown} is being written by process {holder}: wait until that ends, or choose another '
                            '--prefix') from None
        except OSError as error:
            warn(f'{path} cannot be locked ({error.strerror}): do not train {shown} twice at once')
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)  # its holder removed it after we had opened it
