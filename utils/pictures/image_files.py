"""Images as PNG and GIF files, in few colours where that makes them small."""
import io

from PIL import Image

from ..storage import files
from . import palette
from .class_looks import KEPT

_FRAME_MS = 400
_LAST_FRAME_MS = 2400  # time to look at the end before the GIF starts again
_COLORS = 64  # of a GIF, a third smaller than with 256


def write_png(path, image):
    """Write an (H, W, 3) uint8 image."""
    files.write_bytes(path, _encoded(Image.fromarray(image), format='PNG'))


def write_gif(path, images):
    """Write (H, W, 3) uint8 images as a looping GIF.

    Black, white, 14 greys between them and the colours of classes are exact in every frame. Frames that are equal to
    the one before prolong it.
    """
    files.write_bytes(path, gif_of(images))


def gif_of(images):
    """The bytes that `write_gif` writes."""
    first, *others = palette.reduce(images, KEPT, _COLORS)
    durations = [_FRAME_MS] * len(others) + [_LAST_FRAME_MS]
    # Not optimized: Pillow would give every frame a palette of its own, and the file grows.
    return _encoded(first, format='GIF', save_all=True, append_images=others, optimize=False, loop=0,
                    duration=durations if others else durations[0])


def write_palette_png(path, image):
    """Write an (H, W, 3) uint8 image in 256 colours, exactly if it has no more.

    Those of classes are exact, as in a GIF. A feature map has thousands, nearly all of them blends at the rims of
    points and letters: in the nearest of 256 it looks the same, in a third of the bytes.
    """
    few, = palette.reduce([image], KEPT, 256)
    files.write_bytes(path, _encoded(few, format='PNG', optimize=True))


def _encoded(image, **options):
    content = io.BytesIO()  # encoded in memory: where the disk is full, no half-written encoder is left to complain
    image.save(content, **options)
    return content.getvalue()
