"""From the encoded bytes of a photo to the square of pixels that a network sees. Runs in worker processes."""
import mxnet as mx
import numpy as np
from mxnet import nd

from .data.photos import read_photo
from .errors import UserError

_AUTO = 9  # MXNet's number for: area interpolation to shrink, cubic to enlarge, linear for a bit of both
_RATIOS = (3 / 4, 4 / 3)  # of width to height
_TRIES = 10


class BrokenPhotoError(Exception):
    """A photo that cannot be read or decoded; says why."""


class Viewer:
    """Views of photos; decoded photos are kept, first come first served, while they fit in `cache_bytes`."""

    def __init__(self, cache_bytes=0):
        self._room = cache_bytes
        self._cache = {}

    def views(self, requests, shape):
        """Look at several photos: (views (n, S, S, 3) uint8, {position of a broken photo: reason}).

        requests: [(path, key), ...], see `view`. shape: a `photo_reader.Shape`, or None for no views, only the reasons.
        """
        views, broken = [], {}
        for position, (path, key) in enumerate(requests):
            try:
                photo = self._decoded(path)
            except BrokenPhotoError as error:
                broken[position] = str(error)
                continue
            if shape:
                views.append(view(photo, key, shape))
        return np.stack(views) if views else None, broken

    def _decoded(self, path):
        if path not in self._cache:
            photo = decode(path)
            if photo.nbytes > self._room:
                return photo
            self._room -= photo.nbytes
            self._cache[path] = photo
        return self._cache[path]


def decode(path):
    """(H, W, 3) uint8 RGB of the photo `path`; raises BrokenPhotoError."""
    try:
        content = read_photo(path)
    except (OSError, UserError) as error:
        raise BrokenPhotoError(getattr(error, 'strerror', None) or str(error)) from error
    if not content:
        raise BrokenPhotoError('it is empty')
    if _cut_short(content):
        raise BrokenPhotoError('it was cut short')
    try:
        return mx.image.imdecode(content).asnumpy()
    except mx.base.MXNetError as error:
        raise BrokenPhotoError('it is no image that MXNet can decode') from error


def _cut_short(content):
    """Whether the end of a JPEG or PNG file is missing, which MXNet would not always tell us."""
    if content[:2] == b'\xff\xd8':
        # OpenCV paints what is missing grey. Neither marker occurs within the data of a scan, so in a whole file an end
        # of image (D9) follows the last start of a scan (DA).
        return content.rfind(b'\xff\xd9') <= content.rfind(b'\xff\xda')
    # MXNet takes width and height from where they should be, even behind the end.
    return content[:4] == b'\x89PNG' and b'IEND' not in content


def view(photo, key, shape):
    """(S, S, 3) uint8 of a decoded photo.

    key: None for the middle of the photo, its shorter side scaled to `shape.resize`; else integers that seed the
    generator of a random crop, each time the same, scaled to S whatever its form, and flipped half of the time.
    """
    photo = nd.array(photo, dtype=np.uint8)
    if key is None:
        photo = mx.image.resize_short(photo, max(shape.size, shape.resize), interp=_AUTO)
        return mx.image.center_crop(photo, (shape.size, shape.size), interp=_AUTO)[0].asnumpy()
    rng = np.random.default_rng(key)
    left, top, width, height = random_box(*photo.shape[:2], shape.min_area, rng)
    crop = mx.image.fixed_crop(photo, left, top, width, height, (shape.size, shape.size), interp=_AUTO).asnumpy()
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def random_box(height, width, min_area, rng):
    """(left, top, width, height) of a random part of a photo (Szegedy et al., 2015, "Going deeper with convolutions").

    Its area is uniform from `min_area` to 1 of the photo's, its ratio of width to height log-uniform from 3/4 to 4/3.
    If ten draws do not fit into the photo, it is the largest box in the middle whose ratio is in that range.
    """
    for _ in range(_TRIES):
        area = height * width * rng.uniform(min_area, 1)
        ratio = np.exp(rng.uniform(*np.log(_RATIOS)))
        box_width, box_height = round(np.sqrt(area * ratio)), round(np.sqrt(area / ratio))
        if 0 < box_width <= width and 0 < box_height <= height:
            left, top = rng.integers(width - box_width + 1), rng.integers(height - box_height + 1)
            return int(left), int(top), int(box_width), int(box_height)
    box_width = max(1, min(width, round(height * _RATIOS[1])))
    box_height = max(1, min(height, round(width / _RATIOS[0])))
    return (width - box_width) // 2, (height - box_height) // 2, box_width, box_height
