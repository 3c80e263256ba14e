"""Confusion matrices."""
import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from . import style

_MOST_NUMBERED = 60  # classes of a confusion matrix with numbers in its cells
_SMALLEST = 3.6  # inches
_UPRIGHT = 3  # letters of the longest name that fits below a column
_LETTERS = 15  # of the caption, an inch
_ORDER = 'Classes that are taken for each other stand side by side. '
_SHARE = 'Colour: share of the images of the true class, a row.'


def shares_of(confusion, images=None):
    """(C, C) shares of each true class, a row, of counts (C, C); zeros for a class without images.

    images: (C,) of each class, by default those in its row.
    """
    images = confusion.sum(axis=1) if images is None else images
    return confusion / np.maximum(images, 1)[:, np.newaxis]


def similarity_order(confusion, images=None):
    """(C,) order of classes in which those that are often taken for each other stand side by side.

    confusion: (C, C) counts, row = true class. images: see `shares_of`. The leaves of average linkage on 1 minus the
    mean share of one class taken for the other, ordered by Bar-Joseph et al., 2001.
    """
    if len(confusion) < 2:
        return np.arange(len(confusion))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform
    shares = shares_of(confusion, images)
    distances = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distances, 0)
    return leaves_list(linkage(squareform(distances), 'average', optimal_ordering=True))


def write_confusion(path, confusion, class_names, title, images=None):
    """Draw a confusion matrix (C, C) of counts as a PNG, SVG or PDF, classes in `similarity_order`.

    Colour is the share of the true class, a row; numbers are counts. Above 60 classes they are left out, to stay small.
    images: see `shares_of`.
    """
    with style.applied():
        style.write_figure(path, _draw_confusion(confusion, class_names, title, images), bbox_inches='tight')


def _draw_confusion(confusion, class_names, title, images=None):
    order = similarity_order(confusion, images)
    shares = shares_of(confusion, images)[np.ix_(order, order)]
    confusion, names = confusion[np.ix_(order, order)], [class_names[i] for i in order]
    numbered = len(names) <= _MOST_NUMBERED
    side = max(len(names) * (0.27 if numbered else 0.15), _SMALLEST)  # inches
    figure = Figure(figsize=(side, side))
    FigureCanvasAgg(figure)
    axes = figure.add_axes([0, 0, 1, 1])  # the picture grows around it by what the names take
    axes.imshow(np.sqrt(shares), cmap='Blues', vmin=0, vmax=1)  # the root, to see the rare ones
    axes.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > _UPRIGHT else 0,
                    fontsize=8 if numbered else 6, parse_math=False)
    axes.set_yticks(range(len(names)), names, fontsize=8 if numbered else 6, parse_math=False)
    for place in range(1, len(names)):
        axes.axhline(place - 0.5, color='0.85', lw=0.5)
        axes.axvline(place - 0.5, color='0.85', lw=0.5)
    axes.set_xlabel('predicted')
    axes.set_ylabel('true')
    axes.set_title(textwrap.fill(title, round(_LETTERS * side * 0.75)))
    caption = _ORDER + ('Numbers: images. ' if numbered else '') + _SHARE
    axes.annotate(textwrap.fill(caption, round(_LETTERS * side)), (0.5, 0), (0, -6), xycoords=axes.xaxis.label,
                  textcoords='offset points', ha='center', va='top', fontsize=8)
    if numbered:
        for row, column in np.argwhere(confusion):
            axes.text(column, row, confusion[row, column], ha='center', va='center', fontsize=7,
                      color='white' if shares[row, column] > 0.4 else 'black')
    return figure
