"""Feature maps: the features of a set of images in a plane, drawn without a screen."""
from typing import NamedTuple, Optional

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.transforms import IdentityTransform

from . import fonts, label_places, palette, style
from .class_looks import AREAS, KEPT, WRONG, class_colors, class_markers
from .image_files import write_png

PIXELS = 960  # width and height of a feature map
AXES = (0.115, 0.085, 0.83)  # left, bottom and side of the axes, of the picture's
_INCHES = 6
_CENTER_SIZE = 60
_NUMBERED = 20  # classes, from which on their numbers stand for their names


class FeatureMap(NamedTuple):
    """Features of one set of images at one epoch. points: (N, 2). labels: (N,). centers: (C, 2) or None.

    wrong: (N,) whether a point is wrongly classified, or None where nothing is. note: a warning, for all to see.
    """
    points: np.ndarray
    labels: np.ndarray
    centers: Optional[np.ndarray]
    title: str
    wrong: Optional[np.ndarray] = None
    note: str = ''


class Plane:
    """Where features are drawn.

    One feature is drawn against 0, two as they are, more by the two principal components of `reference` (M, D): all
    maps drawn on the same plane can be compared. `axis_names` says which it is.
    """

    def __init__(self, reference):
        size = reference.shape[1]
        self._mean = np.zeros(size)
        self._axes = np.eye(size, 2)
        self.axis_names = ('feature 1', 'feature 2' if size > 1 else '')
        if size > 2:
            self._mean = reference.mean(axis=0)
            _, lengths, axes = np.linalg.svd(reference - self._mean, full_matrices=False)
            self._axes = axes[:2].T
            shares = lengths ** 2 / (lengths ** 2).sum()
            self.axis_names = tuple(f'principal component {i + 1} of {size} features ({shares[i]:.0%} of variance)'
                                    for i in range(2))

    def project(self, features):
        """(N, D) features as (N, 2) points."""
        return (features - self._mean) @ self._axes


def common_limits(maps):
    """(low, high), corners of a square around the origin and nearly all points of all `maps`; a few may stick out."""
    corners = [np.zeros(2)]
    for one in maps:
        corners.extend(np.percentile(one.points, [0.2, 99.8], axis=0))
        if one.centers is not None:
            corners.extend(one.centers)
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    middle, half = (low + high) / 2, max((high - low).max() / 2 * 1.08, 1e-6)
    return middle - half, middle + half


def draw_feature_map(one, limits, axis_names, class_names):
    """A `FeatureMap` as an RGB image, (960, 960, 3) uint8; colours and markers follow the class, X marks a centre.

    Its greys are of 16 levels, so that a GIF can have them all.
    """
    with style.applied():
        canvas = _draw(one, limits, axis_names, class_names)
        canvas.draw()
    return palette.round_greys(np.asarray(canvas.buffer_rgba())[..., :3], KEPT)


def write_feature_map(path, features, labels, centers, title, class_names, wrong=None):
    """Draw one set of features by itself, as a PNG, SVG or PDF. Arguments as of `FeatureMap`, features as (N, D)."""
    plane = Plane(features)
    one = FeatureMap(plane.project(features), labels, None if centers is None else plane.project(centers), title, wrong)
    arguments = one, common_limits([one]), plane.axis_names, class_names
    if path.endswith('.png'):
        write_png(path, draw_feature_map(*arguments))
    else:
        with style.applied():
            style.write_figure(path, _draw(*arguments).figure)


def _draw(one, limits, axis_names, class_names):
    """The canvas with the figure on it."""
    figure = Figure(figsize=(_INCHES, _INCHES))
    canvas = FigureCanvasAgg(figure)
    left, bottom, side = AXES
    axes = figure.add_axes([left, bottom, side, side])
    axes.set(xlim=(limits[0][0], limits[1][0]), ylim=(limits[0][1], limits[1][1]), aspect='equal')
    axes.set_xlabel(axis_names[0])
    axes.set_ylabel(axis_names[1], labelpad=0)
    axes.axhline(0, color='0.8', lw=0.8, zorder=0)
    axes.axvline(0, color='0.8', lw=0.8, zorder=0)
    colors = class_colors(len(class_names)) / 255
    add_points(axes, one, colors, class_markers(len(class_names)))
    if one.centers is not None:
        axes.scatter(*one.centers.T, s=_CENTER_SIZE, marker='X', c='white', edgecolors='black', lw=1, zorder=3)
    _add_names(axes, one, colors, fonts.drawable(class_names))
    _add_legend(axes, one)
    figure.text(0.5, 0.975, one.title, ha='center', va='center', fontsize=11, parse_math=False)
    if one.note:
        axes.text(0.5, 0.01, one.note, transform=axes.transAxes, ha='center', va='bottom', color=WRONG, weight='bold',
                  zorder=5, bbox={'boxstyle': 'round,pad=0.2', 'fc': 'white', 'ec': WRONG})
    return canvas


def add_points(axes, one, colors, markers, scale=1):
    """All points in one collection, each with its own marker, in a random order: no class lies on top of the others.

    A wrongly classified one has a ring on top of all, the fainter the more there are. scale: of areas.
    """
    shapes = [marker.get_path().transformed(marker.get_transform()) for marker in map(MarkerStyle, markers)]
    order = np.random.default_rng(0).permutation(len(one.labels))
    size = np.clip(50_000 / max(len(order), 1), 5, 30) * scale
    sizes = size * np.array([AREAS.get(marker, 1) for marker in markers])
    labels = one.labels[order]
    axes.add_collection(PathCollection(
        [shapes[label] for label in labels], sizes[labels], offsets=one.points[order], lw=0, facecolors=colors[labels],
        offset_transform=axes.transData, transform=IdentityTransform()))
    if one.wrong is not None and one.wrong.any():
        axes.scatter(*one.points[one.wrong].T, s=3 * size, marker='o', facecolors='none', edgecolors='black', lw=0.6,
                     alpha=min(1, 0.1 / one.wrong.mean()))


def _add_names(axes, one, colors, class_names):
    """The name of each class, of many classes its number, beside its points."""
    present = np.unique(one.labels)
    texts = [axes.text(0, 0, class_names[label].replace('_', ' ') if len(class_names) < _NUMBERED else label + 1,
                       ha='center', va='center', zorder=4, parse_math=False,
                       bbox={'boxstyle': 'round,pad=0.15', 'fc': 'white', 'ec': colors[label], 'alpha': 0.85})
             for label in present]
    renderer = axes.figure.canvas.get_renderer()
    sizes = np.array([text.get_window_extent(renderer).size for text in texts]).reshape(-1, 2) + 12  # with the box
    anchors, points, marks = (axes.transData.transform(np.reshape(where, (-1, 2))) - axes.bbox.min for where in (
        [np.median(one.points[one.labels == label], axis=0) for label in present], one.points,
        [] if one.centers is None else one.centers))
    for text, place in zip(texts, label_places.places(anchors, sizes, marks, 30, points, axes.bbox.width)):
        text.set_position(axes.transData.inverted().transform(place + axes.bbox.min))


def _add_legend(axes, one):
    """What X and rings are, above the axes."""
    marks = [] if one.centers is None else [Line2D([], [], ls='', marker='X', ms=9, mfc='white', mec='black',
                                                   label='class centre')]
    if one.wrong is not None:
        marks.append(Line2D([], [], ls='', marker='o', ms=6, mfc='none', mec='black', label='wrongly classified'))
    if marks:
        axes.legend(handles=marks, loc='lower center', bbox_to_anchor=(0.5, 1), ncol=2, borderaxespad=0.1,
                    handletextpad=0.2)
