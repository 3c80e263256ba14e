"""Projections against scikit-learn's and by what they must keep; the plot by its pixels."""
import sys

import imageio.v2 as imageio
import numpy as np
import pytest
from sklearn.decomposition import PCA

from utils.errors import UserError
from utils.pictures import projections
from utils.pictures.class_looks import class_colors

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


def test_numbers_of_classes_move_apart_and_no_further_than_they_must():
    places = np.array([[0.0, 0], [0, 0], [0.5, 0], [9, 9]])
    moved = projections._apart(places, np.array([2.0, 1]))
    distances = np.linalg.norm((moved[:, np.newaxis] - moved) / [2, 1], axis=2)[np.triu_indices(4, 1)]
    assert distances.min() > 0.99
    np.testing.assert_allclose(moved[3], [9, 9], atol=0.01)
    assert np.abs(moved[:3]).max() < 4


def test_a_class_keeps_its_color_when_others_have_no_points_and_names_make_room(tmp_path):
    every_point = projections.project(blobs(), 'pca')[0]

    def draw(labels, names, points=every_point):
        path = str(tmp_path / 'plot.png')
        projections.write_projection(path, points, ('x', 'y'), labels, names, 'title')
        return imageio.imread(path)[..., :3].astype(int)

    def count(image, color):
        return int((np.abs(image - color).sum(axis=2) < 40).sum())

    every = draw(LABELS, 'abc')
    first_two_gone = draw(np.full(20, 2), 'abc', every_point[LABELS == 2])
    shades = 0.7 * class_colors(3) + 0.3 * 255  # at an opacity of 0.7
    assert min(count(every, color) for color in shades) > 100
    assert [count(first_two_gone, color) > 100 for color in shades] == [False, False, True]
    assert draw(LABELS, ('a', 'American_Three_toed_Woodpecker', 'c')).shape[1] > every.shape[1] + 100
    assert draw(np.arange(60), [f'class {i}' for i in range(60)]).shape[1] > every.shape[1] + 100
