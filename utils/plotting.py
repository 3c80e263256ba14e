"""Feature maps, their GIFs, and training curves."""
import os
from typing import NamedTuple, Optional

import matplotlib
import numpy as np

matplotlib.use('Agg')
import imageio.v2 as imageio  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402

from . import files  # noqa: E402

_PIXELS = 480  # width and height of a feature map
_DPI = 80
_FRAME_MS = 400
_LAST_FRAME_MS = 2400  # so that the end can be looked at before the GIF starts again
_GIF_COLORS = 64


class FeatureMap(NamedTuple):
    """Features of one set of images at one epoch. points: (N, 2). labels: (N,). centers: (C, 2) or None."""
    points: np.ndarray
    labels: np.ndarray
    centers: Optional[np.ndarray]
    title: str


def project(features, reference):
    """Features (N, D) in the plane, as (points (N, 2), axis names).

    One feature is drawn against 0, two as they are, more by the two principal components of `reference` (M, D): the same
    plane for every frame that shares a reference.
    """
    size = features.shape[1]
    if size == 1:
        return np.hstack([features, np.zeros_like(features)]), ('feature 1', '')
    if size == 2:
        return features, ('feature 1', 'feature 2')
    mean = reference.mean(axis=0)
    _, lengths, axes = np.linalg.svd(reference - mean, full_matrices=False)
    share = lengths ** 2 / (lengths ** 2).sum()
    names = tuple(f'principal component {i + 1} of {size} features ({share[i]:.0%} of variance)' for i in range(2))
    return (features - mean) @ axes[:2].T, names


def common_limits(maps):
    """(low, high), two (2,) corners of a square that holds nearly all points of all `maps`; a few outliers may not fit."""
    corners = []
    for one in maps:
        corners.extend(np.percentile(one.points, [0.2, 99.8], axis=0))
        if one.centers is not None:
            corners.extend(one.centers)
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    half = max((high - low).max() / 2 * 1.08, 1e-6)
    middle = (low + high) / 2
    return middle - half, middle + half


def draw_feature_map(one, limits, axis_names, class_names):
    """A `FeatureMap` as an RGB image, (480, 480, 3) uint8; colours follow the class."""
    figure = plt.figure(figsize=(_PIXELS / _DPI, _PIXELS / _DPI), dpi=_DPI)
    axes = figure.add_axes([0.11, 0.09, 0.86, 0.85])
    colors = plt.get_cmap('tab10' if len(class_names) <= 10 else 'gist_ncar')(
        np.arange(len(class_names)) if len(class_names) <= 10 else np.linspace(0, 0.95, len(class_names)))
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
    figure.canvas.draw()
    image = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
    plt.close(figure)
    return image


def write_png(path, image):
    """Write an (H, W, 3) uint8 image."""
    with files.replacing(path) as temporary:
        imageio.imwrite(temporary, image, format='PNG')


def write_gif(path, images):
    """Write (H, W, 3) uint8 images as a looping GIF with few colours, each frame only where it differs."""
    durations = [_FRAME_MS] * (len(images) - 1) + [_LAST_FRAME_MS]
    with files.replacing(path) as temporary:
        imageio.mimwrite(temporary, images, format='GIF', duration=durations, loop=0)


def write_curves(path, rows, split_name):
    """Plot the losses and accuracies of history `rows` (see `utils.history`) over the epochs."""
    epochs = [row['epoch'] for row in rows]
    figure, (losses, accuracies) = plt.subplots(1, 2, figsize=(10, 4), layout='constrained')
    for key, label in (('softmax_loss', 'softmax'), ('center_loss', 'center')):
        if rows[0][key]:  # center loss is 0 throughout where it is off
            losses.plot(epochs, [row[key] for row in rows], marker='.', label=label)
    losses.set(title='training losses', xlabel='epoch', yscale='log')
    for key, label in (('train_accuracy', 'training, by softmax'), ('softmax', f'{split_name}, by softmax'),
                       ('knn', f'{split_name}, by nearest centre')):
        if rows[0][key] is not None:
            accuracies.plot(epochs, [row[key] for row in rows], marker='.', label=label)
    accuracies.set(title='accuracies', xlabel='epoch')
    for axes in (losses, accuracies):
        axes.grid(alpha=0.3)
        axes.legend()
    with files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI)
    plt.close(figure)


class FrameStore:
    """The features of every epoch of a run, on disk, so that a resumed run still has all its frames.

    Files: `folder`/NAME-001.npz with features, labels and centres, and beside it NAME-001.png once it is drawn.
    """

    def __init__(self, folder, class_names):
        self._folder = folder
        self._class_names = class_names

    def clear(self):
        """Remove the frames of an earlier run."""
        if os.path.isdir(self._folder):
            for name in os.listdir(self._folder):
                if name.endswith(('.npz', '.png')):
                    os.remove(os.path.join(self._folder, name))

    def add(self, name, epoch, features, labels, centers, title):
        """Keep one frame and draw it with axes of its own: those of the whole run are known at its end."""
        path = os.path.join(self._folder, f'{name}-{epoch:03d}')
        arrays = {'features': features.astype(np.float32), 'labels': labels, 'title': np.array(title)}
        if centers is not None:
            arrays['centers'] = centers
        with files.replacing(path + '.npz') as temporary:
            np.savez(temporary, **arrays)
        frame = self._load(path + '.npz')
        self._draw([path + '.png'], [frame])

    def render(self, name, gif_path):
        """Draw all frames of `name` again with common axes, and write them as one GIF."""
        stems = sorted(os.path.join(self._folder, file_name[:-4]) for file_name in os.listdir(self._folder)
                       if file_name.startswith(name + '-') and file_name.endswith('.npz'))
        images = self._draw([stem + '.png' for stem in stems], [self._load(stem + '.npz') for stem in stems])
        write_gif(gif_path, images)

    @staticmethod
    def _load(path):
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)

    def _draw(self, paths, frames):
        reference = frames[-1]['features']
        maps = []
        for frame in frames:
            points, axis_names = project(frame['features'], reference)
            centers = project(frame['centers'], reference)[0] if 'centers' in frame else None
            maps.append(FeatureMap(points, frame['labels'], centers, str(frame['title'])))
        limits = common_limits(maps)
        images = [draw_feature_map(one, limits, axis_names, self._class_names) for one in maps]
        for path, image in zip(paths, images):
            write_png(path, image)
        return images
