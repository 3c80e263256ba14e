"""Feature maps: what is in them, on which axes."""
import numpy as np
import pytest
from sklearn.decomposition import PCA

from utils.pictures import feature_map
from utils.pictures.class_looks import COLORS
from utils.pictures.feature_map import AXES, PIXELS, FeatureMap, draw_feature_map
from utils.pictures.plane import Plane, common_limits

NAMES = tuple('0123456789')
LOW, HIGH = np.array([-2.0, -2.0]), np.array([2.0, 2.0])


def draw(points, labels, centers=None, **more):
    one = FeatureMap(np.array(points, float), np.array(labels), centers, '', **more)
    return draw_feature_map(one, (LOW, HIGH), ('', ''), NAMES)


def pixel(x, y):
    """(column, row) of a point in the picture."""
    left, bottom, side = (share * PIXELS for share in AXES)
    return left + (x + 2) / 4 * side, PIXELS - bottom - (y + 2) / 4 * side


def changed(one, other):
    """(columns, rows) of the pixels in which two pictures differ, above the axes apart."""
    rows, columns = np.nonzero((one != other).any(axis=2))
    inside = rows > pixel(0, 2)[1]
    return columns[inside], rows[inside]


def count_pixels(image, color):
    return int((np.abs(image.astype(int) - color).sum(axis=2) < 30).sum())


def test_a_color_follows_its_class():
    first, second = (list(bytes.fromhex(color[1:])) for color in COLORS[:2])
    points = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    as_zero, as_one = draw(points, [0] * 200), draw(points, [1] * 200)
    assert count_pixels(as_zero, first) > 300 and count_pixels(as_zero, second) == 0
    assert count_pixels(as_one, second) > 300 and count_pixels(as_one, first) == 0


def test_a_center_stands_where_it_is_and_a_name_beside_its_class():
    """Drawings with and without them differ only there."""
    points, labels = [[-1.5, -1.5], [-1.5, -1.5], [1.5, -1.5]], [3, 3, 3]  # median -1.5, mean -0.5
    plain = draw(points, labels)
    columns, rows = changed(plain, draw(points, labels, np.array([[1.0, 1.0]])))
    np.testing.assert_allclose([columns.mean(), rows.mean()], pixel(1, 1), atol=4)
    columns, rows = changed(draw(points[:2], [3, 3]), draw(points[:2], [4, 4]))  # the point, its name, and its box
    x, y = pixel(-1.5, -1.5)
    assert max(np.abs(columns - x).max(), np.abs(rows - y).max()) < 80


def test_the_ring_looks_round_and_the_axes_go_through_the_origin():
    angles = np.linspace(0, 2 * np.pi, 100)
    image = draw(np.stack([np.cos(angles), np.sin(angles)], axis=1), [0] * 100).astype(int)
    first = np.array(list(bytes.fromhex(COLORS[0][1:])))
    rows, columns = np.nonzero((image == first).all(axis=2))
    left, bottom = pixel(-1, -1)
    right, top = pixel(1, 1)
    edges = columns.min(), columns.max(), rows.min(), rows.max()
    np.testing.assert_allclose(edges, [left, right, top, bottom], atol=8)
    assert right - left == pytest.approx(bottom - top)
    x, y = (int(place) for place in pixel(0, 0))
    for line in (image[y - 2:y + 3, int(pixel(-1.8, 0)[0])], image[int(pixel(0, 1.8)[1]), x - 2:x + 3]):
        assert line.min() < 230, 'a grey line'


def test_only_mistakes_are_ringed():
    points = [[-1.0, 0.5], [1.0, 0.5]]
    columns, rows = changed(draw(points, [1, 1], wrong=np.array([False, False])),
                            draw(points, [1, 1], wrong=np.array([True, False])))
    np.testing.assert_allclose([columns.mean(), rows.mean()], pixel(-1, 0.5), atol=2)


def test_rings_of_many_mistakes_in_one_place_leave_the_colours_of_classes():
    points = np.random.default_rng(0).normal(size=(3000, 2)) * 0.15
    x, y = (int(place) for place in pixel(0, 0))
    heaps = [draw(points, [1] * 3000, wrong=np.full(3000, wrong))[y - 15:y + 15, x - 15:x + 15].astype(int)
             for wrong in (False, True)]
    assert 0 < np.abs(heaps[0] - heaps[1]).mean() < 80 and heaps[1][..., 0].mean() > 60, 'orange, not black'


def test_the_axes_cross_where_features_are_zero_and_nowhere_without_an_origin():
    points = [[-1.5, -1.5]]
    columns, rows = changed(draw(points, [1], origin=(1.0, 0.5)), draw(points, [1], origin=None))
    x, y = pixel(1, 0.5)
    assert np.abs(np.median(columns[np.abs(rows - y) > 3]) - x) < 2 and np.abs(np.median(rows[np.abs(columns - x) > 3])
                                                                              - y) < 2
    assert ((np.abs(columns - x) < 3) | (np.abs(rows - y) < 3)).mean() > 0.99


def test_a_legend_says_what_marks_are_and_a_note_is_seen():
    points = [[0.5, 0.5], [-0.5, 0.5]]
    figures = [feature_map.draw_maps([FeatureMap(np.array(points), np.array([0, 1]), centers, 'a title', wrong, note)],
                                     (LOW, HIGH), ('', ''), NAMES)
               for centers, wrong, note in ((np.zeros((1, 2)), np.array([True, False]), 'collapsed'), (None, None, ''))]
    said = [[text.get_text() for text in figure.axes[0].get_legend().get_texts()] if figure.axes[0].get_legend() else []
            for figure in figures]
    assert said == [['class centre', 'wrongly classified'], []]
    notes = [[text.get_text() for text in figure.axes[0].texts if text.get_text() not in NAMES] for figure in figures]
    assert notes == [['collapsed'], []]


def test_no_class_lies_on_top_of_the_other():
    """Two classes in the same places: of the pixels of both, each has its share."""
    points = np.random.default_rng(0).uniform(-1, 1, (4000, 2))
    image = draw(np.vstack([points, points]), [0] * 4000 + [1] * 4000)
    shares = [count_pixels(image, list(bytes.fromhex(color[1:]))) for color in COLORS[:2]]
    assert 0.2 < shares[0] / sum(shares) < 0.5, 'a square covers a circle, but no circle a square'


def test_many_classes_are_named_by_number():
    names = [f'Long_name_{number}' for number in range(30)]
    one = FeatureMap(np.array([[0.5, 0.5], [1.0, 1.0]]), np.array([2, 29]), None, '')
    axes, = feature_map.draw_maps([one], (LOW, HIGH), ('', ''), names).axes
    assert [text.get_text() for text in axes.texts] == ['3', '30']


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
