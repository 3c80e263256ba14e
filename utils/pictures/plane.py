"""Where features are drawn: the plane that they are projected to, and the part of it that a picture shows."""
import numpy as np

_SPECK = 1 / 4  # of the common axes: a first map that fills less is zoomed into
_GROWTH = 3  # at most, of axes from an epoch to the next


class Plane:
    """Where features are drawn.

    One feature is drawn against 0, two as they are, more by the two principal components of `reference` (M, D): all
    maps drawn on the same plane can be compared. `axis_names` says which it is. `origin`: where features are 0.
    """

    def __init__(self, reference):
        size = reference.shape[1]
        self._mean = np.zeros(size)
        self._axes = np.eye(size, 2)
        self.axis_names = ('feature 1', 'feature 2' if size > 1 else '')
        if size > 2:
            self._mean = reference.mean(axis=0)
            _, lengths, axes = np.linalg.svd(reference - self._mean, full_matrices=False)
            self._axes = axes[:2].T
            shares = lengths ** 2 / (lengths ** 2).sum()
            self.axis_names = tuple(f'principal component {i + 1} of {size} features ({shares[i]:.0%} of variance)'
                                    for i in range(2))
        self.origin = tuple(self.project(np.zeros((1, size)))[0])

    def project(self, features):
        """(N, D) features as (N, 2) points."""
        return (features - self._mean) @ self._axes


def common_limits(maps):
    """(low, high), corners of a square around nearly all points of all `FeatureMap`s; a few may stick out.

    Unless a map has no origin, 0 is in it. What `corners_of` a map says may stand for it.
    """
    corners = np.vstack([corners_of(one) for one in maps])
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    middle, half = (low + high) / 2, max((high - low).max() / 2 * 1.08, 1e-6)
    return middle - half, middle + half


def limits_of(epochs):
    """[(low, high), ...], limits of each of `epochs`: common ones, or at first a zoom into them.

    epochs: of each a list of `FeatureMap`s that are drawn with the same limits, such as those of training and of
    validation images; empty where they are lost. Softmax may spread features fiftyfold in four epochs: common axes then
    show a dot, a larger dot, and nothing of how classes part. So where the first maps fill less than a quarter of the
    common axes, axes start as a half, a quarter, an eighth ... of them around 0, the smallest that holds the points,
    and grow to at most three times as wide from an epoch to the next. They never shrink: features that draw together
    are seen to. In all other runs the common axes teach more, namely how far points have come by when.
    """
    low, high = common_limits([one for maps in epochs for one in maps])
    filled = [max([max((corners / low).max(), (corners / high).max()) for corners in map(corners_of, maps)], default=0)
              for maps in epochs]
    if next(filter(None, filled), 1) >= _SPECK:
        return [(low, high)] * len(epochs)
    scales = np.maximum.accumulate(2 ** np.ceil(np.log2(np.maximum(filled, 1e-6))))
    for i in range(len(scales) - 2, -1, -1):
        scales[i] = max(scales[i], scales[i + 1] / _GROWTH)
    return [(low * scale, high * scale) for scale in np.minimum(scales, 1)]


def corners_of(one):
    """(K, 2) of a map: corners of nearly all points, and what must not be missed; of such an array, itself."""
    if isinstance(one, np.ndarray):
        return one
    corners = [np.percentile(one.points, [0.2, 99.8], axis=0)]
    if one.centers is not None:
        corners.append(one.centers)
    if one.origin is not None:
        corners.append(np.zeros((1, 2)))
    return np.vstack(corners)
