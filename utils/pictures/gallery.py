"""The pictures of a comparison: runs one below the other, and their curves in one plot."""
import math
import os

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from ..errors import UserError
from ..progress import Progress
from ..storage import files
from ..storage.reading import open_regular
from . import palette, plotting

_PANEL = (6, 5)  # inches
_DASHES = ('-', '--', ':', '-.')
_MARKERS = '.x^s'


def write_grids(png_path, gif_path, runs):
    """Tile the feature maps of runs: a row a run, train on the left; the last epoch as PNG, all of them as GIF.

    runs: {folder: its results.json}. A run with fewer epochs than the longest waits at its last. The GIF is drawn at
    half size. A run of which a picture is missing or damaged is left out with a warning. Returns the paths written:
    none where no run is left, so that what was drawn before stays.
    """
    # Photos' classes have names in results.json; digits have none, and are of ten.
    class_count = max((len(results.get('class_names', range(10))) for results in runs.values()), default=0)
    rows = []
    for folder, results in runs.items():
        try:
            rows.append(_row(folder, results['selection']['on'], len(results['history']), class_count))
        except UserError as error:
            Progress.say(f'warning: the grids lack {os.path.basename(folder)}: {error}')
    if not rows:
        return []
    plotting.write_palette_png(png_path, np.vstack([whole for whole, _ in rows]), class_count)
    plotting.write_gif(gif_path, [np.vstack([halves[min(epoch, len(halves) - 1)] for _, halves in rows])
                                  for epoch in range(max(len(halves) for _, halves in rows))], class_count)
    return [png_path, gif_path]


def _row(folder, judge_name, epochs, class_count):
    """(the last of `epochs`, [each of them at half size]): training images on the left, `judge_name` on the right."""
    halves = []
    for epoch in range(1, epochs + 1):
        whole = np.hstack([_frame(os.path.join(folder, 'frames', f'{name}-{epoch:03d}.png'))
                           for name in ('train', judge_name)])
        halves.append(palette.round_greys(_half_size(whole), plotting.class_colors(class_count)))
    return whole, halves


def _frame(path):
    """A feature map as an array; raises UserError, one line, if it is not there or damaged."""
    try:
        with open_regular(path) as file, Image.open(file) as image:
            drawn = np.asarray(image.convert('RGB'))
    except FileNotFoundError as error:
        raise UserError(f'there is no {path}') from error
    except Exception as error:  # Pillow raises many kinds, SyntaxError and zlib.error among them
        raise UserError(f'{path} is damaged: {str(error).partition(chr(10))[0]}') from error
    if drawn.shape[:2] != (plotting.PIXELS, plotting.PIXELS):
        raise UserError(f'{path} is no feature map: its size is {drawn.shape[1]} x {drawn.shape[0]} pixels')
    return drawn


def _half_size(image):
    """The mean of each 2x2 pixels of an (H, W, 3) uint8 image with even sides."""
    height, width, _ = image.shape
    return image.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3)).astype(np.uint8)


def write_curves(path, histories):
    """Plot accuracy, and recall where there is some, over the epochs: mean and spread over seeds, a style for each run.

    histories: {run: [history of a seed, ...]}, a history being the list of rows in results.json.
    """
    figure = _draw_curves(histories)
    with files.replacing(path) as temporary:
        figure.savefig(temporary)


def _draw_curves(histories):
    """The figure: a panel a column, under them one legend of the runs that have a curve in any of them."""
    plots = [(title, lines) for title, lines in (
        (title, {name: _values(runs, key) for name, runs in histories.items()})
        for key, title in (('softmax', 'accuracy by softmax'), ('knn', 'accuracy by nearest centre'),
                           ('recall_at_1', 'recall at 1'))) if any(line is not None for line in lines.values())]
    count = max(1, len(plots))
    figure = Figure(figsize=(_PANEL[0] * count, _PANEL[1]), dpi=80, layout='constrained')
    FigureCanvasAgg(figure)
    styles = {name: _style(number) for number, name in enumerate(histories)}
    for axes, (title, lines) in zip(figure.subplots(1, count, squeeze=False)[0], plots):
        for name, values in lines.items():
            if values is not None:
                _plot_mean(axes, values, styles[name])
        axes.set(title=f'{title}, on what chooses the epoch', xlabel='epoch')
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
    drawn = [name for name in histories if any(lines[name] is not None for _, lines in plots)]
    if drawn:
        _add_legend(figure, [Line2D([], [], label=name, **styles[name]) for name in drawn])
    return figure


def _style(number):
    """How a run is drawn in every panel; 160 differ."""
    return {'color': f'C{number % 10}', 'linestyle': _DASHES[number // 10 % 4], 'marker': _MARKERS[number // 40 % 4],
            'markersize': 6 if number < 40 else 3.5}


def _add_legend(figure, handles):
    """A legend under the panels, in as many columns as fit; the figure grows by what it takes."""
    def add(columns):
        return figure.legend(handles=handles, ncols=columns, loc='outside lower center', fontsize=8,
                             columnspacing=1, handlelength=3.2)
    single = add(1)
    width = single.get_window_extent(figure.canvas.get_renderer()).width / figure.dpi
    single.remove()
    figure.set_figwidth(max(figure.get_figwidth(), width + 0.2))
    rows = math.ceil(len(handles) / max(1, int((figure.get_figwidth() - 0.2) / width)))
    legend = add(math.ceil(len(handles) / rows))
    height = legend.get_window_extent(figure.canvas.get_renderer()).height / figure.dpi
    figure.set_figheight(figure.get_figheight() + height)


def _values(runs, key):
    """(seeds, epochs) of one column, as far as all seeds have come; None where it says nothing."""
    length = min(len(run) for run in runs)
    values = np.array([[row.get(key) for row in run[:length]] for run in runs], dtype=float)
    return None if np.isnan(values).any() else values


def _plot_mean(axes, values, style):
    epochs, mean = np.arange(1, values.shape[1] + 1), values.mean(axis=0)
    axes.plot(epochs, mean, **style)
    if len(values) > 1:
        std = values.std(axis=0, ddof=1)
        low, high = np.clip([mean - std, mean + std], 0, 1)  # shares: a spread above 1 would be of nothing
        axes.fill_between(epochs, low, high, color=style['color'], alpha=0.15, lw=0)
