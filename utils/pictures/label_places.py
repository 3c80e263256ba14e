"""Where the names of classes stand in a feature map: beside their points, and never on a centre or on another name."""
import numpy as np

_DIRECTIONS = 24
_STEPS = 14  # of half a name's height, outward
_CELLS = 60  # a side, of the grid in which points are counted


def places(anchors, sizes, marks, mark_size, points, side):
    """(C, 2) middles of the names of classes, each as near to its anchor as it can be; all in pixels of the axes.

    anchors: (C, 2), where the classes are. sizes: (C, 2), width and height of the names. marks: (M, 2) middles of
    squares of `mark_size`, which no name may touch. points: (N, 2), of which a name should cover few. side: of the
    axes, in which names stay. Where all is taken a name stands where it touches least.
    """
    counts = np.histogram2d(*points.T, bins=_CELLS, range=[[0, side], [0, side]])[0].cumsum(0).cumsum(1)
    counts = np.pad(counts, ((1, 0), (1, 0)))
    boxes = np.concatenate([marks, np.zeros((0, 2))]), np.full((len(marks), 2), float(mark_size))
    chosen = np.zeros((len(anchors), 2))
    for number, (anchor, size) in enumerate(zip(anchors, sizes)):
        tries = _candidates(anchor, size, side)
        touched = _touched(tries, size, *boxes)
        covered = _covered(tries, size, counts, side)
        far = np.linalg.norm(tries - anchor, axis=1) / side
        chosen[number] = tries[np.argmin(1e3 * touched + 6 * covered / max(len(points), 1) + far)]
        boxes = np.vstack([boxes[0], chosen[number]]), np.vstack([boxes[1], size])
    return chosen


def _candidates(anchor, size, side):
    """(K, 2) middles around an anchor, inside the axes; outward from the middle of the axes comes first."""
    outward = np.arctan2(*(anchor - side / 2)[::-1])
    turns = np.arange(_DIRECTIONS)
    angles = outward + np.pi * 2 / _DIRECTIONS * np.where(turns % 2, -(turns + 1) // 2, turns // 2)
    steps = size[1] / 2 * np.arange(1, _STEPS + 1)
    tries = anchor + (steps[:, np.newaxis, np.newaxis] + [size[0] / 2 - size[1] / 2, 0]) * np.stack(
        [np.cos(angles), np.sin(angles)], axis=1)
    return np.clip(tries.reshape(-1, 2), size / 2, side - size / 2)


def _touched(tries, size, middles, sizes):
    """(K,) how many of the boxes a name of `size` touches at each of `tries`."""
    room = (sizes + size) / 2
    return (np.abs(tries[:, np.newaxis] - middles) < room).all(axis=2).sum(axis=1)


def _covered(tries, size, counts, side):
    """(K,) how many points a name covers, to the cells of a grid; counts: sums of the grid from its corner."""
    low, high = (np.clip(np.rint((tries + sign * size / 2) / side * _CELLS).astype(int), 0, _CELLS)
                 for sign in (-1, 1))
    return (counts[high[:, 0], high[:, 1]] - counts[low[:, 0], high[:, 1]]
            - counts[high[:, 0], low[:, 1]] + counts[low[:, 0], low[:, 1]])
