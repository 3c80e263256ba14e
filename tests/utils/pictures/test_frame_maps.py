"""What a map shows of a frame: whose mistakes, whose regions, and the layers that were asked for."""
from types import SimpleNamespace

import numpy as np
import pytest

from utils.pictures.frame import Frame
from utils.pictures.frame_maps import map_of
from utils.pictures.plane import Plane

LABELS = np.array([0, 0, 1, 1])
FRAME = Frame(np.array([[0.0, 0], [1, 0], [2, 0], [3, 1]]), LABELS, np.arange(4), np.array([0.75, 0.5]),
              np.array([0, 1]), softmax=np.array([0, 0, 1, 0]), knn=np.array([1, 0, 1, 0]),
              centers=np.array([[0.0, 0], [3, 4]]),
              weights=np.array([[1.0, 2, 0.5], [0, 1, 0]]))
BOTH = SimpleNamespace(regions=True, rays=True)


def mapped(frame=FRAME, **more):
    return map_of(frame, Plane(frame.features), 'a title', **more)


def test_points_and_mistakes_are_those_of_the_frame_and_nothing_else_is_there_unasked():
    one = mapped()
    np.testing.assert_array_equal(one.points, FRAME.features)
    np.testing.assert_array_equal(one.wrong, [False, False, False, True])
    assert one.regions is None and one.rays is None and one.title == 'a title' and one.origin == (0, 0)


@pytest.mark.parametrize('method, wrong, order', [
    (None, [False, False, False, True], ['softmax', 'knn']), ('knn', [True, False, False, True], ['knn', 'softmax'])])
def test_the_method_whose_mistakes_are_ringed_is_the_one_whose_regions_are_tinted(method, wrong, order):
    one = mapped(layers=BOTH, method=method)
    np.testing.assert_array_equal(one.wrong, wrong)
    assert list(one.regions) == order
    positions = np.random.default_rng(0).normal(size=(100, 2)) * 4
    scores = {name: np.column_stack([positions, np.ones(100)]) @ scores.T for name, scores in one.regions.items()}
    np.testing.assert_allclose(scores['softmax'], positions @ [[1, 0], [2, 1]] + [0.5, 0])
    distances = np.linalg.norm(positions[:, np.newaxis] - FRAME.centers, axis=2)
    np.testing.assert_array_equal(scores['knn'].argmax(axis=1), distances.argmin(axis=1))
    np.testing.assert_array_equal(one.rays, [[1, 2], [0, 1]])


def test_layers_are_of_what_there_is():
    one = mapped(FRAME._replace(weights=None, centers=None), layers=BOTH)
    assert one.regions == {} and one.rays is None
