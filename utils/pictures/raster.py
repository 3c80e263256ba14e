"""Very many points as one picture of pixels: Matplotlib draws each as a path of its own."""
import numpy as np

FROM = 50_000  # points; of fewer, each has its marker
_DOT = [(1, 0), (-1, 0), (0, 1), (0, -1), (0, 0)]  # the pixels of a point around its own, which is drawn last
_LINE = 1.3  # pixels, of a ring


def points_image(points, labels, colors, low, high, shape):
    """(H, W, 4) uint8 of `points` (N, 2) in the box from `low` to `high`, its top row first; clear where none is.

    A pixel has the colour of one of its points: the last in the order given. labels: (N,) rows of colors (C, 3) uint8.
    shape: (H, W).
    """
    cells, inside, padded = _cells(points, low, high, shape)
    seen = np.full(np.prod(padded), -1)
    for row, column in _DOT:
        seen[cells + row * padded[1] + column] = labels[inside]
    seen = seen.reshape(padded)[1:-1, 1:-1]
    image = np.zeros((*shape, 4), np.uint8)
    image[..., :3] = colors[seen]  # of -1 any, which is clear
    image[..., 3] = np.where(seen >= 0, 255, 0)
    return image


def rings_image(points, radius, alpha, low, high, shape):
    """(H, W, 4) uint8: a black ring of `radius` pixels around each of `points`, of so much `alpha`, one on another."""
    reach = int(np.ceil(radius + 1))
    cells, _, padded = _cells(points, low, high, shape, reach)
    counts = np.bincount(cells, minlength=np.prod(padded)).reshape(padded)
    rings = np.zeros(shape, int)
    for row in range(-reach, reach + 1):
        for column in range(-reach, reach + 1):
            if abs(np.hypot(row, column) - radius) <= _LINE / 2:
                rings += counts[reach + row:reach + row + shape[0], reach + column:reach + column + shape[1]]
    image = np.zeros((*shape, 4), np.uint8)
    image[..., 3] = np.rint(255 * (1 - (1 - alpha) ** rings))
    return image


def _cells(points, low, high, shape, pad=1):
    """(places of the points inside in the flat picture, which those are, its shape), with `pad` pixels all around."""
    places = (points - low) / (high - low)
    inside = ((places >= 0) & (places < 1)).all(axis=1)
    columns, rows = (places[inside] * shape[::-1]).astype(np.int64).T
    padded = shape[0] + 2 * pad, shape[1] + 2 * pad
    return (shape[0] - 1 - rows + pad) * padded[1] + columns + pad, inside, padded
