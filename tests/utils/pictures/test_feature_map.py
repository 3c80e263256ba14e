"""Feature maps: what is in them, on which axes."""
import numpy as np
import pytest
from sklearn.decomposition import PCA

from utils.pictures.class_looks import COLORS
from utils.pictures.feature_map import FeatureMap, Plane, common_limits, draw_feature_map

NAMES = tuple('0123456789')
LOW, HIGH = np.array([-2.0, -2.0]), np.array([2.0, 2.0])


def draw(points, labels, centers=None):
    return draw_feature_map(FeatureMap(np.array(points), np.array(labels), centers, ''), (LOW, HIGH), ('', ''), NAMES)


def count_pixels(image, color):
    return int((np.abs(image.astype(int) - color).sum(axis=2) < 30).sum())


def test_a_color_follows_its_class():
    first, second = (list(bytes.fromhex(color[1:])) for color in COLORS[:2])
    points = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    as_zero, as_one = draw(points, [0] * 200), draw(points, [1] * 200)
    assert count_pixels(as_zero, first) > 300 and count_pixels(as_zero, second) == 0
    assert count_pixels(as_one, second) > 300 and count_pixels(as_one, first) == 0


def test_a_class_name_stands_at_the_median_and_a_center_where_it_is():
    """Drawing differs from a drawing without them only there."""
    points, labels = [[-1.5, -1.5], [-1.5, -1.5], [1.5, -1.5]], [3, 3, 3]  # median -1.5, mean -0.5
    plain = draw(points, labels)
    with_center = draw(points, labels, np.array([[1.0, 1.0]]))
    rows, columns = np.nonzero((plain != with_center).any(axis=2))
    left, right, bottom, top = 0.11 * 480, 0.97 * 480, 480 - 0.09 * 480, 480 - 0.94 * 480
    assert columns.mean() == pytest.approx(left + 0.75 * (right - left), abs=6)
    assert rows.mean() == pytest.approx(bottom + 0.75 * (top - bottom), abs=6)
    other_name = draw(points, [5, 5, 5])
    _, columns = np.nonzero((plain != other_name).any(axis=2) & (np.arange(480) < 300)[np.newaxis])
    assert columns.mean() == pytest.approx(left + 0.125 * (right - left), abs=6)


def test_common_limits_hold_all_frames_in_one_square():
    maps = [FeatureMap(np.array([[0.0, 0], [1, 1]]), None, None, ''),
            FeatureMap(np.array([[5.0, 0], [6, 1]]), None, np.array([[-3.0, 0]]), '')]
    low, high = common_limits(maps)
    assert (low < [-3, 0]).all() and (high > [5.9, 0.9]).all()
    assert high[0] - low[0] == pytest.approx(high[1] - low[1])


def test_more_than_two_features_are_seen_in_their_principal_plane():
    features = np.random.default_rng(0).normal(size=(100, 5)) * [5, 1, 3, 0.1, 0.1]
    plane = Plane(features)
    oracle = PCA(2).fit(features)
    got, expected = plane.project(features), oracle.transform(features)
    np.testing.assert_allclose(np.abs(got), np.abs(expected), atol=1e-8)  # a sign is free
    assert [name.split(' (')[0] for name in plane.axis_names] == ['principal component 1 of 5 features',
                                                                 'principal component 2 of 5 features']
    assert f'{oracle.explained_variance_ratio_[0]:.0%}' in plane.axis_names[0]


def test_two_features_are_drawn_as_they_are_and_one_against_zero():
    features = np.random.default_rng(0).normal(size=(10, 2))
    np.testing.assert_array_equal(Plane(features).project(features), features)
    assert Plane(features).axis_names == ('feature 1', 'feature 2')
    np.testing.assert_array_equal(Plane(features[:, :1]).project(features[:, :1]),
                                  np.column_stack([features[:, 0], np.zeros(10)]))
