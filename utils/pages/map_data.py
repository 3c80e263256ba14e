"""What the map of a page is made of: the frames of runs as compact numbers, and their images as one file."""
import base64
import os
from typing import Dict, NamedTuple, Optional

import numpy as np

from ..evaluation.judging import MOST_LISTED
from ..pictures.class_looks import MARKERS, class_markers
from ..pictures.feature_map import FeatureMap
from ..pictures.frame import BY, Frame
from ..pictures.frames import FrameStore
from ..pictures.grids import shown_splits
from ..pictures.plane import Plane, common_limits
from ..pictures.style import COLORS
from ..pictures.thumbnails import COLUMNS, SHOWN, find_thumbnails
from .page import data_link

# Found by a search as the colours on paper were, each near the hue of the class's own: the smallest difference of two
# of them is CIEDE2000 17.9, and their contrast at least 3.2:1 on #121212, the ground of dark pages.
# tests/utils/pages/test_map_data.py works out both.
DARK_COLORS = ('#3d5dc8', '#d78202', '#41ff8e', '#c18ea8', '#4b6a72', '#a97f6e', '#a18afe', '#9e5008', '#f7eeea',
               '#efcaff')
_STEPS = 32767  # of a coordinate, to either side of 0


class Panel(NamedTuple):
    """What one run has for the map.

    frames: {epoch: `Frame`}, one at least; some of the epochs `first` to `last` may be lost. chosen: the epoch that the
    run is judged by. thumbnails: the path of a file of `pictures.thumbnails`, or None.
    """
    name: str
    split: str
    frames: Dict[int, Frame]
    last: int
    chosen: int
    thumbnails: Optional[str] = None
    first: int = 1

    @property
    def largest(self):
        """The largest number that stands for a class in it."""
        return max(int(one.max()) for frame in self.frames.values()
                   for one in (frame.labels, frame.softmax, frame.knn) if one is not None)


def read_panel(name, folder, results):
    """The `Panel` of the run in `folder`, of the images that its grid shows last; None where there are no frames.

    results: of its results.json.
    """
    split, epochs = shown_splits(folder, results)[1], len(results['history'])
    frames, _ = FrameStore(os.path.join(folder, 'frames'), ()).read(split, epochs)
    stem = os.path.join(folder, 'frames', f'{split}-images')
    return Panel(name, split, frames, epochs, results['selection']['epoch'], find_thumbnails(stem)) if frames else None


def names_of(results, count):
    """The names of `count` classes, by label: those in a results.json, which has them of photos, or the numbers."""
    names = results.get('class_names')
    return names if type(names) is list and len(names) >= count else list(map(str, range(count)))


def encode(panels, class_names):
    """What map.js reads, as a dict for JSON: all panels show the same classes; images that are the same are there once.

    Of more than MOST_LISTED classes there are those of the images that are shown, and `numbers`, which they are of all.
    Numbers are little-endian bytes in base64; a coordinate is an int16 times the scale of its epoch.
    """
    sprites, numbers, markers = [], {}, class_markers(len(class_names))
    if len(class_names) > MOST_LISTED:
        seen = np.unique(np.concatenate([frame.labels for panel in panels for frame in panel.frames.values()]))
        panels = [_with_few_classes(panel, seen) for panel in panels]
        class_names = [*(class_names[label] for label in seen), 'a class that no image here is of']
        markers, numbers = [*(markers[label] for label in seen), MARKERS[0]], {'numbers': [*seen.tolist(), 0]}
    runs = [_encode_panel(panel, sprites) for panel in panels]
    return {'classes': [name.replace('_', ' ') for name in class_names],
            'columns': COLUMNS, 'sprites': sprites, 'runs': runs, 'by': BY,
            'light': COLORS, 'dark': DARK_COLORS, 'markers': [MARKERS.index(marker) for marker in markers], **numbers}


def _with_few_classes(panel, seen):
    """A panel whose classes are numbered by their places in `seen` (K,), rising; any other is number K."""
    def places(classes):
        if classes is None:
            return None
        found = np.minimum(np.searchsorted(seen, classes), len(seen) - 1)
        return np.where(seen[found] == classes, found, len(seen))
    return panel._replace(frames={epoch: frame._replace(
        labels=places(frame.labels), softmax=places(frame.softmax), knn=places(frame.knn),
        centers=None if frame.centers is None else frame.centers[seen]) for epoch, frame in panel.frames.items()})


def _encode_panel(panel, sprites):
    """The dict of a panel, over its epochs E, shown images N and present classes K."""
    last = panel.frames[max(panel.frames)]
    labels = last.labels[:SHOWN]
    plane, count, present = Plane(last.features), len(labels), np.unique(last.labels)
    frames = [frame if frame is not None and np.array_equal(frame.labels[:SHOWN], labels) else None
              for frame in (panel.frames.get(epoch) for epoch in range(panel.first, panel.last + 1))]
    maps = [frame and FeatureMap(plane.project(frame.features[:SHOWN]), labels, _centers(frame, plane, present), '')
            for frame in frames]
    points = np.stack([one.points if one else np.zeros((count, 2)) for one in maps])
    scales = np.maximum(np.abs(points).max(axis=(1, 2)), 1e-12) / _STEPS
    there = [one for one in maps if one]
    return {
        'name': panel.name, 'split': panel.split, 'epochs': len(frames), 'first': panel.first,
        'chosen': panel.chosen, 'count': count,
        'sprite': _sprite(panel.thumbnails, sprites), 'axes': plane.axis_names, 'labels': _bytes(labels, np.uint16),
        'points': _bytes(np.rint(points / scales[:, np.newaxis, np.newaxis]), np.int16), 'scales': scales.tolist(),
        'limits': _square(common_limits(there)), 'zoomed': [one and _square(common_limits([one])) for one in maps],
        'there': [one is not None for one in maps], 'notes': [frame.note if frame else '' for frame in frames],
        'accuracies': [frame and [None if np.isnan(value) else float(value) for value in frame.accuracies]
                       for frame in frames],
        'centers': None if last.centers is None else _bytes(np.stack([
            one.centers if one else np.full((len(present), 2), np.nan) for one in maps]), np.float32),
        'centered': present.tolist(), 'method': last.method,
        'softmax': _answers(frames, 'softmax', last, np.uint16, 1), 'knn': _answers(frames, 'knn', last, np.uint16, 1),
        'sure': _answers(frames, 'sure', last, np.uint8, 255)}


def _centers(frame, plane, present):
    return None if frame.centers is None else plane.project(frame.centers[present])


def _square(limits):
    """[left, right, bottom, top] of (low, high) corners."""
    (left, bottom), (right, top) = limits
    return [float(left), float(right), float(bottom), float(top)]


def _answers(frames, key, last, kind, factor):
    """(E, N) of what frames have as `key`, times `factor`; None where they have none."""
    if getattr(last, key) is None:
        return None
    nothing = np.zeros(len(last.labels))
    return _bytes(np.stack([np.rint((nothing if frame is None else getattr(frame, key))[:SHOWN] * factor)
                            for frame in frames]), kind)


def _sprite(path, sprites):
    """The number of an image file in `sprites`, to which a new one is added; None without a file."""
    if path is None:
        return None
    with open(path, 'rb') as file:
        link = data_link('image/png' if path.endswith('png') else 'image/jpeg', file.read())
    if link not in sprites:
        sprites.append(link)
    return sprites.index(link)


def _bytes(array, kind):
    return base64.b64encode(np.ascontiguousarray(array, np.dtype(kind).newbyteorder('<')).tobytes()).decode()
