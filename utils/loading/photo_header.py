"""What the encoded bytes of a photo say of it: how large it is, which way is up, whether it was cut short."""
import contextlib
import io
import warnings
from typing import NamedTuple, Optional, Tuple

from PIL import Image

from .jpeg import Scans, read_scans

_FORMATS = ('JPEG', 'PNG', 'BMP', 'TIFF')  # that MXNet decodes
_ORIENTATION = 0x112  # EXIF's number for it
_MORE = bytes(range(1, 255)) * 8  # what no photo goes on with
_GREY = 128  # of pixels without data


class BrokenPhotoError(Exception):
    """A photo that cannot be read or decoded; says why."""


class Header(NamedTuple):
    """format, mode, size: as Pillow calls them. orientation: of EXIF, 1, upright, to 8. scans: of a JPEG, or None."""
    format: str
    mode: str
    size: Tuple[int, int]
    orientation: int
    scans: Optional[Scans]


def read_header(content, max_pixels=None):
    """The `Header` of an encoded photo.

    Raises BrokenPhotoError for what is none, for a file whose end is missing, and above `max_pixels` pixels: they would
    be made, whatever the file's length, before anybody sees that there are no data for them.
    """
    if not content:
        raise BrokenPhotoError('it is empty')
    with _lenient_pillow():
        try:
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
        except Exception as error:  # Pillow lets through whatever a damaged file brings about
            raise BrokenPhotoError('it is no image that MXNet can decode') from error
        width, height = image.size
        if max_pixels and width * height > max_pixels:
            raise BrokenPhotoError(f'it has {width} x {height} pixels, more than --max_pixels {max_pixels}')
        kind = 'JPEG' if image.format == 'MPO' else image.format  # a JPEG with a second one behind it
        return Header(kind, image.mode, image.size, _orientation(image, content), _read_scans(content, kind))


@contextlib.contextmanager
def _lenient_pillow():
    """Pillow without a limit of its own, and without a word on what it does not understand of a file."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _orientation(image, content):
    # To look behind the pixels of a PNG as well, Pillow decodes them.
    read = Image.Image.getexif if image.format == 'PNG' and b'eXIf' not in content else type(image).getexif
    try:
        orientation = read(image).get(_ORIENTATION)
    except Exception:  # of a damaged EXIF the photo may still be good
        return 1
    return orientation if orientation in range(1, 9) else 1


def _read_scans(content, kind):
    """The `Scans` of a JPEG, else None. MXNet would not always tell us that the end of a JPEG or PNG is missing."""
    scans = None
    if kind == 'JPEG':
        try:
            scans = read_scans(content)
        except ValueError as error:
            raise BrokenPhotoError('its headers are damaged') from error
    # MXNet takes width and height of a PNG from where they should be, even behind the end.
    if (scans and not scans.whole) or (kind == 'PNG' and b'IEND' not in content):
        raise BrokenPhotoError('it was cut short')
    return scans


def check_data(content, header, photo):
    """Raise BrokenPhotoError if a JPEG's end mark stands within the data of a scan.

    photo: (H, W, 3), what was decoded. A decoder leaves grey what it has no data for; where there are several scans, it
    has coarse data already. Then, or if the grey is another one, the photo is decoded again with more data in front of
    its end mark: they make a difference only where some are missing.
    """
    scans = header.scans
    if not scans or (scans.count == 1 and header.mode != 'CMYK' and (photo[-1, -1] != _GREY).any()):
        return
    with _lenient_pillow():
        try:
            pixels = [Image.open(io.BytesIO(data), formats=['JPEG']).tobytes()
                      for data in (content, content[:scans.end] + _MORE + content[scans.end:])]
        except Exception as error:
            raise BrokenPhotoError('it is no image that Pillow can decode') from error
    if pixels[0] != pixels[1]:
        raise BrokenPhotoError('it was cut short')
