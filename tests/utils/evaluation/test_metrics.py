"""Metrics against loops and scikit-learn."""
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from utils.evaluation import metrics


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
