"""Images as PNG and GIF files, in few colours where that makes them small."""
import io

import numpy as np
from PIL import GifImagePlugin, Image

from ..storage import files
from . import palette
from .class_looks import KEPT
from .spool import Spool

_FRAME_MS = 400
_LAST_FRAME_MS = 2400  # time to look at the end before the GIF starts again
_COLORS = 64  # of a GIF, a third smaller than with 256


def write_png(path, image):
    """Write an (H, W, 3) uint8 image."""
    files.write_bytes(path, _encoded(Image.fromarray(image), format='PNG'))


def write_gif(path, images):
    """Write (H, W, 3) uint8 images as a looping GIF. images: an iterable, of which one is held at a time.

    Black, white, 14 greys between them, the colours of classes and the ink of notes are exact in every frame. Frames
    that are equal to the one before prolong it.
    """
    with files.replacing(path) as temporary, open(temporary, 'wb') as file:
        _write_gif(file, images)


def gif_of(images):
    """The bytes that `write_gif` writes."""
    content = io.BytesIO()
    _write_gif(content, images)
    return content.getvalue()


def _write_gif(file, images):
    with Spool() as spool:
        colors = np.zeros(0, np.uint32)
        for image in images:
            packed = palette.pack(image)
            spool.append(packed)
            colors = np.union1d(colors, packed)
        sample = np.concatenate([spool[i].ravel() for i in sorted({0, len(spool) // 2, len(spool) - 1})])
        few = palette.choose(colors, sample, KEPT, _COLORS)
        frames = (palette.indexed(spool[number], few) for number in range(len(spool)))
        for part in _gif_parts(frames, len(spool)):
            file.write(part)


def _gif_parts(frames, count):
    """Yield the bytes of a GIF of `count` Pillow images of one palette; Pillow's own writer would hold them all."""
    shown = waiting = None  # the indices of the frame before; what differs in it, where, and for how long it is shown
    for number, frame in enumerate(frames, 1):
        indices, milliseconds = np.asarray(frame), _FRAME_MS if number < count else _LAST_FRAME_MS
        if shown is None:
            yield from GifImagePlugin.getheader(frame, info={'loop': 0, 'duration': milliseconds})[0]
            waiting = frame, (0, 0), milliseconds
        else:
            rows, columns = np.nonzero(indices != shown)
            if len(rows):
                yield from _frame_parts(*waiting)
                left, top = int(columns.min()), int(rows.min())
                box = left, top, int(columns.max()) + 1, int(rows.max()) + 1
                waiting = frame.crop(box), (left, top), milliseconds
            else:
                waiting = (*waiting[:2], waiting[2] + milliseconds)
        shown = indices
    yield from _frame_parts(*waiting)
    yield b';'


def _frame_parts(image, offset, milliseconds):
    parts = GifImagePlugin.getdata(image, offset, duration=milliseconds)
    yield from parts
    parts.clear()  # Pillow's own list of them lives on until garbage is collected


def write_palette_png(path, image):
    """Write an (H, W, 3) uint8 image in 256 colours, exactly if it has no more.

    Those of classes are exact, as in a GIF. A feature map has thousands, nearly all of them blends at the rims of
    points and letters: in the nearest of 256 it looks the same, in a third of the bytes.
    """
    packed = palette.pack(image)
    few = palette.choose(np.unique(packed), packed.ravel(), KEPT, 256)
    files.write_bytes(path, _encoded(palette.indexed(packed, few), format='PNG', optimize=True))


def _encoded(image, **options):
    content = io.BytesIO()  # encoded in memory: where the disk is full, no half-written encoder is left to complain
    image.save(content, **options)
    return content.getvalue()
