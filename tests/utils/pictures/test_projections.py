"""Projections against scikit-learn's and by what they must keep; the plot by its pixels."""
import sys

import imageio.v2 as imageio
import numpy as np
import pytest
from sklearn.decomposition import PCA

from utils.errors import UserError
from utils.pictures import projections
from utils.pictures.class_looks import class_colors
from utils.pictures.feature_map import AXES

LABELS = np.arange(60) % 3


def blobs(feature_size=6):
    """Three classes far apart in some directions, drowned in noise in none."""
    rng = np.random.default_rng(0)
    return (20 * np.eye(3, feature_size)[LABELS] + rng.normal(size=(60, feature_size))).astype(np.float32)


def nearest_is_of_the_same_class(points):
    distances = np.linalg.norm(points[:, np.newaxis] - points, axis=2)
    np.fill_diagonal(distances, np.inf)
    return LABELS[distances.argmin(axis=1)] == LABELS


def test_pca_is_scikit_learns():
    points, names = projections.project(blobs(), 'pca')
    np.testing.assert_allclose(np.abs(points), np.abs(PCA(2).fit_transform(blobs().astype(float))), atol=1e-8)
    assert names[0].startswith('principal component 1 of 6 features')


@pytest.mark.parametrize('method', ['tsne', 'umap'])
@pytest.mark.filterwarnings('ignore::FutureWarning', 'ignore::ImportWarning', 'ignore:.*n_jobs:UserWarning')
def test_neighborhoods_survive_and_can_be_repeated(method):
    if method == 'umap':
        pytest.importorskip('umap', reason='umap-learn is not installed')
    points, names = projections.project(blobs(), method, seed=1)
    assert points.shape == (60, 2) and nearest_is_of_the_same_class(points).all()
    np.testing.assert_array_equal(points, projections.project(blobs(), method, seed=1)[0])
    assert names == {'tsne': ('t-SNE 1', 't-SNE 2'), 'umap': ('UMAP 1', 'UMAP 2')}[method]


def test_cosine_projects_directions():
    lengths = 10 ** np.random.default_rng(1).uniform(0, 3, (60, 1))
    points = projections.project(blobs() * lengths, 'pca', 'cosine')[0]
    directions = blobs().astype(float) / np.linalg.norm(blobs(), axis=1, keepdims=True)
    np.testing.assert_allclose(np.abs(points), np.abs(PCA(2).fit_transform(directions)), atol=1e-6)


@pytest.mark.parametrize('features', [
    np.ones((9, 5)), np.ones((1, 5)), np.eye(2, 5), np.eye(3), blobs(1), blobs(2),
    np.vstack([np.ones((8, 5)), np.eye(1, 5)])],
    ids=['all equal', 'one', 'two', 'three', 'one feature', 'two features', 'all but one equal'])
@pytest.mark.parametrize('method', ['pca', 'tsne'])
def test_few_items_few_features_and_equal_items_have_a_projection(method, features):
    points, names = projections.project(features, method)
    assert points.shape == (len(features), 2) and np.isfinite(points).all() and len(names) == 2


def test_umap_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'umap', None)  # what Python itself uses to say that there is none
    with pytest.raises(UserError, match='the projection umap needs the package umap-learn'):
        projections.project(blobs(), 'umap')


def test_an_unknown_projection_is_refused():
    with pytest.raises(UserError, match='one of pca, tsne, umap, got lda'):
        projections.project(blobs(), 'lda')


def picture(tmp_path, points, labels, names):
    path = str(tmp_path / 'plot.png')
    projections.write_projection(path, points, ('x', 'y'), labels, names, 'title')
    return imageio.imread(path).astype(int)


def count_pixels(image, color):
    return int((np.abs(image - color).sum(axis=2) < 30).sum())


def test_a_class_keeps_its_color_when_others_have_no_points(tmp_path):
    points = projections.project(blobs(), 'pca')[0]
    every = picture(tmp_path, points, LABELS, 'abc')
    last = picture(tmp_path, points[LABELS == 2], np.full(20, 2), 'abc')
    assert min(count_pixels(every, color) for color in class_colors(3)) > 100
    assert [count_pixels(last, color) > 100 for color in class_colors(3)] == [False, False, True]


def test_no_class_lies_on_top_of_the_other(tmp_path):
    """Two classes in the same places, as t-SNE has them that a network can't tell apart."""
    points = np.random.default_rng(0).uniform(-1, 1, (4000, 2))
    image = picture(tmp_path, np.vstack([points, points]), np.arange(2).repeat(4000), 'ab')
    counts = [count_pixels(image, color) for color in class_colors(2)]
    assert 0.2 < counts[0] / sum(counts) < 0.5, 'a square covers a circle, but no circle a square'


def test_units_are_as_long_on_both_axes_and_no_line_says_that_there_is_an_origin(tmp_path):
    """Sixty classes of a point each, in a rectangle twice as wide as high."""
    points = np.stack([np.linspace(100, 140, 60), np.tile([100, 120], 30)], axis=1)
    image = picture(tmp_path, points, np.zeros(60, int), 'a')
    rows, columns = np.nonzero((image == class_colors(1)[0]).all(axis=2))
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(2, rel=0.05)
    assert np.ptp(columns) > 650, 'the origin has no room either'
    left, bottom, side = (960 * share for share in AXES)
    inside = image[960 - int(bottom + side) + 5:960 - int(bottom) - 5, int(left) + 5:int(left + side) - 5]
    assert not (inside == 204).all(axis=2).any(axis=0).all(), 'a grey line from side to side'
