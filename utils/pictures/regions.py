"""Which class is answered where in a plane of two features, and how far a direction goes in a picture of it."""
import numpy as np


def center_scores(centers):
    """(C, 3) scores, as `polygons` takes them, of which the highest is that of the nearest of `centers` (C, 2)."""
    centers = np.asarray(centers, np.float64)
    return np.column_stack([centers, -(centers ** 2).sum(axis=1) / 2])


def polygons(scores, low, high):
    """[(K, 2) corners, ...], a class at a time: where in the box from `low` to `high` its score is the highest.

    scores: (C, 3), of a point (x, y) the product with (x, y, 1), as of a class layer with its bias last. K is 0 for a
    class that is answered nowhere.
    """
    scores = np.asarray(scores, np.float64)
    box = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    found = []
    for own, score in enumerate(scores):
        polygon = box
        for other in np.delete(scores, own, axis=0):
            polygon = _cut(polygon, score - other)
        found.append(polygon)
    return found


def _cut(polygon, line):
    """The part of a convex polygon (K, 2) where the product of (x, y, 1) with `line` (3,) is not negative."""
    values = polygon @ line[:2] + line[2]
    corners = []
    for here, there, value, other in zip(polygon, np.roll(polygon, -1, axis=0), values, np.roll(values, -1)):
        if value >= 0:
            corners.append(here)
        if value * other < 0:
            corners.append(here + (there - here) * value / (value - other))
    return np.array(corners).reshape(-1, 2)


def ray_end(direction, low, high):
    """(2,) where a ray from the origin in a `direction` (2,), which is not 0, leaves the box from `low` to `high`."""
    with np.errstate(divide='ignore', invalid='ignore'):
        steps = np.where(direction > 0, high / direction, low / direction)
    return direction * np.min(steps[direction != 0])
