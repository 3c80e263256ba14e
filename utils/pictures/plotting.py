"""Feature maps, GIFs and training curves, drawn without a screen."""
import io
from typing import NamedTuple, Optional

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from ..storage import files
from . import palette

PIXELS = 480  # width and height of a feature map
_DPI = 80
_FRAME_MS = 400
_LAST_FRAME_MS = 2400  # time to look at the end before the GIF starts again
_COLORS = 64  # of a GIF of at most ten classes, a third smaller than with 256
_MOST_COLORS = 200  # of classes; a palette has room for them beside greys and blends


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
    """A `FeatureMap` as an RGB image, (480, 480, 3) uint8; colours follow the class, X marks a centre.

    Its greys are of 16 levels, so that a GIF can have them all.
    """
    figure = Figure(figsize=(PIXELS / _DPI, PIXELS / _DPI), dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes([0.11, 0.09, 0.86, 0.85])
    colors = class_colors(len(class_names)) / 255
    axes.scatter(*one.points.T, s=5, lw=0, c=colors[one.labels])
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
    return palette.round_greys(np.asarray(canvas.buffer_rgba())[..., :3], class_colors(len(class_names)))


def class_colors(count):
    """(count, 3) uint8 colours, told apart as well as that many can be; more than 200 classes share them in order."""
    if count <= 10:
        colors = matplotlib.colormaps['tab10'](np.arange(count))
    else:
        used = min(count, _MOST_COLORS)
        colors = matplotlib.colormaps['gist_ncar'](np.linspace(0, 0.95, used))[np.arange(count) * used // count]
    return np.rint(colors[:, :3] * 255).astype(np.uint8)


def write_feature_map(path, features, labels, centers, title, class_names):
    """Draw one set of features by itself. features: (N, D). labels: (N,). centers: (C, D) or None."""
    plane = Plane(features)
    one = FeatureMap(plane.project(features), labels, None if centers is None else plane.project(centers), title)
    write_png(path, draw_feature_map(one, common_limits([one]), plane.axis_names, class_names))


def write_png(path, image):
    """Write an (H, W, 3) uint8 image."""
    _write(path, Image.fromarray(image), format='PNG')


def write_gif(path, images, class_count):
    """Write (H, W, 3) uint8 images as a looping GIF.

    Black, white, 14 greys between them and the colours of `class_count` classes are exact in every frame. Frames that
    are equal to the one before prolong it.
    """
    size = _COLORS if class_count <= 10 else 256
    first, *others = palette.reduce(images, class_colors(class_count), size)
    durations = [_FRAME_MS] * len(others) + [_LAST_FRAME_MS]
    # Not optimized: Pillow would give every frame a palette of its own, and the file grows.
    _write(path, first, format='GIF', save_all=True, append_images=others, optimize=False, loop=0,
           duration=durations if others else durations[0])


def write_palette_png(path, image, class_count):
    """Write an (H, W, 3) uint8 image in 256 colours, exactly if it has no more.

    Those of `class_count` classes are exact, as in a GIF. A feature map has thousands, nearly all of them blends at the
    rims of points and letters: in the nearest of 256 it looks the same, in a third of the bytes.
    """
    few, = palette.reduce([image], class_colors(class_count), 256)
    _write(path, few, format='PNG', optimize=True)


def _write(path, image, **options):
    content = io.BytesIO()  # encoded in memory: where the disk is full, no half-written encoder is left to complain
    image.save(content, **options)
    files.write_bytes(path, content.getvalue())


def write_curves(path, rows, judge_name):
    """Plot losses, accuracies and distances over the epochs.

    rows: those of history.csv, as dicts. judge_name: what chose the best epoch, 'val' or 'test'.
    """
    epochs = [row['epoch'] for row in rows]
    figure = Figure(figsize=(15, 4), dpi=_DPI, layout='constrained')
    losses, accuracies, distances = figure.subplots(1, 3)
    for key in rows[0]:
        if key.endswith('_loss') and rows[0][key]:  # nothing where it is off
            losses.plot(epochs, [row[key] for row in rows], marker='.', label=key[:-len('_loss')].replace('_', ' '))
    losses.set(title='training losses', xlabel='epoch', yscale='log')
    for key, label in (('train_accuracy', 'training, by softmax'), ('softmax', f'{judge_name}, by softmax'),
                       ('knn', f'{judge_name}, by nearest centre'), ('recall_at_1', f'{judge_name}, recall at 1')):
        if rows[0].get(key) is not None:
            accuracies.plot(epochs, [row[key] for row in rows], marker='.', label=label)
    accuracies.set(title='accuracies', xlabel='epoch')
    for key, label in (('intra', 'feature to its class mean'), ('inter', 'between class means'),
                       ('center_offset', 'centre to its class mean'), ('center_moved', 'centre moved in an epoch')):
        if rows[0][key]:
            distances.plot(epochs, [row[key] for row in rows], marker='.', label=label)
    distances.set(title=f'mean distances, {judge_name}', xlabel='epoch', yscale='log')
    for axes in (losses, accuracies, distances):
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.legend()
    with files.replacing(path) as temporary:
        figure.savefig(temporary)
