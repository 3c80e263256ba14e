"""Fetch one file from the first mirror that has it whole."""
import hashlib
import http.client
import os
import sys
import time
import urllib.error
import urllib.request

from tqdm import tqdm

from ..errors import UserError
from ..storage import files

TIMEOUT = 30  # seconds without a byte before a mirror counts as stalled
TRIES = 2  # rounds over all mirrors
_CHUNK = 1 << 16


class _MirrorError(Exception):
    """What came from a mirror, or did not come, is not the file."""


def download(dataset, file_name, path, mirrors, offline, check, **options):
    """Fetch `file_name` from one of the URL prefixes `mirrors` and put it at `path`, only once `check` accepts it.

    check: called with the bytes; raises UserError if they are not the file. options: `timeout` and `pause` (between
    rounds) in seconds, `tries`. Raises UserError with the remedies if `offline`, or if no mirror gives the file.
    """
    remedies = (f'give a folder that has it with --data_dir, use --dataset mnist5k (needs no download), '
                f'or fetch it yourself from {mirrors[0]}')

    def fetch(url, timeout):
        content = b''.join(_chunks(url, timeout))
        try:
            check(content)
        except UserError as error:
            raise _MirrorError(error) from error
        files.write_bytes(path, content)

    _fetch_from_any(fetch, dataset, file_name, path, mirrors, offline, remedies, **options)


def download_large(dataset, file_name, path, mirrors, md5, offline, **options):
    """As `download`, for a file that is too large to be held in memory and is known by its MD5 (hexadecimal)."""
    remedies = (f'give the folder that has the unpacked files with --data_dir, or fetch it yourself from '
                f'{mirrors[0]}{file_name} to {path}')

    def fetch(url, timeout):
        with files.replacing(path) as temporary:
            with open(temporary, 'wb') as file:
                file.writelines(_chunks(url, timeout))
            try:
                check_md5(temporary, md5)
            except UserError as error:
                raise _MirrorError(error) from error

    _fetch_from_any(fetch, dataset, file_name, path, mirrors, offline, remedies, **options)


def check_md5(path, md5):
    """Raise UserError unless `md5` (hexadecimal) is the MD5 of the file `path`."""
    digest = hashlib.md5()
    with open(path, 'rb') as file:
        for chunk in iter(lambda: file.read(_CHUNK), b''):
            digest.update(chunk)
    if digest.hexdigest() != md5:
        raise UserError(f'{path} is not the official file: expected MD5 {md5}, got {digest.hexdigest()}')


def _fetch_from_any(fetch, dataset, file_name, path, mirrors, offline, remedies, timeout=TIMEOUT, tries=TRIES,
                    pause=1.0):
    """Call `fetch` (URL, timeout) with one mirror after another until one call raises no `_MirrorError`."""
    if offline:
        raise UserError(f'{dataset} needs {path}, which is missing, and --offline is set: {remedies}')
    problems = []
    for round_number in range(tries):
        if round_number:
            time.sleep(pause)
        for mirror in mirrors:
            try:
                return fetch(mirror + file_name, timeout)
            except _MirrorError as error:
                problems.append(f'{mirror} ({error})')
    raise UserError(f'cannot download {file_name} of {dataset}; tried {"; ".join(problems[-len(mirrors):])}. '
                    f'Remedies: {remedies}')


def _chunks(url, timeout):
    """Yield the bytes at `url` in pieces. Raises _MirrorError if they do not all come."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            total, got = response.length, 0
            with tqdm(total=total, unit='B', unit_scale=True, desc=os.path.basename(url), leave=False,
                      disable=not sys.stderr.isatty()) as bar:
                while True:
                    part = response.read(_CHUNK)
                    if not part:
                        break
                    got += len(part)
                    bar.update(len(part))
                    yield part
    except (OSError, http.client.HTTPException) as error:
        raise _MirrorError(error) from error
    if total is not None and got != total:
        raise _MirrorError(f'expected {total} bytes, got {got}')
