"""What a sweep found: accuracy over the value of a flag, below the feature maps at each value where there are any."""
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from . import style
from .grids import draw_still, judged, write_drawn
from .legends import add_fitting
from .style import COLORS

_WIDTH, _HEIGHT, _BELOW, _ABOVE = 6.6, 2.3, 0.5, 0.3  # inches: of the figure, of the axes, and around them
_LEFT, _BETWEEN, _RIGHT = 0.65, 0.75, 0.15
_LINE = 0.2
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

    seeds: what a point and its bar are, in words.
    """
    flags: Dict[str, List[Line]]
    same: List[Line]
    seeds: str

    @property
    def panels(self):
        """[(flag, lines)]: of one flag a panel an accuracy, of several a panel a flag."""
        if len(self.flags) > 1:
            return list(self.flags.items())
        (flag, lines), = self.flags.items()
        return [(flag, [line for line in lines if line.figure == figure])
                for figure in dict.fromkeys(line.figure for line in lines)]


def write_sweep(path, sweep, runs=None, class_names=None, caption=''):
    """Draw a `Sweep` as PNG, SVG or PDF. runs, class_names, caption: as of `grids.write_still`, for the maps above."""
    room = _BELOW + _HEIGHT + _ABOVE + 3 * _LINE
    with style.applied():
        if runs:
            figure = draw_still(judged(runs), class_names, caption, room)
        else:
            figure = Figure(figsize=(_WIDTH, room), dpi=320)
            FigureCanvasAgg(figure)
        _draw(figure, sweep, bool(runs))
        write_drawn(path, figure)


def _draw(figure, sweep, has_maps):
    """The accuracies at the bottom of a figure, the legend and the caption under them."""
    inches = blended_transform_factory(figure.transFigure, figure.dpi_scale_trans)
    runs = list(dict.fromkeys(line.run for lines in (*sweep.flags.values(), sweep.same) for line in lines))
    figures = list(dict.fromkeys(line.figure for lines in sweep.flags.values() for line in lines))
    looks = {(run, name): {'color': COLORS[number % len(COLORS)], 'ls': dashes, 'marker': mark, 'ms': 4, 'lw': 1.4}
             for number, run in enumerate(runs) for name, dashes, mark in zip(figures, _DASHES, _MARKS)}
    looks.update({line[:2]: {**looks[line[:2]], 'marker': ''} for line in sweep.same})
    letters = 'abcdefgh'[has_maps:][:len(sweep.panels)]
    text = f'{", ".join(letters)}: test accuracy at the chosen epoch, {sweep.seeds}'
    figure.text(0.5, 0.08, 'a: feature maps after the last epoch; ' * has_maps + text, ha='center', fontsize=8,
                transform=inches)
    handles = [Line2D([], [], label=f'{run}, {name}', **looks[run, name]) for run, name in dict.fromkeys(
        line[:2] for lines in (*sweep.flags.values(), sweep.same) for line in lines)]
    bottom = 0.26 + add_fitting(figure, handles, 'lower center', bbox_to_anchor=(0.5, 0.26), bbox_transform=inches,
                                borderaxespad=0, handlelength=2.6) + _BELOW
    width, height = figure.get_size_inches()
    side = (width - _LEFT - _RIGHT - _BETWEEN * (len(sweep.panels) - 1)) / len(sweep.panels)
    for number, (letter, (flag, lines)) in enumerate(zip(letters, sweep.panels)):
        left = _LEFT + number * (side + _BETWEEN)
        axes = figure.add_axes([left / width, bottom / height, side / width, _HEIGHT / height])
        _draw_panel(axes, flag, lines, sweep, looks)
        axes.set_title(letter, loc='left', weight='bold', fontsize=12, x=-0.45 / side)
    if has_maps:
        figure.text(0.1 / width, 1 - 0.17 / height, 'a', weight='bold', fontsize=12, va='center')


def _draw_panel(axes, flag, lines, sweep, looks):
    values = sorted({value for line in lines for value, _, _ in line.points})
    _scale(axes.set_xscale, values)
    for run, name, points in lines:
        value, mean, std = (np.array(part, dtype=float) for part in zip(*sorted(points)))
        axes.errorbar(value, 100 * mean, 100 * np.nan_to_num(std), capsize=2.5, elinewidth=1, **looks[run, name])
    for run, name, ((_, mean, _),) in sweep.same:
        if name in {line.figure for line in lines}:
            axes.axhline(100 * mean, **looks[run, name], zorder=1)
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
