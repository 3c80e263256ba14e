"""A million points as pixels, against what Matplotlib makes of some of them, path by path."""
import os

import numpy as np
import pytest

from utils.pictures import raster
from utils.pictures.class_looks import class_colors
from utils.pictures.feature_map import FeatureMap, draw_feature_map, write_feature_maps

RNG = np.random.default_rng(0)
LIMITS = np.array([-10.0, -10]), np.array([10.0, 10])


def heaps(count, classes=3):
    """Points of classes in heaps that do not touch, wrong in the second."""
    labels = RNG.integers(0, classes, count)
    points = np.array([[-6, -6], [0, 5], [6, -2]])[labels] + RNG.normal(size=(count, 2)) / 2
    return FeatureMap(points, labels, None, 'heaps', labels == 1)


def draw(one):
    return draw_feature_map(one, LIMITS, ('x', 'y'), list('abc')).astype(int)


@pytest.mark.parametrize('marked', [False, True])
def test_pixels_lie_where_matplotlib_draws_the_same_points(marked, monkeypatch):
    one = heaps(2000)
    one = one if marked else one._replace(wrong=None)
    paths = draw(one)
    monkeypatch.setattr(raster, 'FROM', 1)
    pixels = draw(one)
    for color in class_colors(3)[[0, 2]]:
        middles, spreads = zip(*((np.argwhere((image == color).all(axis=2)).mean(axis=0),
                                  np.argwhere((image == color).all(axis=2)).std(axis=0)) for image in (paths, pixels)))
        np.testing.assert_allclose(*middles, atol=5)
        assert (spreads[1] / spreads[0] > 0.6).all() and (spreads[1] < spreads[0] * 1.05).all(), 'dots are smaller'
    dark = [np.argwhere((image.max(axis=2) < 60) & (np.indices(image.shape[:2])[0] < 600)).mean(axis=0)
            for image in (paths, pixels)]  # letters above, and the rings of the upper heap
    np.testing.assert_allclose(*dark, atol=12)


def test_colours_are_exact_and_no_class_lies_on_top_of_the_other():
    points = RNG.uniform(-9, 9, (raster.FROM // 2, 2))
    image = draw(FeatureMap(np.vstack([points, points]), np.repeat([0, 1], len(points)), None, ''))
    first, second = ((image == color).all(axis=2).sum() for color in class_colors(2))
    assert first > 10_000 and first / second == pytest.approx(1, rel=0.1)


def test_a_pixel_is_where_its_point_is_and_the_last_point_wins():
    low, high, colors = np.zeros(2), np.array([30.0, 20.0]), class_colors(2)
    points = np.array([[0.5, 0.5], [29.5, 19.5], [10.5, 5.5], [10.5, 5.5], [31, 5], [5, -1]])
    image = raster.points_image(points, np.array([0, 1, 0, 1, 0, 0]), colors, low, high, (20, 30))
    assert image.shape == (20, 30, 4)
    assert image[19, 0].tolist() == [*colors[0], 255] and image[0, 29].tolist() == [*colors[1], 255]
    assert image[14, 10].tolist() == image[13, 10].tolist() == image[14, 11].tolist() == [*colors[1], 255]
    assert (image[..., 3] > 0).sum() == 3 + 3 + 5, 'in two corners a part of a point is outside'


def test_rings_lie_on_one_another_as_matplotlib_has_them():
    image = raster.rings_image(np.array([[10.5, 10.5]] * 3), 4, 0.5, np.zeros(2), np.full(2, 21.0), (21, 21))
    away = np.hypot(*(np.indices((21, 21)) - 10))
    assert (image[..., 3][np.abs(away - 4) < 0.6] == round(255 * (1 - 0.5 ** 3))).all()
    assert not image[..., 3][np.abs(away - 4) > 0.7].any() and not image[..., :3].any()


def test_a_drawing_of_a_hundred_thousand_points_stays_small(tmp_path):
    write_feature_maps(str(tmp_path / 'a.svg'), [heaps(100_000)], ('x', 'y'), list('abc'))
    assert os.path.getsize(tmp_path / 'a.svg') < 1_000_000
