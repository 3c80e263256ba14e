"""Fetch one file from the first mirror that has it whole."""
import http.client
import os
import sys
import time
import urllib.error
import urllib.request

from tqdm import tqdm

from .. import files
from ..errors import UserError

TIMEOUT = 30  # seconds without a byte before a mirror counts as stalled
TRIES = 2  # rounds over all mirrors
_CHUNK = 1 << 16


def download(dataset, file_name, path, mirrors, offline, check, *, timeout=TIMEOUT, tries=TRIES, pause=1.0):
    """Fetch `file_name` from one of the URL prefixes `mirrors` and put it at `path`, only once `check` accepts it.

    check: called with the bytes; raises UserError if they are not the file. `timeout` and `pause` (between rounds) are
    in seconds. Raises UserError with the remedies if `offline`, or if no mirror gives the file.
    """
    remedies = (f'give a folder that has it with --data_dir, use --dataset mnist5k (needs no download), '
                f'or fetch it yourself from {mirrors[0]}')
    if offline:
        raise UserError(f'{dataset} needs {path}, which is missing, and --offline is set: {remedies}')
    problems = []
    for round_number in range(tries):
        if round_number:
            time.sleep(pause)
        for mirror in mirrors:
            try:
                content = _fetch(mirror + file_name, timeout)
                check(content)
            except (OSError, http.client.HTTPException, UserError) as error:
                problems.append(f'{mirror} ({error})')
                continue
            files.write_bytes(path, content)
            return
    raise UserError(f'cannot download {file_name} of {dataset}; tried {"; ".join(problems[-len(mirrors):])}. '
                    f'Remedies: {remedies}')


def _fetch(url, timeout):
    """The bytes at `url`. Raises OSError or HTTPException if they do not all come."""
    with urllib.request.urlopen(url, timeout=timeout) as response:
        total = response.length
        parts = []
        with tqdm(total=total, unit='B', unit_scale=True, desc=os.path.basename(url), leave=False,
                  disable=not sys.stderr.isatty()) as bar:
            while True:
                part = response.read(_CHUNK)
                if not part:
                    break
                parts.append(part)
                bar.update(len(part))
    content = b''.join(parts)
    if total is not None and len(content) != total:
        raise OSError(f'expected {total} bytes, got {len(content)}')
    return content
