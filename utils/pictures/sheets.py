"""Sheets of small pictures: what queries found, and which classes are taken for which."""
import functools
import re
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont, ImageOps

from . import fonts, style
from .class_looks import RIGHT, WRONG
from .image_files import write_png

_SIDE = 256  # pixels of a picture
_FRAME = 10
_GAP = 16
_FONT_SIZE = 24
_LINES = 3  # of a caption
_LINE_HEIGHT = 30
_DARK = (40, 40, 40)
_MOST_NUMBERED = 60  # classes of a confusion matrix with numbers in its cells


class Tile(NamedTuple):
    """A picture on a sheet. image: (H, W, 3) uint8. name: of its class."""
    image: np.ndarray
    name: str


def write_retrieval_sheet(path, rows):
    """Draw [(query, [nearest, ...]), ...], all `Tile`s, as a PNG: a row a query, a wider gap after it.

    Of the nearest, those of the query's class are framed blue and ticked, others framed red and crossed. Long names
    break at spaces, underscores and hyphens, and end in … at the third line.
    """
    width = 1 + max(len(nearest) for _, nearest in rows)
    step = _SIDE + 2 * _FRAME + _GAP
    height = _SIDE + 2 * _FRAME + _LINES * _LINE_HEIGHT + 2 * _GAP
    sheet = Image.new('RGB', (_GAP + width * step + _GAP, _GAP + len(rows) * height), 'white')
    for number, (query, nearest) in enumerate(rows):
        top = _GAP + number * height
        _draw_tile(sheet, (_GAP, top), query, _DARK, 'query:')
        for place, tile in enumerate(nearest):
            color, mark = (RIGHT, '✓') if tile.name == query.name else (WRONG, '✗')
            _draw_tile(sheet, (2 * _GAP + (place + 1) * step, top), tile, color, mark)
    write_png(path, np.asarray(sheet))


def _draw_tile(sheet, corner, tile, color, mark):
    """Paste `tile` at `corner`, framed in `color`, its caption below; a picture that is not square stands on white."""
    x, y = corner
    side = _SIDE + 2 * _FRAME
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((x, y, x + side - 1, y + side - 1), outline=color, width=_FRAME)
    picture = ImageOps.pad(Image.fromarray(tile.image), (_SIDE, _SIDE), Image.Resampling.LANCZOS, color='white')
    sheet.paste(picture, (x + _FRAME, y + _FRAME))
    for number, line in enumerate(_caption(f'{mark} {tile.name}', side)):
        draw.text((x, y + side + 1 + number * _LINE_HEIGHT), line, fill=color, font=_font())


@functools.lru_cache(maxsize=None)
def _font():
    """A font that comes with Matplotlib, and has ticks and crosses."""
    return ImageFont.truetype(fonts.PATH, _FONT_SIZE)


def _caption(text, width):
    """`text` in at most _LINES lines, none wider than `width` pixels."""
    lines = ['']
    for gap, word in re.findall(r'([\s_]*)([^\s_-]*-|[^\s_-]+)', text.strip()):
        longer = lines[-1] + ' ' * bool(gap) + word
        if _font().getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [_shortened(line, width) for line in lines if line]
    if len(lines) > _LINES:
        lines[_LINES - 1:] = [_shortened(lines[_LINES - 1] + '…', width)]
    return lines


def _shortened(line, width):
    """`line`, or as much of it as fits `width` pixels with … at its end."""
    if _font().getlength(line) <= width:
        return line
    while line and _font().getlength(line + '…') > width:
        line = line[:-1]
    return line + '…'


def similarity_order(confusion):
    """(C,) order of classes in which those that are often taken for each other stand side by side.

    confusion: (C, C) counts, row = true class. The leaves of average linkage on 1 minus the mean share of one class
    taken for the other, ordered by Bar-Joseph et al., 2001.
    """
    if len(confusion) < 2:
        return np.arange(len(confusion))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    distances = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distances, 0)
    return leaves_list(linkage(squareform(distances), 'average', optimal_ordering=True))


def write_confusion(path, confusion, class_names, title):
    """Draw a confusion matrix (C, C) of counts as a PNG, SVG or PDF, classes in `similarity_order`.

    Colour is the share of the true class, a row; numbers are counts. Above 60 classes they are left out, to stay small.
    """
    with style.applied():
        style.write_figure(path, _draw_confusion(confusion, class_names, title), bbox_inches='tight')


def _draw_confusion(confusion, class_names, title):
    order = similarity_order(confusion)
    confusion, names = confusion[np.ix_(order, order)], [class_names[i].replace('_', ' ') for i in order]
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    numbered = len(names) <= _MOST_NUMBERED
    side = max(len(names) * (0.27 if numbered else 0.15), 1.5)  # inches
    figure = Figure(figsize=(side, side))
    FigureCanvasAgg(figure)
    axes = figure.add_axes([0, 0, 1, 1])  # the picture grows around it by what the names take
    axes.imshow(np.sqrt(shares), cmap='Blues', vmin=0, vmax=1)  # the root, to see the rare ones
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8 if numbered else 6, parse_math=False)
    axes.set_yticks(range(len(names)), names, fontsize=8 if numbered else 6, parse_math=False)
    for place in range(1, len(names)):
        axes.axhline(place - 0.5, color='0.85', lw=0.5)
        axes.axvline(place - 0.5, color='0.85', lw=0.5)
    axes.set_xlabel('predicted')
    axes.set_ylabel('true')
    axes.set_title(title)
    if numbered:
        for row, column in np.argwhere(confusion):
            axes.text(column, row, confusion[row, column], ha='center', va='center', fontsize=7,
                      color='white' if shares[row, column] > 0.4 else 'black')
    return figure
