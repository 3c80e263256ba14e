"""The pictures of a run: feature maps kept after every epoch, and the GIFs and curves made of them at its end."""
from ..data.splits import fixed_sample
from ..terminal import warn
from . import fonts
from .curves import write_run_curves
from .frame import frame_of
from .frames import FrameStore
from .thumbnails import find_thumbnails, write_thumbnails

_SAMPLE = 10_000  # training images looked at after an epoch, so that looking costs less than learning


class RunPictures:
    """The pictures of the run whose files are `paths`, a `RunPaths`.

    train: the Split it learns from, of which `sample` is what is drawn. class_names: by label. picture_format: of the
    curves and of the map, 'png', 'svg' or 'pdf'. watched: {name: Split} of what is looked at after every epoch beside
    `sample` and what chooses the epoch. views: {name: images of a split}, of which small copies are kept.
    layers: see `frame_maps.map_of`.
    """

    def __init__(self, paths, train, class_names, picture_format='png', watched=None, views=None, layers=None):
        self.sample = sample_of(train)
        self.watched = watched or {}  # may be what chooses the epoch, which is looked at once
        self._views = views or {}
        self._map = paths.output('map.' + picture_format)
        self._paths = paths
        self._curves = paths.output('curves.' + picture_format)
        self._class_names = class_names
        self._frames = FrameStore(paths.output('frames'), class_names, paths.prefix, layers)

    def keep(self, name, epoch, evaluator, weights=None):
        """Keep the feature map of an epoch. evaluator: an `Evaluator` of the split `name`. weights: see `Frame`."""
        frame = frame_of(evaluator, weights)
        self._frames.add(name, epoch, frame)
        thumbnails = self._paths.output('frames', name + '-images')
        if name in self._views and not find_thumbnails(thumbnails):
            write_thumbnails(thumbnails, self._views[name], frame.indices)

    def check(self, judge, epochs):
        """Say so if frames of the epochs 1 to `epochs` are lost, while they might still be put back."""
        for name in self._names(judge):
            self._warn(name, self._frames.lost(name, epochs), epochs)

    def draw(self, judge, history):
        """Write NAME.gif of each split that was looked at, and the curves. judge: the name of what chose the epoch.

        Names of classes that cannot be drawn go into classes.txt, by number."""
        gif_paths = {name: self._paths.output(name + '.gif') for name in self._names(judge)}
        for name, lost in self._frames.render(gif_paths, len(history)).items():
            self._warn(name, lost, len(history))
        fonts.write_legend(self._paths.output('classes.txt'), self._class_names)
        write_run_curves(self._curves, history, judge)

    def draw_map(self, epoch, test, weights=None):
        """Write the map of the chosen epoch, training images as they were kept on the left, test images on the right.

        test: an `Evaluator` of the test images at that epoch, whose frame is kept too. weights: see `Frame`.
        """
        self._frames.keep('test', epoch, frame_of(test, weights))
        self._frames.write_map(self._map, ('train', 'test'), epoch)

    def _names(self, judge):
        return dict.fromkeys(['train', judge, *self.watched])

    def _warn(self, name, lost, epochs):
        if lost:
            warn(_lost_frames_warning(name, lost, epochs))


def sample_of(train):
    """What is drawn of a training `Split`: the same images at every call."""
    return train.take(fixed_sample(len(train.labels), _SAMPLE))


def _lost_frames_warning(name, lost, epochs):
    """name: of the GIF's split. lost: {epoch: why}, of the epochs 1 to `epochs`."""
    which = ', '.join(map(str, list(lost)[:5])) + (', ...' if len(lost) > 5 else '')
    return f'{len(lost)} of {epochs} frames of {name}.gif are lost, epoch {which}: {next(iter(lost.values()))}'
