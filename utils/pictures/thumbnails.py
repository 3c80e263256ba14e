"""Small copies of images, side by side in one file: a page shows one of them when a point is pointed at."""
import io
import os

import numpy as np
from PIL import Image

from ..storage import files
from .examples import pixels_of

SHOWN = 1_000  # of the images of a frame, its first
COLUMNS = 40  # tiles in a row of the file, which tells the side of a tile by that
_SIDE = 48  # pixels of a tile at most
_AT_ONCE = 100  # photos that are decoded before they are made small
_KINDS = ('png', 'jpg')


def write_thumbnails(stem, view, index):
    """Write STEM.png or, of colours, STEM.jpg: a square tile for each of the first images in `index`.

    view: what outputs were made of, see `examples.pixels_of`, as is `index`, (N,).
    """
    index = index[:SHOWN]
    tiles = [_tile(image) for start in range(0, len(index), _AT_ONCE)
             for image in pixels_of(view, index[start:start + _AT_ONCE])]
    side = max(tile.width for tile in tiles)
    sheet = Image.new('RGB', (COLUMNS * side, -(-len(tiles) // COLUMNS) * side))
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number % COLUMNS * side, number // COLUMNS * side))
    pixels, content = np.asarray(sheet), io.BytesIO()
    if (pixels == pixels[..., :1]).all():
        kind = 'png'
        sheet.convert('L').save(content, 'PNG', optimize=True)
    else:
        kind = 'jpg'
        sheet.save(content, 'JPEG', quality=75)
    files.write_bytes(f'{stem}.{kind}', content.getvalue())


def find_thumbnails(stem):
    """The path of what `write_thumbnails` wrote, or None."""
    paths = (f'{stem}.{kind}' for kind in _KINDS)
    return next((path for path in paths if os.path.isfile(path)), None)


def _tile(image):
    """An (H, W, 3) uint8 image in the middle of a black square, which is as large as it or `_SIDE` pixels wide."""
    height, width = image.shape[:2]
    side = max(height, width)
    square = Image.new('RGB', (side, side))
    square.paste(Image.fromarray(np.ascontiguousarray(image)), ((side - width) // 2, (side - height) // 2))
    return square if side <= _SIDE else square.resize((_SIDE, _SIDE), Image.LANCZOS)
