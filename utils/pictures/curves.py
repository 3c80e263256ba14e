"""Curves over the epochs: of one run, and of the runs of a comparison."""
import math

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..evaluation import columns
from . import style
from .style import COLORS

_PANEL = (6, 5)  # inches
_DASHES = ('-', '--', ':', '-.')
_MARKERS = '.x^s'


def write_run_curves(path, rows, judge_name):
    """Plot losses, accuracies and distances over the epochs.

    rows: those of history.csv, as dicts. judge_name: what chose the best epoch, 'val' or 'test'.
    """
    with style.applied():
        style.write_figure(path, _draw_run_curves(rows, judge_name))


def _draw_run_curves(rows, judge_name):
    """The figure: a panel for each kind of figure that `columns` knows, a line for each that the first epoch has."""
    epochs = [row['epoch'] for row in rows]
    titles = {'losses': 'training losses', 'accuracies': 'accuracies', 'distances': f'mean distances, {judge_name}'}
    figure = Figure(figsize=(15, 4), layout='constrained')
    panels = dict(zip(titles, figure.subplots(1, len(titles))))
    for key, value in rows[0].items():
        column = columns.find(key)
        if column.panel and (value is not None if column.panel == 'accuracies' else value):  # a 0 has no logarithm
            split = 'training' if column.group == 'training' else judge_name
            label = f'{split}, {column.curve}' if column.panel == 'accuracies' else column.curve
            panels[column.panel].plot(epochs, [row[key] for row in rows], marker='.', label=label)
    for name, axes in panels.items():
        axes.set(title=titles[name], xlabel='epoch', yscale='linear' if name == 'accuracies' else 'log')
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid()
        if axes.lines:
            axes.legend()
    return figure


def write_comparison_curves(path, histories):
    """Plot accuracies over the epochs, on the split that chooses: mean and spread over seeds, a style for each run.

    histories: {run: [history of a seed, ...]}, a history being the list of rows in results.json.
    """
    with style.applied():
        style.write_figure(path, _draw_comparison_curves(histories))


def _draw_comparison_curves(histories):
    """The figure: a panel a column, under them one legend of the runs that have a curve in any of them."""
    judged = [column for column in columns.COLUMNS if column.panel == 'accuracies' and column.group != 'training']
    plots = [(_title(column), {name: _values(runs, column.key) for name, runs in histories.items()})
             for column in judged]
    plots = [(title, lines) for title, lines in plots if any(line is not None for line in lines.values())]
    count = max(1, len(plots))
    figure = Figure(figsize=(_PANEL[0] * count, _PANEL[1]), layout='constrained')
    FigureCanvasAgg(figure)
    styles = {name: _style(number) for number, name in enumerate(histories)}
    for axes, (title, lines) in zip(figure.subplots(1, count, squeeze=False)[0], plots):
        for name, values in lines.items():
            if values is not None:
                _plot_mean(axes, values, styles[name])
        axes.set(title=f'{title}, on what chooses the epoch', xlabel='epoch')
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid()
    drawn = [name for name in histories if any(lines[name] is not None for _, lines in plots)]
    if drawn:
        _add_legend(figure, [Line2D([], [], label=name, **styles[name]) for name in drawn])
    return figure


def _title(column):
    return f'accuracy {column.curve}' if column.curve.startswith('by ') else column.curve


def _style(number):
    """How a run is drawn in every panel; 160 differ."""
    return {'color': COLORS[number % 10], 'linestyle': _DASHES[number // 10 % 4], 'marker': _MARKERS[number // 40 % 4],
            'markersize': 6 if number < 40 else 3.5}


def _add_legend(figure, handles):
    """A legend under the panels, in as many columns as fit; the figure grows by what it takes."""
    def add(count):
        return figure.legend(handles=handles, ncols=count, loc='outside lower center',
                             columnspacing=1, handlelength=3.2)
    single = add(1)
    width = single.get_window_extent(figure.canvas.get_renderer()).width / figure.dpi
    single.remove()
    figure.set_figwidth(max(figure.get_figwidth(), width + 0.2))
    rows = math.ceil(len(handles) / max(1, int((figure.get_figwidth() - 0.2) / width)))
    legend = add(math.ceil(len(handles) / rows))
    height = legend.get_window_extent(figure.canvas.get_renderer()).height / figure.dpi
    figure.set_figheight(figure.get_figheight() + height)


def _values(runs, key):
    """(seeds, epochs) of one column, as far as all seeds have come; None where it says nothing."""
    length = min(len(run) for run in runs)
    values = np.array([[row.get(key) for row in run[:length]] for run in runs], dtype=float)
    return None if np.isnan(values).any() else values


def _plot_mean(axes, values, style):
    epochs, mean = np.arange(1, values.shape[1] + 1), values.mean(axis=0)
    axes.plot(epochs, mean, **style)
    if len(values) > 1:
        std = values.std(axis=0, ddof=1)
        low, high = np.clip([mean - std, mean + std], 0, 1)  # shares: a spread above 1 would be of nothing
        axes.fill_between(epochs, low, high, color=style['color'], alpha=0.15, lw=0)
