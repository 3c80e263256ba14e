"""Worker processes that decode photos, and what they say of broken ones."""
import collections
import concurrent.futures
import importlib
import math
import multiprocessing
import os
import sys
import zlib
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from typing import NamedTuple, Tuple

import numpy as np

from ..errors import UserError
from ..signals import die_with_parent, held
from ..terminal import warn

RATIOS = (3 / 4, 4 / 3)  # of width to height of a random crop
_AHEAD = 2  # batches that are decoded before they are asked for
_MENDS_MXNET = 'center_loss'  # a package that makes MXNet importable on today's NumPy


class Shape(NamedTuple):
    """What a network sees of a photo: a square of `size` pixels.

    resize: to how many pixels the shorter side is scaled before the middle is cut out. min_area: the smallest random
    crop, as a share of the photo. mean, std: of RGB values in [0, 1], which the network expects to be normalised by.
    """
    size: int = 224
    resize: int = 256
    min_area: float = 0.25
    mean: Tuple[float, ...] = (0.485, 0.456, 0.406)  # ImageNet's
    std: Tuple[float, ...] = (0.229, 0.224, 0.225)

    @property
    def side(self):
        """How many pixels the shorter side of a photo must have for no view of it to be enlarged."""
        return max(self.size, self.resize, math.ceil(self.size / math.sqrt(self.min_area * RATIOS[0])))


class Reader:
    """Decodes photos, here or in `workers` processes; the pixels do not depend on how many.

    cache_bytes: how much decoded photos may take in memory, over all processes. strict: stop at the first broken photo
    with a UserError; else each is named once on stderr, and the dict `broken`, {path: reason}, has them all.
    max_pixels: a photo with more counts as broken; None for no limit. Use it in a `with`, or `close` it. A script that
    uses workers must start under `if __name__ == '__main__'`.
    """

    def __init__(self, workers=0, cache_bytes=0, strict=False, max_pixels=None):
        self.broken = {}
        self._strict = strict
        # A fork of a process that has used MXNet may hang in OpenMP, so workers start afresh. One executor a worker:
        # a photo always goes to the same one, which then has it in its cache.
        if workers:
            resource_tracker.ensure_running()  # would lift in between what keeps Ctrl-C from workers, if it came later
        with held():
            others = set(multiprocessing.active_children())
            self._workers = [_worker(cache_bytes // workers, max_pixels) for _ in range(workers)] or [
                _Here(cache_bytes, max_pixels)]
            self._processes = set(multiprocessing.active_children()) - others

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind and issubclass(kind, KeyboardInterrupt):
            for process in self._processes:
                process.kill()  # nobody waits for what it has begun
        self.close()

    def close(self):
        """End the worker processes."""
        for worker in self._workers:
            worker.shutdown()

    def stream(self, batches, shape, wanted=True):
        """Yield (views (n, S, S, 3) uint8, positions (n,)) for each of `batches`, of its photos that are whole.

        batches: iterable of [(path, key), ...], see `decoding.view`. shape: a `Shape`. wanted: whether there are to be
        views at all; they are None then, and where no photo is whole. Raises UserError if `strict` and a photo is
        broken, or if a worker dies.
        """
        ahead = collections.deque()
        try:
            for requests in batches:
                ahead.append(self._submit(requests, shape, wanted))
                if len(ahead) > _AHEAD:
                    yield self._gather(*ahead.popleft())
            while ahead:
                yield self._gather(*ahead.popleft())
        except BrokenProcessPool as error:
            raise UserError('a worker process that decodes photos died; if memory ran out, try fewer --workers '
                            'or a smaller cache') from error

    def whole(self, paths, shape=None):
        """The positions of the photos in `paths` that can be decoded; decodes all, which fills the cache.

        shape: the `Shape` that they will be seen in."""
        starts = range(0, len(paths), 256)
        batches = ([(path, None) for path in paths[start:start + 256]] for start in starts)
        looked_at = self.stream(batches, shape or Shape(), wanted=False)
        found = [start + positions for start, (_, positions) in zip(starts, looked_at)]
        return np.concatenate(found) if found else np.arange(0)

    def _submit(self, requests, shape, wanted):
        shares = [[] for _ in self._workers]  # positions
        for position, (path, _) in enumerate(requests):
            shares[zlib.crc32(path.encode('utf-8', 'surrogateescape')) % len(shares)].append(position)
        answers = [worker.submit(_views, [requests[i] for i in share], shape, wanted)
                   for worker, share in zip(self._workers, shares)]
        return requests, shares, answers

    def _gather(self, requests, shares, answers):
        parts, positions = [], []
        for share, answer in zip(shares, answers):
            views, broken = answer.result()
            for position, reason in broken.items():
                self._report(requests[share[position]][0], reason)
            positions.extend(share[i] for i in range(len(share)) if i not in broken)
            if views is not None:
                parts.append(views)
        order = np.argsort(positions)
        return np.concatenate(parts)[order] if parts else None, np.array(positions, np.int64)[order]

    def _report(self, path, reason):
        if self._strict:
            raise UserError(f'cannot use the photo {path}: {reason}')
        if path not in self.broken:
            self.broken[path] = reason
            warn(f'left out photo {path}: {reason} ({len(self.broken)} so far)')


def _worker(*limits):
    """An executor of one process, which has been started."""
    executor = concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context('spawn'), _start_worker,
                                                      (_MENDS_MXNET in sys.modules, *limits))
    executor.submit(os.getpid)
    return executor


class _Here:
    """A worker that is this process, and works when it is asked for the result."""

    def __init__(self, *limits):
        from .decoding import Viewer
        self._viewer = Viewer(*limits)

    def submit(self, _, *request):
        return _Later(self._viewer, request)

    def shutdown(self):
        pass


class _Later(NamedTuple):
    viewer: object
    request: tuple

    def result(self):
        return self.viewer.views(*self.request)


_viewer = None  # of a worker process


def _start_worker(mend, *limits):
    """Runs first in a worker: one thread, and gone when its parent is.

    mend: import the package that mends MXNet, as the parent did. A script does it in its workers too, a notebook not.
    """
    global _viewer
    os.environ['OMP_NUM_THREADS'] = '1'
    die_with_parent()
    if not multiprocessing.parent_process().is_alive():  # it was killed a moment ago
        os._exit(1)
    if mend:
        importlib.import_module(_MENDS_MXNET)
    from .decoding import Viewer  # imports MXNet, which reads this variable
    _viewer = Viewer(*limits)


def _views(*request):
    return _viewer.views(*request)
