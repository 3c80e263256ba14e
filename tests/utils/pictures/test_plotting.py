"""Pictures: what is in them, on which axes, and how large they get."""
import os

import imageio.v2 as imageio
import numpy as np
import pytest
from PIL import Image, ImageSequence
from sklearn.decomposition import PCA

from utils.pictures.frames import FrameStore
from utils.pictures.plotting import (
    FeatureMap,
    Plane,
    class_colors,
    common_limits,
    draw_feature_map,
    write_curves,
    write_gif,
)

NAMES = tuple('0123456789')
LOW, HIGH = np.array([-2.0, -2.0]), np.array([2.0, 2.0])


def draw(points, labels, centers=None):
    return draw_feature_map(FeatureMap(np.array(points), np.array(labels), centers, ''), (LOW, HIGH), ('', ''), NAMES)


def count_pixels(image, color):
    return int((np.abs(image.astype(int) - color).sum(axis=2) < 30).sum())


def test_a_color_follows_its_class():
    blue, orange = (31, 119, 180), (255, 127, 14)
    points = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    as_zero, as_one = draw(points, [0] * 200), draw(points, [1] * 200)
    assert count_pixels(as_zero, blue) > 300 and count_pixels(as_zero, orange) == 0
    assert count_pixels(as_one, orange) > 300 and count_pixels(as_one, blue) == 0


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


def ring(count, epoch):
    """Features like those of training, and the centres of their ten classes."""
    rng = np.random.default_rng(epoch)
    labels = rng.integers(0, 10, count)
    angles = np.arange(10) * 2 * np.pi / 10
    centers = np.stack([np.cos(angles), np.sin(angles)], axis=1) * (1 + epoch / 10)
    return centers[labels] + rng.normal(size=(count, 2)) * 0.5 / (1 + epoch / 20), labels, centers


def test_frames_become_one_gif_and_stay_small(tmp_path):
    """30 epochs of 10,000 points are the most that a run draws."""
    store = FrameStore(str(tmp_path / 'frames'), NAMES)
    for epoch in range(1, 31):
        store.add('train', epoch, *ring(10_000 if epoch % 10 == 0 else 3_000, epoch), f'epoch {epoch}')
    store.render('train', 30, str(tmp_path / 'train.gif'))
    frames = imageio.mimread(tmp_path / 'train.gif', memtest=False)
    assert len(frames) == 30 and frames[0].shape[:2] == (480, 480)
    assert os.path.getsize(tmp_path / 'train.gif') < 500_000


def drawn_and_decoded(path, classes, epochs):
    """[(a feature map as it was drawn, the same frame read from a GIF), ...], as (H, W, 3) integers."""
    rng = np.random.default_rng(0)
    images = []
    for epoch in range(1, epochs + 1):
        centers = rng.uniform(-5, 5, (classes, 2)) * epoch
        labels = np.repeat(np.arange(classes), 60)
        one = FeatureMap(centers[labels] + rng.normal(size=(len(labels), 2)), labels, centers, f'epoch {epoch}')
        images.append(draw_feature_map(one, common_limits([one]), ('', ''), [str(i) for i in range(classes)]))
    write_gif(str(path), images, classes)
    with Image.open(path) as gif:
        frames = [np.asarray(frame.convert('RGB')) for frame in ImageSequence.Iterator(gif)]
    assert len(frames) == epochs
    return [(image.astype(int), frame.astype(int)) for image, frame in zip(images, frames)]


def is_grey(image):
    return (image == image[..., :1]).all(axis=2)


# The ten colours of Tableau, from Matplotlib's documentation.
TABLEAU = ('1f77b4', 'ff7f0e', '2ca02c', 'd62728', '9467bd', '8c564b', 'e377c2', '7f7f7f', 'bcbd22', '17becf')


def test_in_a_gif_the_colours_of_classes_black_white_and_greys_are_those_that_were_drawn(tmp_path):
    """Pixel by pixel of the file, decoded; two classes with one colour would be a lie about both."""
    for drawn, decoded in drawn_and_decoded(tmp_path / 'a.gif', 10, epochs=3):
        for color in (bytes.fromhex(text) for text in (*TABLEAU, '000000', 'ffffff')):
            place = (drawn == list(color)).all(axis=2)
            assert place.sum() > 5, f'nothing was drawn in {color.hex()}'
            assert (decoded[place] == list(color)).all(), color.hex()
        grey = is_grey(drawn)
        assert (decoded[grey] == drawn[grey]).all(), 'axes and letters'
        assert len(np.unique(drawn[grey])) > 10, 'letters have smooth rims'
        assert np.abs(decoded - drawn).mean() < 1.5, 'of 255, rims of points included'


def test_a_hundred_classes_have_exact_colours_too(tmp_path):
    for drawn, decoded in drawn_and_decoded(tmp_path / 'a.gif', 98, epochs=1):
        places = [(drawn == color).all(axis=2) for color in class_colors(98)]
        assert sum(place.any() for place in places) > 90, 'a few classes may lie under others'
        for place in (*places, is_grey(drawn)):
            assert (decoded[place] == drawn[place]).all()


def test_more_classes_than_a_palette_has_colours_share_them_in_order(tmp_path):
    colors = class_colors(1000)
    assert len(np.unique(colors, axis=0)) == 200 and (colors[:5] == colors[0]).all() and (colors[5] != colors[0]).any()
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3))  # more colours than a palette takes
    image = np.vstack([colors.reshape(25, 40, 3), noise]).astype(np.uint8)
    write_gif(str(tmp_path / 'a.gif'), [image], 1000)
    with Image.open(tmp_path / 'a.gif') as gif:
        np.testing.assert_array_equal(np.asarray(gif.convert('RGB'))[:25], image[:25])


def test_a_still_point_does_not_move_between_frames(tmp_path):
    """The second frame is ten times as wide: only common axes keep the first one's points small and in place."""
    store = FrameStore(str(tmp_path), NAMES)
    for epoch, scale in ((1, 1.0), (2, 10.0)):
        store.add('val', epoch, np.array([[-scale, -scale], [scale, scale]]), np.array([0, 1]), None, '')
    alone = imageio.imread(tmp_path / 'val-001.png')
    store.render('val', 2, str(tmp_path / 'val.gif'))
    together = imageio.imread(tmp_path / 'val-001.png')

    def column(image):
        bluish = image[..., 2].astype(int) - image[..., 0] > 60  # class 0, its point and the frame of its name
        return np.nonzero(bluish.any(axis=0))[0].mean()

    middle = 480 * (0.11 + 0.97) / 2
    assert middle - column(alone) > 150 and middle - column(together) < 30


@pytest.mark.parametrize('knn, center', [(0.8, 0.1), (None, 0.0)])
def test_curves_are_drawn_with_and_without_center_loss(tmp_path, knn, center):
    rows = [{'epoch': epoch, 'softmax_loss': 1 / epoch, 'center_loss': center, 'train_accuracy': 0.9, 'softmax': 0.9,
             'knn': knn, 'intra': 1, 'inter': 5, 'center_offset': knn, 'center_moved': knn} for epoch in (1, 2, 3)]
    write_curves(str(tmp_path / 'curves.png'), rows, 'val')
    assert imageio.imread(tmp_path / 'curves.png').shape[:2] == (320, 1200)
