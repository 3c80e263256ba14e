"""Feature maps side by side: a panel a run, a block of panels a split, one clock and one legend for all."""
import math
from typing import NamedTuple, Tuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from . import fonts
from .class_looks import AREAS, WRONG, class_colors, class_markers
from .feature_map import FeatureMap, add_points
from .formulas import typeset
from .legends import add_caption, add_fitting, inches

_SPLITS = {'train': 'Training images', 'val': 'Validation images', 'test': 'Test images'}
_WIDTH, _LEAST, _MOST = 6.6, 1.7, 3.0  # inches: of all panels, of the side of one
_LEFT, _RIGHT, _ABOVE, _BELOW = 0.34, 0.06, 0.38, 0.5  # around the axes of a panel
_HEADING, _CLOCK = 0.2, 0.34
_LISTED = 20  # classes; of more, the legend says how many they are
_MAP = 5  # inches: the side of a feature map, whose points are as large as they should be there


class Panel(NamedTuple):
    """A run and a split at one epoch. one: its title is the name of the run, behind a line break its loss.

    limits: of `common_limits`. below: lines of text. ended: what is said of a run that has no more epochs.
    """
    one: FeatureMap
    limits: Tuple[np.ndarray, np.ndarray]
    below: Tuple[str, ...]
    ended: str = ''


def columns_of(count):
    """How many of so many panels are side by side: a few all, else about as many as there are rows."""
    return count if count <= 4 else math.ceil(math.sqrt(count))


def draw_panels(blocks, class_names, clock, ring, caption, dpi, room=0):
    """A figure of `blocks`, {split: [`Panel` or None, ...]} of equal length, one below the other; of one run, abreast.

    clock: the epoch, in words. ring: what points with a ring are. caption: what letters in the losses mean, as
    `typeset` takes it, or ''. room: inches of paper left below.
    """
    count = len(next(iter(blocks.values())))
    abreast = count == 1
    columns, stacked = (len(blocks), 1) if abreast else (columns_of(count), len(blocks))
    side = np.clip(_WIDTH / columns - _LEFT - _RIGHT, _LEAST, _MOST)
    cell, row_height = side + _LEFT + _RIGHT, side + _ABOVE + _BELOW
    figure = Figure(figsize=(columns * cell, 1), dpi=dpi)
    FigureCanvasAgg(figure)
    looks = class_colors(len(class_names)) / 255, class_markers(len(class_names))
    bottom = _add_legends(figure, fonts.drawable(class_names), looks, blocks, ring, caption, room)
    width, left = figure.get_figwidth(), (figure.get_figwidth() - columns * cell) / 2
    block_height = math.ceil(count / columns) * row_height + _HEADING
    height = bottom + stacked * block_height + _CLOCK
    figure.set_figheight(height)
    for number, (split, panels) in enumerate(blocks.items()):
        first = number if abreast else 0
        top = bottom + (stacked if abreast else stacked - number) * block_height
        figure.text((left + first * cell + _LEFT) / width, (top - _HEADING / 2) / height,
                    _SPLITS.get(split, split), va='center', fontsize=11, weight='bold', parse_math=False)
        for place, panel in enumerate(panels):
            row, column = divmod(first + place, columns)
            x, y = left + column * cell + _LEFT, top - _HEADING - (row + 1) * row_height + _BELOW
            if panel:
                axes = figure.add_axes([x / width, y / height, side / width, side / height])
                _draw_panel(axes, panel, looks, (side / _MAP) ** 2)
    figure.text(0.5, 1 - _CLOCK / 2 / height, clock, ha='center', va='center', weight='bold', fontsize=12)
    return figure


def _draw_panel(axes, panel, looks, scale):
    one, limits = panel.one, panel.limits
    axes.set(xlim=(limits[0][0], limits[1][0]), ylim=(limits[0][1], limits[1][1]), aspect='equal')
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4))
    axes.tick_params(labelsize=6, length=2, pad=1.5)
    axes.axhline(0, color='0.8', lw=0.6, zorder=0)
    axes.axvline(0, color='0.8', lw=0.6, zorder=0)
    add_points(axes, one, *looks, scale)
    if one.centers is not None:
        axes.scatter(*one.centers.T, s=22, marker='X', c='white', edgecolors='black', lw=0.7, zorder=3)
    for artist in axes.collections:
        artist.set_rasterized(True)  # thousands of points, in SVG and PDF
    name, _, loss = one.title.partition('\n')
    _fit(axes.annotate(name, (0.5, 1), (0, 15 if loss else 3), 'axes fraction', 'offset points', ha='center',
                       weight='bold', fontsize=9, parse_math=False), axes)
    _fit(axes.annotate(typeset(loss), (0.5, 1), (0, 3), 'axes fraction', 'offset points', ha='center',
                       fontsize=8), axes)
    axes.annotate('\n'.join(panel.below), (0.5, 0), (0, -11), 'axes fraction', 'offset points', ha='center', va='top',
                  fontsize=7.5)
    for text, y, color, align in ((one.note, 0.02, WRONG, 'bottom'), (panel.ended, 0.98, '0.35', 'top')):
        if text:
            _fit(axes.text(0.5, y, text, transform=axes.transAxes, ha='center', va=align, color=color, fontsize=7,
                           zorder=5, bbox={'boxstyle': 'round,pad=0.15', 'fc': 'white', 'ec': 'none'}),
                 axes)


def _fit(text, axes):
    """Make a text smaller until it is no wider than its panel."""
    width = text.get_window_extent(axes.figure.canvas.get_renderer()).width
    room = axes.bbox.width + _LEFT * axes.figure.dpi
    text.set_fontsize(text.get_fontsize() * min(1, room / max(width, 1)))


def _add_legends(figure, class_names, looks, blocks, ring, caption, room):
    """Caption, marks and classes, from the bottom of the figure upward; returns where they end, in inches."""
    panels = [panel.one for panels in blocks.values() for panel in panels if panel]
    marks = [Line2D([], [], ls='', marker=marker, ms=7, mfc=color, mec='black', mew=0.8, label=label)
             for marker, color, label, there in (
                 ('X', 'white', 'class centre', any(one.centers is not None for one in panels)),
                 ('o', 'none', ring, any(one.wrong is not None for one in panels))) if there]
    classes = [Line2D([], [], ls='', marker=marker, ms=6 * AREAS.get(marker, 1) ** 0.5, mec='none', color=color,
                      label=name.replace('_', ' ')) for name, color, marker in zip(class_names, *looks)]
    if len(classes) > _LISTED:
        classes = [Line2D([], [], ls='', label=f'{len(classes)} classes, each with its own colour and shape')]
    height = add_caption(figure, caption, room + 0.06, typeset)
    for handles in filter(None, (marks, classes)):
        height += add_fitting(figure, handles, 'lower center', bbox_to_anchor=(0.5, height),
                              bbox_transform=inches(figure), borderaxespad=0, borderpad=0.2, handletextpad=0.1,
                              columnspacing=1)
    return height
