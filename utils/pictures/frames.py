"""The features of every epoch of a run, on disk, and the pictures made of them."""
import os

import numpy as np

from ..errors import UserError
from ..storage.npz import read_npz, write_npz
from . import feature_map, image_files

_ARRAYS = ('features', 'labels', 'title')


class FrameStore:
    """Keeps frames in `folder`, so that a run that was cut off and resumed still has them all.

    Files: NAME-001.npz with what a `FeatureMap` has, and beside it NAME-001.png. class_names: by label.
    """

    def __init__(self, folder, class_names):
        self._folder = folder
        self._class_names = class_names

    def add(self, name, epoch, features, labels, centers, title, wrong=None, note=''):
        """Keep one frame, and draw it with axes of its own: those of the whole run are known at its end.

        features: (N, D). centers: (C, D) or None. labels, wrong, note: as in `FeatureMap`.
        """
        arrays = {'features': features.astype(np.float32), 'labels': labels, 'title': np.array(title),
                  'note': np.array(note)}
        arrays.update({key: value for key, value in (('centers', centers), ('wrong', wrong)) if value is not None})
        write_npz(self._path(name, epoch), arrays)
        self._draw(name, {epoch: arrays})

    def lost(self, name, epochs):
        """{epoch: why} of those of the epochs 1 to `epochs` whose frame of `name` is missing or damaged."""
        return self._read(name, epochs)[1]

    def render(self, name, epochs, gif_path):
        """Draw the frames of `name` of the epochs 1 to `epochs` again, with the same axes, and write them as one GIF.

        Where a frame is lost, an empty one takes its place, so that the GIF keeps in step with the epochs; without any
        frame, no GIF is written. Returns what `lost` does.
        """
        frames, lost = self._read(name, epochs)
        if frames:
            images = self._draw(name, {epoch: frames.get(epoch) for epoch in range(1, epochs + 1)})
            image_files.write_gif(gif_path, images)
        return lost

    def _path(self, name, epoch, suffix='.npz'):
        return os.path.join(self._folder, f'{name}-{epoch:03d}{suffix}')

    def _read(self, name, epochs):
        """({epoch: arrays}, {epoch: why there are none})."""
        frames, lost = {}, {}
        for epoch in range(1, epochs + 1):
            try:
                frames[epoch] = read_npz(self._path(name, epoch), _ARRAYS)
            except UserError as error:
                lost[epoch] = str(error)
        return frames, lost

    def _draw(self, name, frames):
        """Draw {epoch: arrays, or None} on one plane, the last frame's, with common limits; returns the images."""
        there = [arrays for arrays in frames.values() if arrays]
        plane = feature_map.Plane(there[-1]['features'])
        limits = feature_map.common_limits([_feature_map(arrays, plane) for arrays in there])
        images = []
        for epoch, arrays in frames.items():
            one = _feature_map(arrays, plane) if arrays else _empty_map(f'{name}, epoch {epoch}: its frame was lost')
            images.append(feature_map.draw_feature_map(one, limits, plane.axis_names, self._class_names))
            image_files.write_png(self._path(name, epoch, '.png'), images[-1])
        return images


def _feature_map(arrays, plane):
    centers = plane.project(arrays['centers']) if 'centers' in arrays else None
    return feature_map.FeatureMap(plane.project(arrays['features']), arrays['labels'], centers, str(arrays['title']),
                                  arrays.get('wrong'), str(arrays.get('note', '')))  # frames of earlier versions


def _empty_map(title):
    return feature_map.FeatureMap(np.zeros((0, 2)), np.zeros(0, int), None, title)
