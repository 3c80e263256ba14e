"""The feature maps of several runs in one picture, in step: as it ended, and as it came about."""
import os

import numpy as np

from ..data.splits import fixed_sample
from ..errors import UserError
from ..terminal import warn
from . import feature_map, image_files, palette, style
from .class_looks import KEPT
from .frame import BY
from .frames import FrameStore
from .panels import Panel, draw_panels
from .plane import Plane, limits_of

_MOVING, _MOVING_OF_ONE = 6_000, (500, 2_000)  # points of a GIF: in all, and of one panel
_OF_POINTS = ('features', 'labels', 'indices', 'softmax', 'knn', 'sure')
_DPI = 160, 320  # of GIF and PNG


def write_grids(paths, gif_path, runs, class_names=None, caption=''):
    """Draw runs as `write_still` and, what chose the epoch, as `write_moving` does; arguments as theirs.

    Returns the paths written: none where there is no run, so that what was drawn before stays.
    """
    if not runs:
        return []
    for path in paths:
        write_still(path, runs, class_names, caption)
    write_moving(gif_path, judged(runs), class_names, caption)
    return [*paths, gif_path]


def judged(runs):
    """Of {name: {split: frames}} the last split of each."""
    return {name: dict([list(splits.items())[-1]]) for name, splits in runs.items()}


def read_runs(runs):
    """({name: {split: [`Frame`, ...]}}, names of classes or None) of finished runs, {name: (folder, its results.json)}.

    The splits are train and test, if the test images were watched, else train and what chose the epoch. A run of which
    a frame is missing or damaged is left out with a warning.
    """
    read, class_names = {}, None
    for name, (folder, results) in runs.items():
        try:
            read[name] = {split: _frames(folder, split, len(results['history']))
                          for split in shown_splits(folder, results)}
        except UserError as error:
            warn(f'the grids lack {os.path.basename(folder)}: {error}')
        class_names = class_names or results.get('class_names')
    return read, class_names


def shown_splits(folder, results):
    """The names of the two splits that are shown of the run in `folder`, see `read_runs`."""
    watched = os.path.exists(os.path.join(folder, 'test.gif'))
    return 'train', 'test' if watched else results['selection']['on']


def _frames(folder, split, epochs):
    frames, lost = FrameStore(os.path.join(folder, 'frames'), ()).read(split, epochs)
    if lost:
        raise UserError(next(iter(lost.values())))
    return list(frames.values())


def write_still(path, runs, class_names=None, caption=''):
    """Draw the last epoch of runs as PNG, SVG or PDF: a panel a run, a block of panels a split.

    runs: {name: {split: [`Frame`, ...]}}, a frame an epoch. Behind a line break, a name has the loss of the run.
    class_names: by label; without them, labels are digits. caption: what letters in the losses mean.
    """
    with style.applied():
        write_drawn(path, draw_still(runs, class_names, caption))


def draw_still(runs, class_names=None, caption='', room=0):
    """The figure of `write_still`, with so many inches of paper left below."""
    lengths = {len(frames) for splits in runs.values() for frames in splits.values()}
    grid = _Grid({name: {split: frames[-1:] for split, frames in splits.items()} for name, splits in runs.items()},
                 class_names, caption)
    clock = f'after epoch {max(lengths)}' if len(lengths) == 1 else 'after the last epoch of each'
    return grid.draw(0, clock, _DPI[1], room)


def write_drawn(path, figure):
    """Write a figure as PNG of few colours, as SVG or as PDF."""
    if path.endswith('.png'):
        image_files.write_palette_png(path, _image(figure))
    else:
        style.write_figure(path, figure)


def write_moving(path, runs, class_names=None, caption='', dpi=_DPI[0]):
    """Draw the epochs of runs in step, as a GIF; a run with fewer epochs than the longest waits at its last.

    Arguments as of `write_still`.
    """
    count = int(np.clip(_MOVING / len(runs), *_MOVING_OF_ONE))
    grid = _Grid({name: {split: [_thinned(frame, count) for frame in frames] for split, frames in splits.items()}
                  for name, splits in runs.items()}, class_names, caption)
    with style.applied():
        image_files.write_gif(path, (_image(grid.draw(number, f'epoch {number + 1} of {grid.epochs}', dpi))
                                     for number in range(grid.epochs)))


def _thinned(frame, count):
    """A frame with so many points at most."""
    shown = fixed_sample(len(frame.labels), count)
    return frame._replace(**{key: value[shown] for key, value in frame.arrays().items() if key in _OF_POINTS})


class _Grid:
    """Runs as `write_still` has them, each on a plane and with limits of its own, see `limits_of`.

    Their own, as features of one loss can be a hundred times as long as those of another.
    """

    def __init__(self, runs, class_names, caption):
        frames = [frame for splits in runs.values() for frames in splits.values() for frame in frames]
        axes = 'axes of more than two features: their first two principal components' * any(
            frame.features.shape[1] > 2 for frame in frames)
        self._runs, self._caption = runs, '; '.join(filter(None, [caption, axes]))
        self._class_names = class_names or tuple(map(str, range(1 + max(frame.labels.max() for frame in frames))))
        methods = {frame.method for frame in frames} - {None}
        self._ring = ' '.join(['wrongly classified', *(BY[method] for method in methods if len(methods) == 1)])
        self.epochs = max(len(frames) for splits in runs.values() for frames in splits.values())
        self._maps, self._limits = {}, {}
        for name, splits in runs.items():
            plane = Plane(next(iter(splits.values()))[-1].features)
            self._maps[name] = {split: [_map(name, frame, plane) for frame in frames]
                                for split, frames in splits.items()}
            self._limits[name] = limits_of(list(zip(*self._maps[name].values())))

    def draw(self, number, clock, dpi, room=0):
        """The figure of the epoch `number`, from 0 on."""
        splits = dict.fromkeys(split for splits in self._runs.values() for split in splits)
        return draw_panels({split: [self._panel(name, split, number) for name in self._runs] for split in splits},
                           self._class_names, clock, self._ring, self._caption, dpi, room)

    def _panel(self, name, split, number):
        frames = self._runs[name].get(split)
        if not frames:
            return None
        last = min(number, len(frames) - 1)
        below = tuple(f'{accuracy * 100:.2f} % {by}' for accuracy, by in zip(frames[last].accuracies, BY.values())
                      if not np.isnan(accuracy))
        return Panel(self._maps[name][split][last], self._limits[name][last], below,
                     f'ended with epoch {len(frames)}' if number > last else '')


def _map(name, frame, plane):
    centers = None if frame.centers is None else plane.project(frame.centers)
    return feature_map.FeatureMap(plane.project(frame.features), frame.labels, centers, name, frame.wrong, frame.note)


def _image(figure):
    figure.canvas.draw()
    return palette.round_greys(np.asarray(figure.canvas.buffer_rgba())[..., :3], KEPT)
