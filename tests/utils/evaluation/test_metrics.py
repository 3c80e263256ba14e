"""Metrics against loops and scikit-learn."""
import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics
from sklearn.neighbors import KNeighborsClassifier

from utils.evaluation import metrics


def random_labels(count=200, num_classes=6):
    """Labels and predictions in which the last class never occurs and is never predicted."""
    rng = np.random.default_rng(0)
    return rng.integers(0, num_classes - 1, (2, count))


def test_confusion_matrix_and_accuracies_are_those_of_scikit_learn():
    labels, predictions = random_labels()
    confusion = metrics.confusion_matrix(labels, predictions, 6)
    np.testing.assert_array_equal(confusion, sklearn_metrics.confusion_matrix(labels, predictions, labels=range(6)))
    assert metrics.accuracy(labels, predictions) == pytest.approx(sklearn_metrics.accuracy_score(labels, predictions))
    recalls = sklearn_metrics.recall_score(labels, predictions, labels=range(5), average=None)
    np.testing.assert_allclose(metrics.per_class_accuracy(confusion)[:5], recalls)
    assert np.isnan(metrics.per_class_accuracy(confusion)[5])


@pytest.mark.filterwarnings('ignore:The number of unique classes')  # one sample a class is what centres are
@pytest.mark.parametrize('num_classes, feature_size, offset', [(1, 2, 0), (10, 2, 0), (300, 16, 0), (10, 2, 1e5)])
def test_nearest_center_is_scikit_learns_one_neighbour(num_classes, feature_size, offset):
    """With an offset, the squared norms are ten orders above the distances: a naive expansion gets these wrong."""
    rng = np.random.default_rng(1)
    centers = (offset + rng.normal(size=(num_classes, feature_size))).astype(np.float64)
    features = offset + rng.normal(size=(500, feature_size))
    oracle = KNeighborsClassifier(1, algorithm='brute').fit(centers - offset, np.arange(num_classes))
    np.testing.assert_array_equal(metrics.nearest_center(features, centers), oracle.predict(features - offset))


def test_nearest_center_is_a_loop_over_samples_whatever_the_chunks(monkeypatch):
    rng = np.random.default_rng(2)
    features, centers = rng.normal(size=(100, 3)).astype(np.float32), rng.normal(size=(7, 3)).astype(np.float32)
    expected = [min(range(7), key=lambda c: sum((float(f[d]) - float(centers[c, d])) ** 2 for d in range(3)))
                for f in features]
    for elements in (1, 7 * 33, 10 ** 6):
        monkeypatch.setattr(metrics, '_CHUNK_ELEMENTS', elements)
        np.testing.assert_array_equal(metrics.nearest_center(features, centers), expected)


def test_nearest_center_gives_two_equal_centers_to_the_lower_class():
    assert metrics.nearest_center(np.zeros((1, 2)), np.array([[3.0, 0], [0, 1], [0, 1]])) == [1]


def test_class_means_and_distances_are_those_of_loops():
    rng = np.random.default_rng(3)
    labels, features = random_labels()[0], rng.normal(size=(200, 4)).astype(np.float32)
    means = {c: features[labels == c].mean(axis=0, dtype=np.float64) for c in range(5)}
    got = metrics.class_means(features, labels, 6)
    for c in range(5):
        np.testing.assert_allclose(got[c], means[c])
    assert np.isnan(got[5]).all()
    intra = np.mean([np.sqrt(((f - means[y]) ** 2).sum()) for f, y in zip(features, labels)])
    inter = np.mean([np.sqrt(((means[a] - means[b]) ** 2).sum()) for a in range(5) for b in range(a)])
    assert metrics.intra_class_distance(features, labels, got) == pytest.approx(intra)
    assert metrics.inter_class_distance(got) == pytest.approx(inter)


def test_one_class_has_no_distance_between_classes():
    assert np.isnan(metrics.inter_class_distance(metrics.class_means(np.ones((3, 2)), np.zeros(3, int), 4)))


def test_classes_collapse_when_their_means_are_closer_than_their_spread():
    """Spreads: 1 around (0, 0), 1 around (0.9, 0), 0.1 around (5, 0); class 3 has no samples."""
    features = np.array([[0, -1], [0, 1], [0.9, -1], [0.9, 1], [5, -0.1], [5, 0.1]])
    labels = np.array([0, 0, 1, 1, 2, 2])
    means = metrics.class_means(features, labels, 4)
    assert metrics.collapsed_pairs(features, labels, means) == [(0, 1)]
    apart = features + np.array([0, 0, 0.2, 0.2, 0, 0])[:, np.newaxis] * [1, 0]
    assert metrics.collapsed_pairs(apart, labels, metrics.class_means(apart, labels, 4)) == []


def test_features_that_are_all_the_same_are_all_collapsed():
    features, labels = np.ones((6, 2)), np.arange(6) % 3
    found = metrics.collapsed_pairs(features, labels, metrics.class_means(features, labels, 4))
    assert found == [(0, 1), (0, 2), (1, 2)]


def test_the_ring_score_of_a_ring_and_of_a_class_in_the_middle():
    angles = np.radians([10, 100, 190, 280])
    ring = 3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert metrics.ring_score(ring) == {'radius_cv': pytest.approx(0), 'smallest_gap': pytest.approx(90)}
    radii, got = metrics.polar(ring)
    np.testing.assert_allclose(radii, 3)
    np.testing.assert_allclose(got, [10, 100, 190, 280])
    uneven = np.vstack([ring, [[0.3, 0]], [[np.nan, np.nan]]])  # between 280 and 10 degrees, across 0
    score = metrics.ring_score(uneven)
    assert score['smallest_gap'] == pytest.approx(10)
    assert score['radius_cv'] == pytest.approx(np.std([3, 3, 3, 3, 0.3]) / np.mean([3, 3, 3, 3, 0.3]))
    assert metrics.ring_score(np.zeros((10, 2)))['radius_cv'] is None, 'no circle to vary from'
