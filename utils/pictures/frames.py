"""The features of every epoch of a run, on disk, and the pictures made of them."""
import contextlib
import os
from typing import NamedTuple

import numpy as np

from ..errors import UserError
from ..storage.npz import write_npz
from . import feature_map, image_files
from .frame import BY, read_frame
from .frame_maps import empty_map, map_of, write_side_by_side
from .plane import Plane, common_limits, corners_of, limits_of

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
        plane, seen, lost = None, {}, {}
        for name in gif_paths:
            plane = plane or self._last_plane(name, epochs)
            seen[name], lost[name] = self._look_at(name, epochs, plane)
        numbers = range(1, epochs + 1)
        if plane:
            limits = limits_of([[those[epoch].corners for those in seen.values() if epoch in those]
                                for epoch in numbers])
        for name, those in seen.items():
            if those:
                count = self._fitting_count(name, those, limits, plane)
                classes = np.unique(self._map_again(name, min(those), plane, count).labels)
                image_files.write_gif(gif_paths[name], (
                    self._draw(name, epoch, self._map_again(name, epoch, plane, count) if epoch in those else None,
                               limits[epoch - 1], plane, classes) for epoch in numbers))
        return lost

    def _last_plane(self, name, epochs):
        """The `Plane` of the last frame of a name, or None without any."""
        for epoch in range(epochs, 0, -1):
            with contextlib.suppress(UserError):
                return Plane(self._read(name, epoch).features)
        return None

    def _look_at(self, name, epochs, plane):
        """({epoch: `_Seen`}, {epoch: why there is none}); of many epochs, one frame is in memory at a time."""
        seen, lost = {}, {}
        for epoch in range(1, epochs + 1):
            try:
                one = self._map(name, epoch, self._read(name, epoch), plane)
            except UserError as error:
                lost[epoch] = str(error)
            else:
                seen[epoch] = _Seen(corners_of(one), len(one.labels))
        return seen, lost

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

    def _map_again(self, name, epoch, plane, count):
        """The `FeatureMap` of a frame that has been read before, of so many points at most."""
        return self._map(name, epoch, self._read(name, epoch), plane).thinned(count)

    def _fitting_count(self, name, seen, limits, plane):
        """As many points as the size of a GIF allows, judged by three of the epochs. seen: {epoch: `_Seen`}."""
        judged = sorted({list(seen)[place] for place in (0, len(seen) // 2, -1)})
        counts = [max(one.count for one in seen.values())]
        while counts[-1] > _FEWEST:
            counts.append(max(counts[-1] // 2, _FEWEST))
        while len(counts) > 1:
            middle = (len(counts) - 1) // 2
            content = image_files.gif_of([feature_map.draw_feature_map(
                self._map_again(name, epoch, plane, counts[middle]), limits[epoch - 1], plane.axis_names,
                self._class_names) for epoch in judged])
            fits = len(content) <= _FRAME_BYTES * len(judged)
            counts = counts[:middle + 1] if fits else counts[middle + 1:]
        return counts[0]

    def _draw(self, name, epoch, one, limits, plane, classes=None):
        """Draw a `FeatureMap`, or None where it was lost, as wide as one of `classes`; returns the image."""
        if one is None:
            one = empty_map(f'{self._title}: {name}, epoch {epoch}: its frame was lost', plane)
        image = feature_map.draw_feature_map(one, limits, plane.axis_names, self._class_names, classes)
        image_files.write_png(self._path(name, epoch, '.png'), image)
        return image


class _Seen(NamedTuple):
    """What is remembered of a `FeatureMap`: see `corners_of`; how many points it has."""
    corners: np.ndarray
    count: int
