"""Curves of the runs of a comparison: a few in one panel, of many each in one of its own."""
import math
import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..evaluation import columns
from .line_labels import label_ends, settle
from .panels import columns_of
from .style import COLORS

_PANEL, _HEIGHT, _SMALL = 4.4, 3.6, (2.0, 1.75)  # inches; the last where there is a panel a run
_MANY = 8  # runs, from which on each has its own
_NAME, _LETTER = 28, 0.085  # letters of a line of a name, inches of a letter
_DASHES = ('-', (0, (3, 1.5)), (0, (1, 1.2)), '-.')  # of accuracies, where they share a panel
_OTHERS = '0.8'


def draw_comparison_curves(histories, over='seeds'):
    """The figure of {run: [history of a seed, ...]}. over: what lines are means over, in words."""
    plots = {}
    for column in columns.COLUMNS:
        if column.panel == 'accuracies' and column.group != 'training':
            lines = {name: _values(runs, column.key) for name, runs in histories.items()}
            lines = {name: values for name, values in lines.items() if values is not None}
            plots.update({_title(column): lines} if lines else {})
    colors = {name: COLORS[number % len(COLORS)] for number, name in enumerate(histories)}
    return (_draw_together if len(histories) < _MANY else _draw_apart)(plots, colors, _caption(histories, over))


def _title(column):
    return f'accuracy {column.curve}' if column.curve.startswith('by ') else column.curve


def _values(runs, key):
    """(seeds, epochs) of one column in %, as far as all seeds have come; None where it says nothing."""
    length = min(len(run) for run in runs)
    values = np.array([[row.get(key) for row in run[:length]] for run in runs], dtype=float)
    return None if np.isnan(values).any() else 100 * values


def _caption(histories, over):
    text = 'On the images that choose the epoch'
    if any(len(runs) > 1 for runs in histories.values()):
        text += f'; line: mean over {over}, band: ± one standard deviation'
    return text


def _draw_together(plots, colors, caption):
    """A panel an accuracy, with all runs in it; their names are at the ends of their lines."""
    names = {name: textwrap.fill(name, _NAME) for name in colors}
    width = _PANEL + _LETTER * max((len(line) for name in names.values() for line in name.split('\n')), default=0)
    figure = _figure(width * max(1, len(plots)), _HEIGHT)
    for axes, (title, lines) in zip(figure.subplots(1, max(1, len(plots)), squeeze=False)[0], plots.items()):
        for name, values in lines.items():
            _plot_mean(axes, values, label=names[name], color=colors[name])
        settle(axes, f'{title}, %')
    figure.supxlabel(caption, fontsize='small')
    label_ends(figure)
    return figure


def _draw_apart(plots, colors, caption):
    """A panel a run, with all its accuracies, each with dashes of its own; behind them, in grey, the other runs."""
    count = columns_of(len(colors))
    rows = math.ceil(len(colors) / count)
    figure = _figure(count * _SMALL[0], rows * _SMALL[1] + 0.8)
    panels = figure.subplots(rows, count, sharex=True, sharey=True, squeeze=False)
    behind = max(plots, key=lambda title: len(plots[title]), default='')
    for number, (name, axes) in enumerate(zip(colors, panels.flat)):
        for other, values in plots.get(behind, {}).items():
            if other != name:
                axes.plot(np.arange(1, values.shape[1] + 1), values.mean(axis=0), color=_OTHERS, lw=0.7, zorder=1)
        for (_, lines), dashes in zip(plots.items(), _DASHES):
            if name in lines:
                _plot_mean(axes, lines[name], color=colors[name], ls=dashes)
        settle(axes, 'accuracy, %' if number % count == 0 else '')
        axes.set_xlabel('epoch' if number + count >= len(colors) else '')
        axes.xaxis.set_tick_params(labelbottom=number + count >= len(colors))
        axes.set_title(textwrap.fill(name, _NAME), fontsize=9, weight='bold', parse_math=False)
    for axes in panels.flat[len(colors):]:
        axes.set_axis_off()
    keys = [Line2D([], [], color='black', lw=1.5, ls=dashes, label=title) for title, dashes in zip(plots, _DASHES)]
    figure.legend(handles=[*keys, Line2D([], [], color=_OTHERS, lw=1.5, label=f'the other runs, {behind}')],
                  loc='outside upper center', ncols=2, handlelength=2.6)
    figure.supxlabel(caption, fontsize='small')
    return figure


def _figure(width, height):
    figure = Figure(figsize=(width, height), layout='constrained')
    FigureCanvasAgg(figure)
    return figure


def _plot_mean(axes, values, color, **options):
    epochs, mean = np.arange(1, values.shape[1] + 1), values.mean(axis=0)
    axes.plot(epochs, mean, color=color, lw=1.7, zorder=2.5, **options)
    if len(values) > 1:
        std = values.std(axis=0, ddof=1)
        low, high = np.clip([mean - std, mean + std], 0, 100)  # a spread above 100 would be of nothing
        axes.fill_between(epochs, low, high, color=color, alpha=0.18, lw=0)
