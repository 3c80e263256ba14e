"""Sheets of small pictures as PNG: rows of framed tiles, with lines of text below each and headings above."""
import functools
import re
from typing import List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from . import fonts
from .class_looks import RIGHT, WRONG
from .image_files import write_png

DARK, GREY = '#282828', '#767676'  # of what is neither right nor wrong, and of what doesn't count
_SIDE = 196  # pixels of a picture: README shows a sheet at two fifths, where letters must still be readable
_FRAME = 12
_TILE = _SIDE + 2 * _FRAME
_GAP = 16
_FONT_SIZE = 24
_LINES = 3  # of one text below a picture
_LINE_HEIGHT = 30
_FEWEST = 4  # columns, which a title takes
_ENLARGED = 64  # pixels, up to which a picture is shown pixel by pixel


class Tile(NamedTuple):
    """A picture on a sheet. image: (H, W, 3) uint8. color: of its frame. texts: below it, [(text, color), ...]."""
    image: np.ndarray
    color: str
    texts: Sequence[Tuple[str, str]]


class Row(NamedTuple):
    """Tiles side by side, None for an empty place. headings: above them, [(column where it begins, text), ...]."""
    tiles: Sequence[Optional[Tile]]
    headings: Sequence[Tuple[int, str]] = ()


def marked(right, text):
    """(text, color) of something that is right or wrong, by its mark too."""
    return (f'✓ {text}', RIGHT) if right else (f'✗ {text}', WRONG)


def write_sheet(path, title, rows, apart=None):
    """Draw `Row`s, one below the other, below a title. apart: the column before which there is a wider gap.

    Texts break at spaces, underscores and hyphens; one below a picture ends in … at its third line.
    """
    columns = max(_FEWEST, *(len(row.tiles) for row in rows))
    lefts = [_GAP + column * (_TILE + _GAP) + (_GAP if apart is not None and column >= apart else 0)
             for column in range(columns + 1)]
    title = wrapped(title, lefts[-1] - 2 * _GAP)
    tops = np.cumsum([_GAP + len(title) * _LINE_HEIGHT + _GAP, *(_height(row, lefts) for row in rows)]).tolist()
    sheet = Image.new('RGB', (lefts[-1], tops[-1]), 'white')
    _draw_lines(sheet, (_GAP, _GAP), title, DARK)
    for row, top in zip(rows, tops):
        for column, lines in _headings(row, lefts):
            _draw_lines(sheet, (lefts[column], top), lines, DARK)
        top += _headings_height(row, lefts)
        for tile, left in zip(row.tiles, lefts):
            if tile:
                _draw_tile(sheet, (left, top), tile)
    write_png(path, np.asarray(sheet))


def _height(row, lefts):
    """Of a row with what is above and below its tiles."""
    texts = max((sum(len(lines) for lines, _ in _texts(tile)) for tile in row.tiles if tile), default=0)
    return _headings_height(row, lefts) + _TILE + texts * _LINE_HEIGHT + 2 * _GAP


def _headings(row, lefts):
    """[(column, lines)]: each is as wide as there is room before the next."""
    ends = [lefts[column] for column, _ in row.headings[1:]] + [lefts[-1]]
    return [(column, wrapped(text, end - lefts[column] - _GAP)) for (column, text), end in zip(row.headings, ends)]


def _headings_height(row, lefts):
    return max((len(lines) for _, lines in _headings(row, lefts)), default=0) * _LINE_HEIGHT


def _texts(tile):
    """[(lines, color)] below a tile."""
    return [(wrapped(text, _TILE, _LINES), color) for text, color in tile.texts]


def _draw_tile(sheet, corner, tile):
    """Paste `tile` at `corner`, framed, its texts below."""
    x, y = corner
    ImageDraw.Draw(sheet).rectangle((x, y, x + _TILE - 1, y + _TILE - 1), outline=tile.color, width=_FRAME)
    sheet.paste(_square(Image.fromarray(tile.image)), (x + _FRAME, y + _FRAME))
    y += _TILE + 1
    for lines, color in _texts(tile):
        _draw_lines(sheet, (x, y), lines, color)
        y += len(lines) * _LINE_HEIGHT


def _square(picture):
    """A picture as large as it fits, on white; one of few pixels has them enlarged, not blurred."""
    if max(picture.size) <= _ENLARGED:
        picture = ImageOps.scale(picture, _SIDE // max(picture.size), Image.Resampling.NEAREST)
    else:
        picture = ImageOps.contain(picture, (_SIDE, _SIDE), Image.Resampling.LANCZOS)
    square = Image.new('RGB', (_SIDE, _SIDE), 'white')
    square.paste(picture, tuple((_SIDE - size) // 2 for size in picture.size))
    return square


def _draw_lines(sheet, corner, lines, color):
    x, y = corner
    for number, line in enumerate(lines):
        ImageDraw.Draw(sheet).text((x, y + number * _LINE_HEIGHT), line, fill=color, font=_font())


@functools.lru_cache(maxsize=None)
def _font():
    """A font that comes with Matplotlib, and has ticks and crosses."""
    return ImageFont.truetype(fonts.PATH, _FONT_SIZE)


def wrapped(text, width, most=None) -> List[str]:
    """`text` in lines, none wider than `width` pixels, and no more than `most`."""
    lines = ['']
    for gap, word in re.findall(r'([\s_]*)([^\s_-]*-|[^\s_-]+)', text.strip()):
        longer = lines[-1] + ' ' * bool(gap) + word
        if _font().getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [_shortened(line, width) for line in lines if line]
    if most and len(lines) > most:
        lines[most - 1:] = [_shortened(lines[most - 1] + '…', width)]
    return lines


def _shortened(line, width):
    """`line`, or as much of it as fits `width` pixels with … at its end."""
    if _font().getlength(line) <= width:
        return line
    while line and _font().getlength(line + '…') > width:
        line = line[:-1]
    return line + '…'
