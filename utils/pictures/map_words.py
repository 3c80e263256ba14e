"""What is written on feature maps: titles, names of classes beside their points, and legends."""
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..data.splits import members_of
from . import fonts, label_places
from .class_looks import WRONG, class_colors, class_markers

MOST_NAMED = 300  # classes; more names than that would cover the map
SIDE = 20  # classes, from which on their numbers stand for their names, which then stand at the side
_LEGEND_ROWS = 36
_MARGIN = 0.1  # inches, to the right of the legend
_LINE = 11  # points
_REGIONS = {'softmax': ('answered by softmax', 'border by softmax'),
            'knn': ('nearest centre', 'border by nearest centre')}


def add_side_legend(figure, classes, class_names):
    """From 20 classes on, widen a `Figure` by what the numbers, marks and names of `classes` take; returns its width.

    classes: indices of `class_names`; of more than MOST_NAMED there is no legend. Widths are in inches.
    """
    width, height = figure.get_size_inches()
    if len(class_names) < SIDE or not 0 < len(classes) <= MOST_NAMED:
        return width
    colors, markers = class_colors(len(class_names)) / 255, class_markers(len(class_names))
    names = fonts.drawable(class_names)
    handles = [Line2D([], [], ls='', marker=markers[label], color=colors[label], mew=0, ms=6,
                      label=f'{label + 1}  {names[label].replace("_", " ")}') for label in classes]
    legend = figure.legend(
        handles=handles, loc='upper left', bbox_to_anchor=(width, height - _MARGIN), borderpad=0, borderaxespad=0,
        bbox_transform=figure.dpi_scale_trans, ncol=-(-len(classes) // _LEGEND_ROWS), labelspacing=0.25,
        handletextpad=0.2, columnspacing=1)
    for text in legend.get_texts():
        text.set_parse_math(False)  # a name with two $ is no formula
    width += legend.get_window_extent(figure.canvas.get_renderer()).width / figure.dpi + _MARGIN
    figure.set_size_inches(width, height)
    return width


def add_names(axes, one, colors, class_names):
    """The name of each class of a `FeatureMap`, of many classes its number, beside its points; of even more nothing."""
    present = np.unique(one.labels)
    if len(present) > MOST_NAMED:
        return
    names = fonts.drawable(class_names)
    size = 10 if len(present) < SIDE else 8 if len(present) < 5 * SIDE else 6
    texts = [axes.text(0, 0, names[label].replace('_', ' ') if len(names) < SIDE else label + 1,
                       ha='center', va='center', zorder=4, parse_math=False, fontsize=size,
                       bbox={'boxstyle': 'round,pad=0.15', 'fc': 'white', 'ec': colors[label], 'alpha': 0.85})
             for label in present]
    renderer = axes.figure.canvas.get_renderer()
    sizes = np.array([text.get_window_extent(renderer).size for text in texts]).reshape(-1, 2) + 12  # with the box
    anchors, points, marks = (axes.transData.transform(np.reshape(where, (-1, 2))) - axes.bbox.min for where in (
        [np.median(one.points[members], axis=0) for _, members in members_of(one.labels)], one.points,
        [] if one.centers is None else one.centers))
    for text, place in zip(texts, label_places.places(anchors, sizes, marks, 30, points, axes.bbox.width)):
        text.set_position(axes.transData.inverted().transform(place + axes.bbox.min))


def add_legend(axes, one):
    """What the X, rings, tints, borders and rays of a `FeatureMap` are, above the axes."""
    marks = [] if one.centers is None else [Line2D([], [], ls='', marker='X', ms=9, mfc='white', mec='black',
                                                   label='class centre')]
    if one.wrong is not None:
        marks.append(Line2D([], [], ls='', marker='o', ms=6, mfc='none', mec='black', label='wrongly classified'))
    for number, method in enumerate(one.regions or ()):
        label = _REGIONS[method][min(number, 1)]
        marks.append(Line2D([], [], color='0.2', lw=1, label=label) if number else
                     Patch(fc='0.9', ec='0.6', lw=0.6, label=label))
    if one.rays is not None:
        marks.append(Line2D([], [], color='black', lw=1.2, label='class weights'))
    if marks:
        axes.legend(handles=marks, loc='lower center', bbox_to_anchor=(0.5, 1), ncol=3, borderaxespad=0.3, borderpad=0,
                    labelspacing=0.05, handletextpad=0.4, columnspacing=1.2)


def add_title(axes, one):
    """The title of a `FeatureMap` at the top of its square, as large as fits; and its note in the axes."""
    figure = axes.figure
    height = figure.get_size_inches()[1]
    middle = (axes.bbox.x0 + axes.bbox.x1) / 2 / figure.dpi
    text = figure.text(middle, 0.98 * height, one.title, transform=figure.dpi_scale_trans, ha='center', va='center',
                       fontsize=_LINE, parse_math=False)
    room = 0.93 * figure.dpi * height / text.get_window_extent(figure.canvas.get_renderer()).width if one.title else 1
    text.set_fontsize(_LINE * min(1, room))
    if one.note:
        axes.text(0.5, 0.01, one.note, transform=axes.transAxes, ha='center', va='bottom', color=WRONG, weight='bold',
                  zorder=5, bbox={'boxstyle': 'round,pad=0.2', 'fc': 'white', 'ec': WRONG})
