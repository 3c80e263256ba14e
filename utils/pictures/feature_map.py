"""Feature maps: the features of a set of images in a plane, drawn without a screen."""
from typing import NamedTuple, Optional

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle
from matplotlib.transforms import IdentityTransform

from . import palette
from .class_looks import KEPT, class_colors, class_markers
from .image_files import write_png

PIXELS = 480  # width and height of a feature map
_DPI = 80


class FeatureMap(NamedTuple):
    """Features of one set of images at one epoch. points: (N, 2). labels: (N,). centers: (C, 2) or None."""
    points: np.ndarray
    labels: np.ndarray
    centers: Optional[np.ndarray]
    title: str


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
    """(low, high), corners of a square that holds nearly all points of all `maps`; a few outliers may stick out."""
    corners = []
    for one in maps:
        corners.extend(np.percentile(one.points, [0.2, 99.8], axis=0))
        if one.centers is not None:
            corners.extend(one.centers)
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    middle, half = (low + high) / 2, max((high - low).max() / 2 * 1.08, 1e-6)
    return middle - half, middle + half


def draw_feature_map(one, limits, axis_names, class_names):
    """A `FeatureMap` as an RGB image, (480, 480, 3) uint8; colours and markers follow the class, X marks a centre.

    Its greys are of 16 levels, so that a GIF can have them all.
    """
    figure = Figure(figsize=(PIXELS / _DPI, PIXELS / _DPI), dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes([0.11, 0.09, 0.86, 0.85])
    colors = class_colors(len(class_names)) / 255
    _add_points(axes, one, colors, class_markers(len(class_names)))
    if one.centers is not None:
        axes.scatter(*one.centers.T, s=60, marker='X', c='white', edgecolors='black', lw=1)
    for label in np.unique(one.labels):
        axes.text(*np.median(one.points[one.labels == label], axis=0), class_names[label], ha='center', va='center',
                  fontsize=9, bbox={'boxstyle': 'round,pad=0.15', 'fc': 'white', 'ec': colors[label], 'alpha': 0.85})
    axes.set(xlim=(limits[0][0], limits[1][0]), ylim=(limits[0][1], limits[1][1]), aspect='equal')
    axes.set_xlabel(axis_names[0], fontsize=8)
    axes.set_ylabel(axis_names[1], fontsize=8, labelpad=0)
    axes.tick_params(labelsize=7)
    axes.set_title(one.title, fontsize=9)
    canvas.draw()
    return palette.round_greys(np.asarray(canvas.buffer_rgba())[..., :3], KEPT)


def _add_points(axes, one, colors, markers):
    """All points in one collection, each with its own marker, in a random order: no class lies on top of the others."""
    shapes = [marker.get_path().transformed(marker.get_transform()) for marker in map(MarkerStyle, markers)]
    order = np.random.default_rng(0).permutation(len(one.labels))
    size = np.clip(50_000 / max(len(order), 1), 5, 30)
    labels = one.labels[order]
    axes.add_collection(PathCollection([shapes[label] for label in labels], [size], offsets=one.points[order], lw=0,
                                       offset_transform=axes.transData, transform=IdentityTransform(),
                                       facecolors=colors[labels]))


def write_feature_map(path, features, labels, centers, title, class_names):
    """Draw one set of features by itself. features: (N, D). labels: (N,). centers: (C, D) or None."""
    plane = Plane(features)
    one = FeatureMap(plane.project(features), labels, None if centers is None else plane.project(centers), title)
    write_png(path, draw_feature_map(one, common_limits([one]), plane.axis_names, class_names))
