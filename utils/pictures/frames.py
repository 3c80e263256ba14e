"""The features of every epoch of a run, on disk, and the pictures made of them."""
import os

import numpy as np

from ..errors import UserError
from ..storage.npz import read_npz, write_npz
from . import feature_map, image_files
from .frame import Frame

_ARRAYS = ('features', 'labels', 'indices', 'accuracies', 'collapsed')


class FrameStore:
    """Keeps frames in `folder`, so that a run that was cut off and resumed still has them all.

    Files: NAME-001.npz, a `Frame`, and beside it NAME-001.png. class_names: by label. title: of the run.
    """

    def __init__(self, folder, class_names, title=''):
        self._folder = folder
        self._class_names = class_names
        self._title = title

    def add(self, name, epoch, frame):
        """Keep a `Frame`, and draw it with axes of its own: those of the whole run are known at its end."""
        write_npz(self._path(name, epoch), frame.arrays())
        self._draw(name, {epoch: frame})

    def lost(self, name, epochs):
        """{epoch: why} of those of the epochs 1 to `epochs` whose frame of `name` is missing or damaged."""
        return self.read(name, epochs)[1]

    def render(self, name, epochs, gif_path):
        """Draw the frames of `name` of the epochs 1 to `epochs` again, with the same axes, and write them as one GIF.

        Where a frame is lost, an empty one takes its place, so that the GIF keeps in step with the epochs; without any
        frame, no GIF is written. Returns what `lost` does.
        """
        frames, lost = self.read(name, epochs)
        if frames:
            images = self._draw(name, {epoch: frames.get(epoch) for epoch in range(1, epochs + 1)})
            image_files.write_gif(gif_path, images)
        return lost

    def _path(self, name, epoch, suffix='.npz'):
        return os.path.join(self._folder, f'{name}-{epoch:03d}{suffix}')

    def read(self, name, epochs):
        """({epoch: `Frame`}, {epoch: why there is none}) of the epochs 1 to `epochs`."""
        frames, lost = {}, {}
        for epoch in range(1, epochs + 1):
            try:
                frames[epoch] = Frame(**read_npz(self._path(name, epoch), _ARRAYS))
            except UserError as error:
                lost[epoch] = str(error)
        return frames, lost

    def _draw(self, name, frames):
        """Draw {epoch: `Frame` or None} on one plane, the last one's, with common limits; returns the images."""
        there = [frame for frame in frames.values() if frame]
        plane = feature_map.Plane(there[-1].features)
        limits = feature_map.common_limits([self._map(frame, plane, '') for frame in there])
        images = []
        for epoch, frame in frames.items():
            title = f'{self._title}: {name}, epoch {epoch}'
            one = self._map(frame, plane, title) if frame else _empty_map(f'{title}: its frame was lost')
            images.append(feature_map.draw_feature_map(one, limits, plane.axis_names, self._class_names))
            image_files.write_png(self._path(name, epoch, '.png'), images[-1])
        return images

    def _map(self, frame, plane, title):
        centers = None if frame.centers is None else plane.project(frame.centers)
        return feature_map.FeatureMap(plane.project(frame.features), frame.labels, centers, title + frame.judgement,
                                      frame.wrong, frame.note)


def _empty_map(title):
    return feature_map.FeatureMap(np.zeros((0, 2)), np.zeros(0, int), None, title)
