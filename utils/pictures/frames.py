"""The features of every epoch of a run, on disk, and the pictures made of them."""
import contextlib
import os

import numpy as np

from ..errors import UserError
from ..storage.npz import write_npz
from . import feature_map, image_files
from .frame import BY, read_frame
from .frame_maps import empty_map, map_of, write_side_by_side
from .plane import Plane, common_limits, limits_of

_FRAME_BYTES = 58_000  # of a GIF, on average of the epochs that it is judged by: 30 epochs stay under 2 MB
_FEWEST = 200  # points that a map keeps


class FrameStore:
    """Keeps frames in `folder`, so that a run that was cut off and resumed still has them all.

    Files: NAME-001.npz, a `Frame`, and beside it NAME-001.png. class_names: by label. title: of the run. layers: see
    `map_of`.
    """

    def __init__(self, folder, class_names, title='', layers=None):
        self._folder = folder
        self._class_names = class_names
        self._title = title
        self._layers = layers

    def keep(self, name, epoch, frame):
        """Keep a `Frame`."""
        write_npz(self._path(name, epoch), frame.arrays())

    def add(self, name, epoch, frame):
        """Keep a `Frame`, and draw it with axes of its own: those of the whole run are known at its end."""
        self.keep(name, epoch, frame)
        plane = Plane(frame.features)
        one = self._map(name, epoch, frame, plane)
        self._draw(name, epoch, one, common_limits([one]), plane)

    def lost(self, name, epochs):
        """{epoch: why} of those of the epochs 1 to `epochs` whose frame of `name` is missing or damaged."""
        return self.read(name, epochs)[1]

    def render(self, gif_paths, epochs):
        """Draw the frames of the epochs 1 to `epochs` again, all on one plane, and write a GIF of each name.

        gif_paths: {name: path}. Maps of an epoch have the same limits, see `limits_of`; the plane is that of the last
        frame of the first name. Where a frame is lost, an empty one takes its place, so that the GIF keeps in step with
        the epochs; without any frame of a name, its GIF is not written. Where all points would make a GIF too large, it
        and its PNGs have fewer. Returns {name: what `lost` says}.
        """
        plane, maps, lost = None, {}, {}
        for name in gif_paths:
            frames, lost[name] = self.read(name, epochs)
            if frames:
                plane = plane or Plane(frames[max(frames)].features)
                maps[name] = {epoch: self._map(name, epoch, frame, plane) for epoch, frame in frames.items()}
        if maps:
            numbers = range(1, epochs + 1)
            limits = limits_of([[those[epoch] for those in maps.values() if epoch in those] for epoch in numbers])
            for name, those in maps.items():
                those = self._thinned(those, limits, plane)
                image_files.write_gif(gif_paths[name], [
                    self._draw(name, epoch, those.get(epoch), limits[epoch - 1], plane, next(iter(those.values())))
                    for epoch in numbers])
        return lost

    def write_map(self, path, names, epoch):
        """Draw the frames of one epoch side by side; of those that are lost `render` has told."""
        titled = {}
        for name in names:
            with contextlib.suppress(UserError):
                frame = self._read(name, epoch)
                titled[f'{self._title}: {name}, epoch {epoch}{frame.judged_by(*BY)}'] = frame
        write_side_by_side(path, titled, self._class_names, self._layers)

    def read(self, name, epochs):
        """({epoch: `Frame`}, {epoch: why there is none}) of the epochs 1 to `epochs`."""
        frames, lost = {}, {}
        for epoch in range(1, epochs + 1):
            try:
                frames[epoch] = self._read(name, epoch)
            except UserError as error:
                lost[epoch] = str(error)
        return frames, lost

    def _path(self, name, epoch, suffix='.npz'):
        return os.path.join(self._folder, f'{name}-{epoch:03d}{suffix}')

    def _read(self, name, epoch):
        return read_frame(self._path(name, epoch))

    def _map(self, name, epoch, frame, plane):
        return map_of(frame, plane, f'{self._title}: {name}, epoch {epoch}{frame.judgement}', self._layers)

    def _thinned(self, maps, limits, plane):
        """{epoch: `FeatureMap`} with as many points as the size of a GIF allows, judged by three of the epochs."""
        judged = sorted({list(maps)[place] for place in (0, len(maps) // 2, -1)})
        count = max(len(one.labels) for one in maps.values())
        while True:
            thinned = {epoch: one.thinned(count) for epoch, one in maps.items()}
            content = image_files.gif_of([feature_map.draw_feature_map(
                thinned[epoch], limits[epoch - 1], plane.axis_names, self._class_names) for epoch in judged])
            if len(content) <= _FRAME_BYTES * len(judged) or count <= _FEWEST:
                return thinned
            count = max(count // 2, _FEWEST)

    def _draw(self, name, epoch, one, limits, plane, like=None):
        """Draw a `FeatureMap`, or None where it was lost, as wide as that of `like`; returns the image."""
        if one is None:
            one = empty_map(f'{self._title}: {name}, epoch {epoch}: its frame was lost', plane)
        classes = None if like is None else np.unique(like.labels)
        image = feature_map.draw_feature_map(one, limits, plane.axis_names, self._class_names, classes)
        image_files.write_png(self._path(name, epoch, '.png'), image)
        return image
