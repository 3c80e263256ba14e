"""What stands under all panels of a figure: a legend in as many columns as fit, a caption in as many lines as it needs.
"""
import itertools
import math
import textwrap

from matplotlib.transforms import blended_transform_factory

_PAD = 0.1  # inches, at either side
_LINE, _LETTERS = 0.17, 16  # inches of a line of a caption; letters of it in an inch


def inches(figure):
    """Where x is a share of the width of a figure, and y are inches from its lower edge."""
    return blended_transform_factory(figure.transFigure, figure.dpi_scale_trans)


def add_caption(figure, text, height, typeset=str):
    """Write `text` from `height` inches upward; returns where it ends. typeset: makes what is drawn of a line of it."""
    for line in reversed(textwrap.wrap(text, int(figure.get_figwidth() * _LETTERS))):
        figure.text(0.5, height, typeset(line), ha='center', va='bottom', fontsize=8, transform=inches(figure))
        height += _LINE
    return height


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
