"""The pictures of a comparison: runs one below the other, and their curves in one plot."""
import glob
import os

import imageio.v2 as imageio
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from . import files, plotting


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
    plotting.write_png(png_path, grid(epochs - 1))
    plotting.write_gif(gif_path, [_half_size(grid(epoch)) for epoch in range(epochs)])


def _half_size(image):
    """The mean of each 2x2 pixels of an (H, W, 3) uint8 image with even sides."""
    height, width, _ = image.shape
    return image.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3)).astype(np.uint8)


def write_curves(path, histories):
    """Plot accuracy over the epochs, mean and spread over seeds.

    histories: {run: [history of a seed, ...]}, a history being the list of rows in results.json.
    """
    figure = Figure(figsize=(12, 5), dpi=80, layout='constrained')
    FigureCanvasAgg(figure)
    for axes, key, title in zip(figure.subplots(1, 2), ('softmax', 'knn'), ('by softmax', 'by nearest centre')):
        for name, runs in histories.items():
            length = min(len(run) for run in runs)
            values = np.array([[row[key] for row in run[:length]] for run in runs], dtype=float)
            if np.isnan(values).any():  # no centres
                continue
            epochs, mean = np.arange(1, length + 1), values.mean(axis=0)
            line, = axes.plot(epochs, mean, marker='.', label=name)
            if len(runs) > 1:
                std = values.std(axis=0, ddof=1)
                axes.fill_between(epochs, mean - std, mean + std, color=line.get_color(), alpha=0.15, lw=0)
        axes.set(title=f'accuracy {title}, on what chooses the epoch', xlabel='epoch')
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend(fontsize=8)
    with files.replacing(path) as temporary:
        figure.savefig(temporary)
