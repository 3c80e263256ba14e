"""Take one folder out of a tar file whose makers are not trusted."""
import os
import shutil
import tarfile
import tempfile
import zlib

from ..errors import UserError
from .download import check_md5, download_large


def fetch_archive(dataset, file_name, name, folder, mirrors, md5, offline):
    """Download `file_name` from one of the URL prefixes `mirrors` and leave its `name` in `folder`.

    An archive that is in `folder` already is used, and stays. Raises UserError if it is not the file of this MD5
    (hexadecimal), unsafe, or missing and not allowed (`offline`) or possible to fetch.
    """
    path = os.path.join(folder, file_name)
    if os.path.isfile(path):
        check_md5(path, md5)
        extract(path, name, folder)
        return
    download_large(dataset, file_name, path, mirrors, md5, offline)
    extract(path, name, folder)
    os.remove(path)


def extract(path, name, folder):
    """Unpack the folder `name` of the tar file `path`, compressed or not, to `folder`/`name`, all of it or nothing.

    Only folders and plain files are made, with this process's own rights. Raises UserError if the archive is damaged or
    holds anything else (a link, a device), a path that leads out of it or a file twice; and if `folder`/`name` is
    there already.
    """
    with tempfile.TemporaryDirectory(prefix='.tmp-', dir=folder) as temporary:
        try:
            with tarfile.open(path) as archive:
                for member in archive:
                    _unpack(archive, member, temporary, path)
            os.rename(os.path.join(temporary, name), os.path.join(folder, name))
        except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
            raise UserError(f'cannot unpack {name} of {path}: {getattr(error, "strerror", None) or error}') from error


def _unpack(archive, member, folder, path):
    parts = [part for part in member.name.split('/') if part not in ('', '.')]
    # A backslash, a colon or a NUL has no place in these archives and is a way out on some systems.
    if member.name.startswith('/') or '..' in parts or any(bad in member.name for bad in '\\:\0'):
        raise UserError(f'{path} is unsafe and was not unpacked: {member.name!r} would lead out of its folder')
    target = os.path.join(folder, *parts)
    if member.isdir():
        os.makedirs(target, exist_ok=True)
    elif member.isfile():
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, 'xb') as file:
            shutil.copyfileobj(archive.extractfile(member), file)
    else:
        raise UserError(f'{path} is unsafe and was not unpacked: {member.name!r} is a link or a device')
