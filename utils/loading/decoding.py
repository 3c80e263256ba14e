"""From the encoded bytes of a photo to the square of pixels that a network sees. Runs in worker processes."""
import cv2
import mxnet as mx
import numpy as np

from ..data.photos import read_photo
from ..errors import UserError
from .photo_header import BrokenPhotoError, check_data, read_header
from .photo_reader import RATIOS

cv2.setNumThreads(1)  # --workers says how many cores photos take

_TRIES = 10
# To decode a JPEG at a share of its size, for which most of its coefficients need not be looked at.
_REDUCED = {8: cv2.IMREAD_REDUCED_COLOR_8, 4: cv2.IMREAD_REDUCED_COLOR_4, 2: cv2.IMREAD_REDUCED_COLOR_2,
            1: cv2.IMREAD_COLOR}
_LONGEST = 8  # times the shorter side of a photo: what may be scaled before the middle is cut out


class Viewer:
    """Views of photos; decoded photos are kept, first come first served, while they fit in `cache_bytes`.

    max_pixels: how many a photo may have, or None for any number.
    """

    def __init__(self, cache_bytes=0, max_pixels=None):
        self._room = cache_bytes
        self._max_pixels = max_pixels
        self._cache = {}  # by path, and the side it was decoded for
        self._whole = set()  # paths of photos whose data were all there

    def views(self, requests, shape, wanted=True):
        """Look at several photos: (views (n, S, S, 3) uint8, {position of a broken photo: reason}).

        requests: [(path, key), ...], see `view`. shape: a `photo_reader.Shape`. wanted: whether there are to be views,
        or only the reasons.
        """
        views, broken = [], {}
        for position, (path, key) in enumerate(requests):
            try:
                photo = self._decoded(path, shape.side)
            except BrokenPhotoError as error:
                broken[position] = str(error)
                continue
            if wanted:
                views.append(view(photo, key, shape))
        return np.stack(views) if views else None, broken

    def _decoded(self, path, side):
        if (path, side) not in self._cache:
            photo = decode(path, self._max_pixels, path in self._whole, side)
            self._whole.add(path)
            if photo.nbytes > self._room:
                return photo
            self._room -= photo.nbytes
            self._cache[path, side] = photo
        return self._cache[path, side]


def decode(path, max_pixels=None, whole=False, side=None):
    """(H, W, 3) uint8 RGB of the photo `path`, upright; raises BrokenPhotoError, also above `max_pixels` pixels.

    whole: whether it was decoded before, and need not be searched for missing data again. side: None for all pixels;
    else a JPEG may be decoded at a half, a quarter or an eighth of its size, if its shorter side then has so many.
    """
    try:
        content = read_photo(path)
        header = read_header(content, max_pixels)
        photo = _pixels(content, header, side)
    except (OSError, UserError) as error:
        raise BrokenPhotoError(getattr(error, 'strerror', None) or str(error)) from error
    except MemoryError as error:
        raise BrokenPhotoError('there is too little memory for it') from error
    except (mx.base.MXNetError, cv2.error) as error:
        raise BrokenPhotoError('it is no image that MXNet can decode') from error
    if not whole:
        check_data(content, header, photo)
    return _upright(photo, header)


def _pixels(content, header, side):
    """MXNet makes the same pixels of a JPEG, through copies that cost twice as much; and turns one in CMYK itself."""
    if header.format != 'JPEG':
        return mx.image.imdecode(content).asnumpy()
    fits = header.mode in ('RGB', 'L') and side
    factor = next((factor for factor in _REDUCED if fits and min(header.size) >= factor * side), 1)
    photo = cv2.imdecode(np.frombuffer(content, np.uint8), _REDUCED[factor] | cv2.IMREAD_IGNORE_ORIENTATION)
    if photo is None:
        raise BrokenPhotoError('it is no image that OpenCV can decode')
    return cv2.cvtColor(photo, cv2.COLOR_BGR2RGB)


def _upright(photo, header):
    """`photo` as its EXIF says that it is seen. OpenCV, within MXNet, leaves that to us, but flips a TIFF."""
    if header.orientation == 1:
        return photo
    if header.format == 'TIFF':
        photo = _flip(photo, header.orientation)  # as it was
    if header.orientation > 4:
        photo = photo.transpose(1, 0, 2)
    return np.ascontiguousarray(_flip(photo, header.orientation))


def _flip(photo, orientation):
    return photo[::-1 if orientation in (3, 4, 7, 8) else 1, ::-1 if orientation in (2, 3, 6, 7) else 1]


def view(photo, key, shape):
    """(S, S, 3) uint8 of a decoded photo.

    key: None for the middle of the photo, its shorter side scaled to `shape.resize`; else integers that seed the
    generator of a random crop, each time the same, scaled to S whatever its form, and flipped half of the time.
    """
    if key is None:
        photo = _without_far_ends(photo)
        shorter, scaled = min(photo.shape[:2]), max(shape.size, shape.resize)
        photo = _scaled(photo, *(scaled * side // shorter for side in photo.shape[:2]))
        top, left = ((side - shape.size) // 2 for side in photo.shape[:2])
        return photo[top:top + shape.size, left:left + shape.size]
    rng = np.random.default_rng(key)
    left, top, width, height = random_box(*photo.shape[:2], shape.min_area, rng)
    crop = _scaled(photo[top:top + height, left:left + width], shape.size, shape.size)
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def _scaled(photo, height, width):
    """By area interpolation to shrink, cubic to enlarge, linear for a bit of both."""
    old_height, old_width = photo.shape[:2]
    how = cv2.INTER_LINEAR
    if height < old_height and width < old_width:
        how = cv2.INTER_AREA
    elif height > old_height and width > old_width:
        how = cv2.INTER_CUBIC
    return cv2.resize(photo, (width, height), interpolation=how)


def _without_far_ends(photo):
    """The middle of a strip: a photo of 1 x 50,000 pixels would be scaled to 256 x 12,800,000 first."""
    most = _LONGEST * min(photo.shape[:2])
    top, left = (max(0, side - most) // 2 for side in photo.shape[:2])
    return photo[top:top + most, left:left + most]


def random_box(height, width, min_area, rng):
    """(left, top, width, height) of a random part of a photo (Szegedy et al., 2015, "Going deeper with convolutions").

    Its area is uniform from `min_area` to 1 of the photo's, its ratio of width to height log-uniform from 3/4 to 4/3.
    If ten draws do not fit into the photo, it is the largest box in the middle whose ratio is in that range.
    """
    for _ in range(_TRIES):
        area = height * width * rng.uniform(min_area, 1)
        ratio = np.exp(rng.uniform(*np.log(RATIOS)))
        box_width, box_height = round(np.sqrt(area * ratio)), round(np.sqrt(area / ratio))
        if 0 < box_width <= width and 0 < box_height <= height:
            left, top = rng.integers(width - box_width + 1), rng.integers(height - box_height + 1)
            return int(left), int(top), int(box_width), int(box_height)
    box_width = max(1, min(width, round(height * RATIOS[1])))
    box_height = max(1, min(height, round(width / RATIOS[0])))
    return (width - box_width) // 2, (height - box_height) // 2, box_width, box_height
