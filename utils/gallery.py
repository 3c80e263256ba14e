"""The pictures of a comparison: runs one below the other, and their curves in one plot."""
import glob
import os

import imageio.v2 as imageio
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from . import files, plotting

_PNG_COLORS = 256  # as many as a palette has


def _frame_paths(run_folder):
    """[train frames, validation or test frames] of a run, each a list of PNG paths by epoch."""
    paths = sorted(glob.glob(os.path.join(glob.escape(run_folder), 'frames', '*.png')))
    names = sorted({os.path.basename(path).rsplit('-', 1)[0] for path in paths} - {'train'})
    return [[path for path in paths if os.path.basename(path).startswith(name + '-')] for name in ('train', *names)]


def write_grids(png_path, gif_path, run_folders):
    """Tile the feature maps of runs: a row a run, train on the left; the last epoch as PNG, all of them as GIF.

    A run with fewer epochs than the longest waits at its last. The GIF is drawn at half size. All have frames.
    """
    rows = [_frame_paths(folder) for folder in run_folders]
    epochs = max(len(paths) for row in rows for paths in row)

    def grid(epoch):
        return np.vstack([np.hstack([imageio.imread(paths[min(epoch, len(paths) - 1)])[..., :3] for paths in row])
                          for row in rows])
    write_palette_png(png_path, grid(epochs - 1))
    plotting.write_gif(gif_path, [_half_size(grid(epoch)) for epoch in range(epochs)])


def write_palette_png(path, image):
    """Write an (H, W, 3) uint8 image in the 256 colours that suit it, exactly if it has no more.

    A feature map has thousands, nearly all of them blends at the rims of points and letters: in the nearest of 256 it
    looks the same, in a third of the bytes.
    """
    few = Image.fromarray(image).quantize(_PNG_COLORS, method=Image.Quantize.MAXCOVERAGE, kmeans=1)
    with files.replacing(path) as temporary:
        few.save(temporary, optimize=True)


def _half_size(image):
    """The mean of each 2x2 pixels of an (H, W, 3) uint8 image with even sides."""
    height, width, _ = image.shape
    return image.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3)).astype(np.uint8)


def write_curves(path, histories):
    """Plot accuracy, and recall where there is some, over the epochs: mean and spread over seeds, a style for each run.

    histories: {run: [history of a seed, ...]}, a history being the list of rows in results.json.
    """
    plots = [(title, lines) for title, lines in (
        (title, {name: _values(runs, key) for name, runs in histories.items()})
        for key, title in (('softmax', 'accuracy by softmax'), ('knn', 'accuracy by nearest centre'),
                           ('recall_at_1', 'recall at 1'))) if any(line is not None for line in lines.values())]
    figure = Figure(figsize=(6 * max(1, len(plots)), 5), dpi=80, layout='constrained')
    FigureCanvasAgg(figure)
    styles = {name: {'color': f'C{i % 10}', 'linestyle': '-' if i < 10 else '--'} for i, name in enumerate(histories)}
    for axes, (title, lines) in zip(figure.subplots(1, max(1, len(plots)), squeeze=False)[0], plots):
        for name, values in lines.items():
            if values is not None:
                _plot_mean(axes, name, values, styles[name])
        axes.set(title=f'{title}, on what chooses the epoch', xlabel='epoch')
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    with files.replacing(path) as temporary:
        figure.savefig(temporary)


def _values(runs, key):
    """(seeds, epochs) of one column, as far as all seeds have come; None where it says nothing."""
    length = min(len(run) for run in runs)
    values = np.array([[row.get(key) for row in run[:length]] for run in runs], dtype=float)
    return None if np.isnan(values).any() else values


def _plot_mean(axes, name, values, style):
    epochs, mean = np.arange(1, values.shape[1] + 1), values.mean(axis=0)
    axes.plot(epochs, mean, marker='.', label=name, **style)
    if len(values) > 1:
        std = values.std(axis=0, ddof=1)
        low, high = np.clip([mean - std, mean + std], 0, 1)  # shares: a spread above 1 would be of nothing
        axes.fill_between(epochs, low, high, color=style['color'], alpha=0.15, lw=0)
