"""What a sweep found: accuracy over the value of a flag, below the feature maps at each value where there are any."""
import textwrap
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from . import style
from .grids import draw_still, judged, write_drawn
from .legends import add_caption, add_fitting, inches
from .style import COLORS

_WIDTH, _HEIGHT, _BELOW, _ABOVE = 6.6, 2.3, 0.5, 0.3  # inches: of the figure, of the axes, and around them
_LEFT, _BETWEEN, _RIGHT = 0.65, 0.75, 0.15
_LARGE = 9  # inches: enough for any legend
_NAME = 60  # letters of a line of the legend
_WIDE = 20  # times the smallest value, from which on the axis is logarithmic
_MARKS, _DASHES = ('o', 's'), ('-', '--')  # by the figure
_LETTERS = {'lmbd': 'λ (lmbd)', 'alpha': '\u03b1 (alpha)'}


class Line(NamedTuple):
    """One accuracy of one run. run, figure: their names. points: [(value of the flag, mean, std or None)], shares."""
    run: str
    figure: str
    points: List[Tuple[float, float, Optional[float]]]


class Sweep(NamedTuple):
    """flags: {flag: [`Line`, ...]}. same: [`Line`, ...] of one point with value None: runs that no value changes.

    over: what a point and its bar are, in words.
    """
    flags: Dict[str, List[Line]]
    same: List[Line]
    over: str

    @property
    def panels(self):
        """[(flag, lines)]: of one flag a panel an accuracy, of several a panel a flag."""
        if len(self.flags) > 1:
            return list(self.flags.items())
        (flag, lines), = self.flags.items()
        return [(flag, [line for line in lines if line.figure == figure])
                for figure in dict.fromkeys(line.figure for line in lines)]

    @property
    def looks(self):
        """{(run, figure): how Matplotlib draws it}: a colour a run, dashes and marks a figure."""
        lines = dict.fromkeys(line for lines in (*self.flags.values(), self.same) for line in _names(lines))
        runs, figures = (list(dict.fromkeys(line[part] for line in lines)) for part in (0, 1))
        level = _names(self.same)
        return {(run, name): {'color': COLORS[runs.index(run) % len(COLORS)], 'lw': 1.4, 'ms': 4,
                              'ls': _DASHES[figures.index(name) % 2],
                              'marker': '' if (run, name) in level else _MARKS[figures.index(name) % 2]}
                for run, name in lines}


def write_sweep(path, sweep, runs=None, class_names=None, caption=''):
    """Draw a `Sweep` as PNG, SVG or PDF. runs, class_names, caption: as of `grids.write_still`, for the maps above."""
    with style.applied():
        has_maps = bool(runs) and len(runs) > 1
        figure = _empty(_LARGE)
        room = _add_legend(figure, sweep, has_maps) + _BELOW + _HEIGHT + _ABOVE
        figure = draw_still(judged(runs), class_names, caption, room) if has_maps else _empty(room)
        _draw(figure, sweep, has_maps)
        write_drawn(path, figure)


def _empty(height):
    figure = Figure(figsize=(_WIDTH, height), dpi=320)
    FigureCanvasAgg(figure)
    return figure


def _draw(figure, sweep, has_maps):
    """The accuracies at the bottom of a figure, the legend and the caption under them."""
    bottom = _add_legend(figure, sweep, has_maps) + _BELOW
    width, height = figure.get_size_inches()
    side = (width - _LEFT - _RIGHT - _BETWEEN * (len(sweep.panels) - 1)) / len(sweep.panels)
    for number, (letter, (flag, lines)) in enumerate(zip(_letters(sweep, has_maps), sweep.panels)):
        left = _LEFT + number * (side + _BETWEEN)
        axes = figure.add_axes([left / width, bottom / height, side / width, _HEIGHT / height])
        _draw_panel(axes, flag, lines, sweep)
        axes.set_title(letter, loc='left', weight='bold', fontsize=12, x=-0.45 / side)
    if has_maps:
        figure.text(0.1 / width, 1 - 0.17 / height, 'a', weight='bold', fontsize=12, va='center')


def _add_legend(figure, sweep, has_maps):
    """Caption and legend, from the bottom of the figure upward; returns where they end, in inches."""
    text = f'{", ".join(_letters(sweep, has_maps))}: test accuracy at the chosen epoch, {sweep.over}'
    height = add_caption(figure, 'a: feature maps after the last epoch; ' * has_maps + text, 0.08) + 0.04
    handles = [Line2D([], [], label=textwrap.fill(f'{run}, {name}', _NAME), **look)
               for (run, name), look in sweep.looks.items()]
    return height + add_fitting(figure, handles, 'lower center', bbox_to_anchor=(0.5, height),
                                bbox_transform=inches(figure), borderaxespad=0, handlelength=2.6)


def _names(lines):
    return [(line.run, line.figure) for line in lines]


def _letters(sweep, has_maps):
    return 'abcdefgh'[has_maps:][:len(sweep.panels)]


def _draw_panel(axes, flag, lines, sweep):
    values = sorted({value for line in lines for value, _, _ in line.points})
    _scale(axes.set_xscale, values)
    for run, name, points in lines:
        value, mean, std = (np.array(part, dtype=float) for part in zip(*sorted(points)))
        axes.errorbar(value, 100 * mean, 100 * np.nan_to_num(std), capsize=2.5, elinewidth=1, **sweep.looks[run, name])
    for run, name, ((_, mean, _),) in sweep.same:
        if name in {line.figure for line in lines}:
            axes.axhline(100 * mean, **sweep.looks[run, name], zorder=1)
    axes.set_xticks(values, [f'{value:g}' for value in values])
    axes.set_xticks([], minor=True)
    names = list(dict.fromkeys(line.figure for line in lines))
    axes.set(xlabel=_LETTERS.get(flag, flag), ylabel=f'accuracy {names[0]}, %' if len(names) == 1 else 'accuracy, %')
    axes.tick_params(labelsize=8)
    axes.grid()
    axes.spines[['top', 'right']].set_visible(False)


def _scale(set_scale, values):
    """Logarithmic where values are of several sizes; with a 0 among them, linear from there to the smallest other."""
    least = min((abs(value) for value in values if value), default=1)
    if max(map(abs, values)) < _WIDE * least:
        return
    if values[0] > 0:
        set_scale('log')
    else:
        set_scale('symlog', linthresh=least, linscale=0.5)
