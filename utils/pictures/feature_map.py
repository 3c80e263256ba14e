"""Feature maps: the features of a set of images in a plane, drawn without a screen."""
from typing import Dict, NamedTuple, Optional, Tuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle
from matplotlib.transforms import IdentityTransform

from ..data.splits import fixed_sample
from . import map_words, palette, raster, regions, style
from .class_looks import AREAS, KEPT, class_colors, class_markers
from .image_files import write_png
from .plane import common_limits

PIXELS = 960  # height of a feature map, and its width without a legend at the side
AXES = (0.115, 0.085, 0.83)  # left, bottom and side of the axes, of a square of that height
_INCHES = 6
_CENTER_SIZE = 60
_RING_CELLS = 60  # a side of the axes, about as wide as a ring


class FeatureMap(NamedTuple):
    """Features of one set of images at one epoch. points: (N, 2). labels: (N,). centers: (C, 2) or None.

    wrong: (N,) whether a point is wrongly classified, or None where nothing is. note: a warning, for all to see.
    origin: where features are 0, or None where that means nothing. regions: {method: (C, 3) scores of
    `regions.polygons`}, of which the first is shaded and another outlined, or None. rays: (C, 2) directions, or None.
    """
    points: np.ndarray
    labels: np.ndarray
    centers: Optional[np.ndarray]
    title: str
    wrong: Optional[np.ndarray] = None
    note: str = ''
    origin: Optional[Tuple[float, float]] = (0.0, 0.0)
    regions: Optional[Dict[str, np.ndarray]] = None
    rays: Optional[np.ndarray] = None

    def thinned(self, count):
        """The same map with at most so many of its points."""
        shown = fixed_sample(len(self.labels), count)
        return self._replace(points=self.points[shown], labels=self.labels[shown],
                             wrong=None if self.wrong is None else self.wrong[shown])


def draw_feature_map(one, limits, axis_names, class_names, classes=None):
    """A `FeatureMap` as an RGB image, (960, 960, 3) uint8; colours and markers follow the class, X marks a centre.

    From 20 classes on it is wider: to its right stand names and numbers of `classes`, by default those with points. Its
    greys are of 16 levels, so that a GIF can have them all.
    """
    with style.applied():
        return _pixels(draw_maps([one], limits, axis_names, class_names, classes))


def write_feature_maps(path, maps, axis_names, class_names):
    """Draw `FeatureMap`s side by side with common limits, as a PNG, SVG or PDF."""
    with style.applied():
        figure = draw_maps(maps, common_limits(maps), axis_names, class_names)
        if path.endswith('.png'):
            write_png(path, _pixels(figure))
        else:
            style.write_figure(path, figure)


def _pixels(figure):
    figure.canvas.draw()
    return palette.round_greys(np.asarray(figure.canvas.buffer_rgba())[..., :3], KEPT)


def draw_maps(maps, limits, axis_names, class_names, classes=None):
    """The figure of `FeatureMap`s side by side. Call it in the style that it is drawn in."""
    figure = Figure(figsize=(len(maps) * _INCHES, _INCHES))
    FigureCanvasAgg(figure)
    if classes is None:
        classes = np.unique(np.concatenate([one.labels for one in maps]))
    width = map_words.add_side_legend(figure, classes, class_names)
    left, bottom, side = AXES
    for number, one in enumerate(maps):
        axes = figure.add_axes([(number + left) * _INCHES / width, bottom, side * _INCHES / width, side])
        axes.set(xlim=(limits[0][0], limits[1][0]), ylim=(limits[0][1], limits[1][1]), aspect='equal')
        axes.set_xlabel(axis_names[0])
        axes.set_ylabel(axis_names[1], labelpad=0)
        _draw(axes, one, limits, class_names)
    return figure


def _draw(axes, one, limits, class_names):
    colors, markers = class_colors(len(class_names)) / 255, class_markers(len(class_names))
    _add_regions(axes, one.regions or {}, limits)
    if one.origin is not None:
        axes.axvline(one.origin[0], color='0.8', lw=0.8, zorder=0.5)
        axes.axhline(one.origin[1], color='0.8', lw=0.8, zorder=0.5)
    add_points(axes, one, colors, markers)
    if one.rays is not None:
        _add_rays(axes, one.rays, limits, colors, markers)
    if one.centers is not None:
        axes.scatter(*one.centers.T, s=_CENTER_SIZE, marker='X', c='white', edgecolors='black', lw=1, zorder=3)
    map_words.add_names(axes, one, colors, class_names)
    map_words.add_legend(axes, one)
    map_words.add_title(axes, one)


def _add_regions(axes, scores, limits):
    """Shade where which class is answered by the first method; of others, draw the borders."""
    low, high = limits
    beyond = (high - low) / 20  # so that the edge of the axes is no border
    for number, of_classes in enumerate(scores.values()):
        there = [(label, corners) for label, corners in enumerate(
            regions.polygons(of_classes, low - beyond, high + beyond)) if len(corners)][::-1]  # of equals, the first
        look = {'facecolors': 'none', 'edgecolors': '0.2', 'lw': 1, 'zorder': 0.4}
        if not number:
            tints = palette.tint(class_colors(len(of_classes))) / 255
            look = {'facecolors': tints[[label for label, _ in there]], 'edgecolors': '0.6', 'lw': 0.6, 'zorder': 0.2}
        axes.add_collection(PolyCollection([corners for _, corners in there], **look), autolim=False)


def _add_rays(axes, rays, limits, colors, markers):
    """A line from the origin to the edge of the axes in each direction that is one, with a hollow marker near its end.
    """
    for direction, color, marker in zip(rays, colors, markers):
        if direction.any():
            line = np.outer([0, 0.96, 1], regions.ray_end(direction, *limits))
            axes.plot(*line.T, color=color, lw=1.2, marker=marker, markevery=[1], ms=8, mfc='white',
                      zorder=2.5)


def add_points(axes, one, colors, markers, scale=1):
    """All points in one collection, each with its own marker, in a random order: no class lies on top of the others.

    From raster.FROM points on, they are pixels of one image, without markers. A wrongly classified one has a ring on
    top of all, the fainter the more rings lie on one another. scale: of areas.
    """
    order = np.random.default_rng(0).permutation(len(one.labels))
    size = np.clip(50_000 / max(len(order), 1), 5, 30) * scale
    labels, points, many = one.labels[order], one.points[order], len(order) >= raster.FROM
    if many:
        _add_image(axes, raster.points_image, points, labels, np.rint(255 * colors).astype(np.uint8))
    else:
        shapes = {name: marker.get_path().transformed(marker.get_transform())
                  for name, marker in ((name, MarkerStyle(name)) for name in set(markers))}
        sizes = size * np.array([AREAS.get(marker, 1) for marker in markers])
        axes.add_collection(PathCollection(
            [shapes[markers[label]] for label in labels], sizes[labels], offsets=points, lw=0,
            facecolors=colors[labels], offset_transform=axes.transData, transform=IdentityTransform()))
    if one.wrong is not None and one.wrong.any():
        _add_rings(axes, one.points[one.wrong], 3 * size, many)


def _add_rings(axes, rings, size, many):
    """Rings around points (N, 2), of so many square points as `scatter` has it; `many`: as pixels."""
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    _, counts = np.unique((rings - low) // ((high - low) / _RING_CELLS) @ [1, 1 << 32], return_counts=True)
    crowd = (counts ** 2).sum() / counts.sum()  # what a ring shares its cell with, on average
    alpha = max(0.01, min(1, 1.2 / crowd))
    if many:
        _add_image(axes, raster.rings_image, rings, np.sqrt(size) / 2 * axes.figure.dpi / 72, alpha)
    else:
        axes.scatter(*rings.T, s=size, marker='o', facecolors='none', edgecolors='black', lw=0.6, alpha=alpha)


def _add_image(axes, draw, points, *looks):
    """Draw points by a function of `raster`, pixel for pixel."""
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    shape = round(axes.bbox.height), round(axes.bbox.width)
    axes.imshow(draw(points, *looks, low, high, shape), extent=(low[0], high[0], low[1], high[1]), zorder=1,
                interpolation='nearest', aspect='equal')
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
