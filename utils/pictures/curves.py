"""Curves of a run over the epochs; those of a comparison are drawn in `comparison_curves`."""
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..evaluation import columns
from . import style
from .comparison_curves import draw_comparison_curves
from .line_labels import label_ends, settle

_SIZE = (15, 3.6)  # inches
_SPLITS = {'train': 'training', 'val': 'validation'}
_PANELS = {'losses': ('training loss', 'log'), 'accuracies': ('accuracy, %', 'linear'),
           'distances': ('mean distance', 'log')}  # of a run: what its y axis says, and its scale


def write_run_curves(path, rows, judge_name):
    """Plot losses, accuracies and distances over the epochs.

    rows: those of history.csv, as dicts. judge_name: what chose the best epoch, 'val' or 'test'.
    """
    with style.applied():
        style.write_figure(path, _draw_run_curves(rows, judge_name))


def _draw_run_curves(rows, judge_name):
    """The figure: a panel for each kind of figure that `columns` knows, a line for each that the first epoch has."""
    epochs = [row['epoch'] for row in rows]
    figure = Figure(figsize=_SIZE, layout='constrained')
    FigureCanvasAgg(figure)
    panels = dict(zip(_PANELS, figure.subplots(1, len(_PANELS))))
    for key, value in rows[0].items():
        column = columns.find(key)
        if column.panel and (value is not None if column.panel == 'accuracies' else value):  # a 0 has no logarithm
            split = 'train' if column.group == 'training' else judge_name
            is_share = column.panel == 'accuracies'
            values = np.array([row[key] for row in rows], dtype=float) * (100 if is_share else 1)
            label = f'{_SPLITS.get(split, split)}, {column.curve}' if is_share else column.curve
            panels[column.panel].plot(epochs, values, marker='.', label=label)
    for name, axes in panels.items():
        words, scale = _PANELS[name]
        settle(axes, words)
        axes.set_yscale(scale)
    figure.supxlabel('Losses and distances on logarithmic axes; distances are of '
                     f'{_SPLITS.get(judge_name, judge_name)} images, in units of the features', fontsize='small')
    label_ends(figure)
    return figure


def write_comparison_curves(path, histories, over='seeds'):
    """Plot accuracies over the epochs, on the images that choose one: mean and spread over seeds.

    histories: {run: [history of a seed, ...]}, a history being the list of rows in results.json. over: what the mean
    and the spread are over, in words, such as '5 splits of the classes x 2 seeds'.
    """
    with style.applied():
        style.write_figure(path, draw_comparison_curves(histories, over))
