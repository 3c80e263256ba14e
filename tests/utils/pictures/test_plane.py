"""The limits of a GIF's frames: common ones, or at first a zoom that is eased from frame to frame."""
import numpy as np
import pytest

from utils.pictures.feature_map import FeatureMap
from utils.pictures.plane import Plane, common_limits, limits_of


def maps_of(*reaches, shift=(0, 0)):
    """Epochs of one map each, whose points reach so far from the origin in all directions."""
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1.0]]).repeat(20, axis=0)
    return [[FeatureMap(corners * reach + shift, np.zeros(80, int), None, '')] for reach in reaches]


def widths(limits):
    return [float(high[0] - low[0]) for low, high in limits]


def test_axes_that_hold_all_frames_stay_where_the_first_is_no_speck():
    epochs = maps_of(3, 10, 8, 10)
    limits = limits_of(epochs)
    for low, high in limits:
        np.testing.assert_array_equal([low, high], common_limits([maps[0] for maps in epochs]))


def test_a_speck_is_zoomed_into_and_axes_grow_with_the_points_step_by_step():
    reaches = (0.1, 2, 5, 9, 10)
    found = widths(limits_of(maps_of(*reaches)))
    assert found[-1] == pytest.approx(20 * 1.08)
    assert all(width >= 2 * reach for width, reach in zip(found, reaches)), 'each holds its points'
    assert all(1 <= after / before <= 3.0001 for before, after in zip(found, found[1:])), 'eased'
    assert found[0] < 0.1 * found[-1], 'what common axes would show as a dot'


def test_axes_never_shrink_so_that_a_collapse_is_seen():
    found = widths(limits_of(maps_of(0.1, 10, 0.1, 10)))
    assert found[0] < found[1] == found[2] == found[3]


def test_maps_that_are_drawn_together_have_limits_that_hold_both_and_a_lost_one_leaves_none_out():
    train, val = maps_of(0.1, 10), maps_of(0.5, 12)
    limits = limits_of([[*one, *other] for one, other in zip(train, val)])
    assert 2 * 0.5 <= widths(limits)[0] < widths(limits)[1] == pytest.approx(24 * 1.08)
    lost = widths(limits_of([[], *maps_of(0.1, 1, 10)]))
    assert lost[0] <= lost[1] < lost[2] < lost[3]


def test_a_zoom_keeps_the_origin_where_it_is():
    """Points to one side: the origin is a quarter of the way along both axes, in every frame."""
    limits = limits_of(maps_of(0.01, 1, 10, shift=(0, 0))[:2] + maps_of(5, shift=(5, 5)))
    places = [-low / (high - low) for low, high in limits]
    for place in places[1:]:
        np.testing.assert_allclose(place, places[0])


def test_what_is_tiny_is_drawn_too():
    assert np.isfinite(limits_of(maps_of(0, 0))).all() and np.isfinite(limits_of(maps_of(0, 1e-30, 1))).all()


def test_the_origin_of_many_features_is_where_they_are_all_zero():
    features = np.random.default_rng(0).normal(loc=[3, 0, 0, 1, 0], size=(50, 5))
    plane = Plane(features)
    np.testing.assert_allclose(plane.origin, plane.project(np.zeros((1, 5)))[0])
    assert np.hypot(*plane.origin) > 0.5, 'not the mean, at which the two components are 0'
    assert Plane(features[:, :2]).origin == (0, 0)
