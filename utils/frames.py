"""The features of every epoch of a run, on disk, and the pictures made of them."""
import glob
import os

import numpy as np

from . import files, plotting
from .npz import read_npz


class FrameStore:
    """Keeps frames in `folder`, so that a run that was cut off and resumed still has them all.

    Files: NAME-001.npz with features, labels, title and centres, and beside it NAME-001.png. class_names: by label.
    """

    def __init__(self, folder, class_names):
        self._folder = folder
        self._class_names = class_names

    def add(self, name, epoch, features, labels, centers, title):
        """Keep one frame, and draw it with axes of its own: those of the whole run are known at its end.

        features: (N, D). labels: (N,). centers: (C, D) or None.
        """
        arrays = {'features': features.astype(np.float32), 'labels': labels, 'title': np.array(title)}
        if centers is not None:
            arrays['centers'] = centers
        stem = os.path.join(self._folder, f'{name}-{epoch:03d}')
        with files.replacing(stem + '.npz') as temporary:
            np.savez(temporary, **arrays)
        self._draw([stem + '.npz'])

    def render(self, name, gif_path):
        """Draw all frames of `name` again, with the same axes, and write them as one GIF."""
        plotting.write_gif(gif_path, self._draw(self._paths(name + '-*', '.npz')))

    def _paths(self, pattern, suffix):
        return sorted(glob.glob(os.path.join(glob.escape(self._folder), pattern + suffix)))

    def _draw(self, paths):
        """Draw the frames in `paths` on one plane, the last frame's, with common limits; returns the images."""
        frames = [read_npz(path, ('features', 'labels', 'title')) for path in paths]
        plane = plotting.Plane(frames[-1]['features'])
        maps = [plotting.FeatureMap(plane.project(frame['features']), frame['labels'],
                                    plane.project(frame['centers']) if 'centers' in frame else None,
                                    str(frame['title'])) for frame in frames]
        limits = plotting.common_limits(maps)
        images = [plotting.draw_feature_map(one, limits, plane.axis_names, self._class_names) for one in maps]
        for path, image in zip(paths, images):
            plotting.write_png(path[:-len('.npz')] + '.png', image)
        return images
