"""Legends under all panels of a figure, in as many columns as fit."""
import itertools
import math

_PAD = 0.1  # inches, at either side


def add_fitting(figure, handles, loc, **options):
    """Add a legend of `handles`, row by row, in as many columns as fit into `figure`; returns its height in inches.

    The figure grows where one column is wider. options: of `Figure.legend`.
    """
    single = figure.legend(handles=handles, ncols=1, loc=loc, **options)
    width = _size(single)[0]
    single.remove()
    figure.set_figwidth(max(figure.get_figwidth(), width + 2 * _PAD))
    rows = math.ceil(len(handles) / max(1, int((figure.get_figwidth() - 2 * _PAD) / width)))
    count = math.ceil(len(handles) / rows)
    by_rows = itertools.chain.from_iterable(handles[column::count] for column in range(count))
    return _size(figure.legend(handles=list(by_rows), ncols=count, loc=loc, **options))[1]


def _size(legend):
    """(width, height) in inches."""
    figure = legend.figure
    return legend.get_window_extent(figure.canvas.get_renderer()).size / figure.dpi
