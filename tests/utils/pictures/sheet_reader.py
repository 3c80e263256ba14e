"""Reads sheets from their pixels: where tiles are, in which colours, and what stands where."""
from typing import NamedTuple, Tuple

import imageio.v2 as imageio
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from utils.pictures.class_looks import RIGHT, WRONG

SIDE, FRAME = 196, 12  # pixels of a picture and of its frame
TILE = SIDE + 2 * FRAME
LINE = 30
FONT = ImageFont.truetype(matplotlib.get_data_path() + '/fonts/ttf/DejaVuSans.ttf', 24)
BLUE, RED = (tuple(bytes.fromhex(color[1:])) for color in (RIGHT, WRONG))
DARK, GREY = (40, 40, 40), (118, 118, 118)


class Seen(NamedTuple):
    """A tile as it is found on a sheet. top, left: of its frame. picture: the colour in its middle."""
    top: int
    left: int
    frame: Tuple[int, ...]
    picture: Tuple[int, ...]


def read(path):
    """(H, W, 3) integers."""
    return imageio.imread(path).astype(int)


def rows_of(sheet):
    """[[Seen, ...], ...]: the tiles from the top down, those of a row from the left."""
    regions, _ = ndimage.label((sheet != 255).any(axis=2), np.ones((3, 3)))
    found = [Seen(y.start, x.start, tuple(sheet[y.start + 3, x.start + 3]),
                  tuple(sheet[y.start + TILE // 2, x.start + TILE // 2]))
             for y, x in ndimage.find_objects(regions) if y.stop - y.start == x.stop - x.start == TILE]
    return [sorted((tile for tile in found if tile.top == top), key=lambda tile: tile.left)
            for top in sorted({tile.top for tile in found})]


def says(sheet, corner, text, color):
    """Whether the line `text` stands at `corner`, x and y, in `color`, and nothing else in a tile's width."""
    x, y = corner
    width = max(int(FONT.getlength(text)) + 2, TILE)
    line = Image.new('RGB', (width, LINE), 'white')
    ImageDraw.Draw(line).text((0, 0), text, fill=color, font=FONT)
    return np.array_equal(sheet[y:y + LINE, x:x + width], np.asarray(line))


def says_below(sheet, tile, *lines):
    """Whether below a `Seen` stand exactly these lines, each (text, color)."""
    top = tile.top + TILE + 1
    below = sheet[top + len(lines) * LINE:top + (len(lines) + 1) * LINE - 14, tile.left:tile.left + TILE]
    return (below == 255).all() and all(
        says(sheet, (tile.left, top + number * LINE), *line) for number, line in enumerate(lines))


def colored(count):
    """(count, 3, 4, 4) images in [0, 1], each of a light colour of its own, and those colours as in `Seen`."""
    colors = [(200, 80 + i % 8 * 20, 60 + i // 8 * 10) for i in range(count)]
    images = np.broadcast_to(np.array(colors, np.float32)[:, :, np.newaxis, np.newaxis] / 255, (count, 3, 4, 4))
    return images, colors
