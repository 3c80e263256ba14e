"""A forest plot: how far each row of a comparison is from its baseline, as mean, interval and every pair of runs."""
import textwrap
from typing import List, NamedTuple, Optional

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..evaluation import columns
from . import style

_PANEL, _LINE, _MARGINS = 3.6, 0.34, 1.3  # inches: width of a panel, height of a row, and of what is around them
_LETTER = 0.075  # inches
_CAPTION_LETTERS = 14  # of the caption, in an inch
_REACH = 4  # times what the middle row takes, beyond which a row is cut off: one collapse hides all others
_TELLS, _TELLS_NOTHING, _RUNS = 'black', '0.45', style.COLORS[0]


class Difference(NamedTuple):
    """One row minus its baseline, in the unit of files. low, high: None without interval. runs: one number a pair."""
    mean: float
    low: Optional[float]
    high: Optional[float]
    runs: List[float]

    @property
    def numbers(self):
        return [self.mean, *self.runs, *([] if self.low is None else [self.low, self.high])]


def write_forest(path, title, names, panels, over):
    """Draw `panels`, {key of a column: {index of a name: Difference}}, side by side; the first of `names` is on top.

    over: what intervals are over, such as '5 seeds'. Returns [path], or [] where there is nothing to draw.
    """
    if not panels:
        return []
    with style.applied():
        style.write_figure(path, _draw_forest(title, names, panels, over))
    return [path]


def _draw_forest(title, names, panels, over):
    size = (_PANEL * len(panels) + _LETTER * max(map(len, names)), _LINE * len(names) + _MARGINS)
    figure = Figure(figsize=size, layout='constrained')
    FigureCanvasAgg(figure)
    for axes, (key, rows) in zip(figure.subplots(1, len(panels), sharey=True, squeeze=False)[0], panels.items()):
        column = columns.find(key)
        scale = 100 if column.unit == '%' else 1
        rows = {index: Difference(*(np.multiply(part, scale) if part is not None else None for part in row))
                for index, row in rows.items()}
        axes.axvline(0, color='black', lw=1)
        axes.set_xlim(*_limits(rows.values()))
        for index, row in rows.items():
            _draw_row(axes, index, row)
        words = column.heading_of_difference
        axes.set(xlabel=f'difference {"" if words.startswith("by ") else "in "}{words}', yticks=range(len(names)))
        axes.set_title(f'{column.better} is better', fontsize='small')
        axes.set_yticklabels(names, parse_math=False)  # of which a $ is a letter
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.grid(axis='x', alpha=0.3)
        axes.tick_params(axis='y', length=0, pad=9)  # beside the arrows
        axes.spines[['left', 'right', 'top']].set_visible(False)
    figure.suptitle(title, parse_math=False)
    caption = (f'mean difference, its 95 % interval over {over} (grey where it has zero in it), '
               'and a dot for each pair of runs')
    figure.supxlabel(textwrap.fill(caption, int(figure.get_figwidth() * _CAPTION_LETTERS)), fontsize='small')
    return figure


def _draw_row(axes, y, row):
    """Runs under the interval; an arrow at the edge where one of them or the interval goes on beyond it."""
    tells = row.low is not None and (row.low > 0 or row.high < 0)
    color = _TELLS if tells else _TELLS_NOTHING
    axes.plot(row.runs, np.full(len(row.runs), y + 0.25), '.', color=_RUNS, alpha=0.7, ms=6, mew=0)
    if row.low is not None:
        axes.plot([row.low, row.high], [y, y], '-', color=color, lw=2, solid_capstyle='butt')
    axes.plot([row.mean], [y], 'D', color=color, ms=6)
    left, right = axes.get_xlim()
    for edge, marker, end, beyond in ((left, '<', min(row.numbers), min(row.numbers) < left),
                                      (right, '>', max(row.numbers), max(row.numbers) > right)):
        if beyond:
            axes.plot([edge], [y], marker, color=color, ms=7, clip_on=False)
            outside = row.mean < left if edge == left else row.mean > right
            mean = f'mean {row.mean:.0f}, ' if outside else ''
            axes.annotate(f'{mean}to {end:.0f}'.replace('-', '\u2212'), (edge, y), (0, 6), textcoords='offset points',
                          fontsize='x-small', ha='left' if edge == left else 'right', color=color)


def _limits(rows):
    """(left, right) of an axis with a zero on it, on which all rows are but for those far beyond the middle one."""
    numbers = np.concatenate([[0], *(row.numbers for row in rows)])
    reach = _REACH * np.median([np.abs(row.numbers).max() for row in rows]) or 1
    left, right = np.clip([numbers.min(), numbers.max()], -reach, reach)
    margin = 0.05 * (right - left) or 1
    return left - margin, right + margin
