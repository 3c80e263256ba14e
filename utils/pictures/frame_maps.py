"""What a frame looks like in a plane: a `Frame` as the `FeatureMap` that is drawn of it."""
import numpy as np

from .feature_map import FeatureMap, write_feature_maps
from .plane import Plane
from .regions import center_scores


def map_of(frame, plane, title='', layers=None, method=None):
    """The `FeatureMap` of a `Frame` on a `Plane`.

    layers: what is drawn beside points, an object with `regions` and `rays`, both bool, of frames of two features.
    method: 'softmax' or 'knn', whose mistakes are ringed and whose regions are shaded; those of the other are outlined.
    Default: `Frame.method`.
    """
    method = method or frame.method
    answers = {'softmax': frame.softmax, 'knn': frame.knn}.get(method)
    regions, rays = None, None
    if layers and layers.regions:
        regions = _regions(frame, method)
    if layers and layers.rays and frame.weights is not None:
        rays = frame.weights[:, :2]
    return FeatureMap(
        plane.project(frame.features), frame.labels, None if frame.centers is None else plane.project(frame.centers),
        title, None if answers is None else answers != frame.labels, frame.note, plane.origin, regions, rays)


def write_side_by_side(path, frames, class_names, layers=None, method=None, answers=None):
    """Draw {title: `Frame`} on the plane of the first, with the same limits, as a PNG, SVG or PDF.

    layers, method: see `map_of`. answers: (N,) classes of the images of the last frame's split, where they are by
    another method than frames know.
    """
    plane = Plane(next(iter(frames.values())).features)
    maps = [map_of(frame, plane, title, layers, method) for title, frame in frames.items()]
    if answers is not None:
        last = list(frames.values())[-1]
        maps[-1] = maps[-1]._replace(wrong=answers[last.indices] != last.labels)
    write_feature_maps(path, maps, plane.axis_names, class_names)


def empty_map(title, plane):
    """That of a frame that was lost."""
    return FeatureMap(np.zeros((0, 2)), np.zeros(0, int), None, title, origin=plane.origin)


def _regions(frame, first):
    """{'softmax' or 'knn': (C, 3) scores} of what there is, `first` first."""
    scores = {'softmax': frame.weights, 'knn': None if frame.centers is None else center_scores(frame.centers)}
    order = sorted(scores, key=lambda method: method != first)
    return {method: scores[method] for method in order if scores[method] is not None}
