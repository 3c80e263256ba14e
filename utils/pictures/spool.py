"""Images that wait on disk until all have been seen."""
import tempfile
import zlib

import numpy as np

_FAST = 1  # of zlib: pictures are mostly paper


class Spool:
    """A sequence of images of one shape and type, of which one is in memory at a time. Use it in a `with`."""

    def __init__(self):
        self._places = []  # (first byte, bytes) of each
        self._shape = self._dtype = None

    def __enter__(self):
        self._file = tempfile.TemporaryFile()
        return self

    def __exit__(self, *error):
        self._file.close()

    def append(self, image):
        content = zlib.compress(np.ascontiguousarray(image).tobytes(), _FAST)
        self._places.append((self._file.seek(0, 2), len(content)))
        self._file.write(content)
        self._shape, self._dtype = image.shape, image.dtype

    def __len__(self):
        return len(self._places)

    def __getitem__(self, number):
        start, size = self._places[number]
        self._file.seek(start)
        return np.frombuffer(zlib.decompress(self._file.read(size)), self._dtype).reshape(self._shape)
