"""Where classes lie and how far they are apart, against loops."""
import numpy as np
import pytest

from utils.evaluation import geometry


def test_class_means_and_distances_are_those_of_loops():
    rng = np.random.default_rng(3)
    labels, features = rng.integers(0, 5, 200), rng.normal(size=(200, 4)).astype(np.float32)
    means = {c: features[labels == c].mean(axis=0, dtype=np.float64) for c in range(5)}
    got = geometry.class_means(features, labels, 6)
    for c in range(5):
        np.testing.assert_allclose(got[c], means[c])
    assert np.isnan(got[5]).all()
    intra = np.mean([np.sqrt(((f - means[y]) ** 2).sum()) for f, y in zip(features, labels)])
    inter = np.mean([np.sqrt(((means[a] - means[b]) ** 2).sum()) for a in range(5) for b in range(a)])
    assert geometry.intra_class_distance(features, labels, got) == pytest.approx(intra)
    assert geometry.inter_class_distance(got) == pytest.approx(inter)


def test_one_class_has_no_distance_between_classes():
    assert np.isnan(geometry.inter_class_distance(geometry.class_means(np.ones((3, 2)), np.zeros(3, int), 4)))


def test_classes_collapse_when_their_means_are_closer_than_their_spread():
    """Spreads: 1 around (0, 0), 1 around (0.9, 0), 0.1 around (5, 0); class 3 has no samples."""
    features = np.array([[0, -1], [0, 1], [0.9, -1], [0.9, 1], [5, -0.1], [5, 0.1]])
    labels = np.array([0, 0, 1, 1, 2, 2])
    means = geometry.class_means(features, labels, 4)
    assert geometry.collapsed_pairs(features, labels, means) == (1, [(0, 1)])
    apart = features + np.array([0, 0, 0.2, 0.2, 0, 0])[:, np.newaxis] * [1, 0]
    assert geometry.collapsed_pairs(apart, labels, geometry.class_means(apart, labels, 4)) == (0, [])


def test_features_that_are_all_the_same_are_all_collapsed():
    features, labels = np.ones((6, 2)), np.arange(6) % 3
    found = geometry.collapsed_pairs(features, labels, geometry.class_means(features, labels, 4))
    assert found == (3, [(0, 1), (0, 2), (1, 2)])


def test_collapsed_pairs_are_all_counted_and_some_are_named():
    """Of 200 equal classes, 19,900 pairs."""
    features, labels = np.ones((200, 2)), np.arange(200)
    count, pairs = geometry.collapsed_pairs(features, labels, geometry.class_means(features, labels, 200))
    assert count == geometry.pairs_compared(200) == 19_900 and len(set(pairs)) == geometry.MOST_PAIRS
    assert all(0 <= a < b < 200 for a, b in pairs)


def test_the_ring_score_of_a_ring_and_of_a_class_in_the_middle():
    angles = np.radians([10, 100, 190, 280])
    ring = 3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert geometry.ring_score(ring) == {'radius_cv': pytest.approx(0), 'smallest_gap': pytest.approx(90)}
    radii, got = geometry.polar(ring)
    np.testing.assert_allclose(radii, 3)
    np.testing.assert_allclose(got, [10, 100, 190, 280])
    uneven = np.vstack([ring, [[0.3, 0]], [[np.nan, np.nan]]])  # between 280 and 10 degrees, across 0
    score = geometry.ring_score(uneven)
    assert score['smallest_gap'] == pytest.approx(10)
    assert score['radius_cv'] == pytest.approx(np.std([3, 3, 3, 3, 0.3]) / np.mean([3, 3, 3, 3, 0.3]))
    assert geometry.ring_score(np.zeros((10, 2)))['radius_cv'] is None, 'no circle to vary from'


def test_of_many_classes_the_distance_between_them_is_estimated():
    """Means on clusters of very different sizes, so that an estimate has something to miss."""
    rng = np.random.default_rng(0)
    means = rng.normal(size=(6000, 8)) * rng.exponential(size=(6000, 1))
    means[rng.integers(0, 6000, 500)] = np.nan
    present = means[~np.isnan(means).any(axis=1)]
    exact = np.mean([np.linalg.norm(present[i + 1:] - present[i], axis=1).sum() for i in range(len(present))])
    assert geometry.inter_class_distance(means) == pytest.approx(2 * exact / (len(present) - 1), rel=0.02)


@pytest.mark.parametrize('gap, collapsed', [(0.5, True), (3.0, False)])
def test_of_many_classes_some_are_compared_with_the_one_nearest_to_each(gap, collapsed):
    """Pairs of classes, all far from each other; of a class, one feature is 1 before and one 1 behind its mean."""
    means = np.zeros((6000, 2))
    means[:, 0] = np.arange(6000) // 2 * 100 + np.arange(6000) % 2 * gap
    labels = np.tile(np.arange(6000), 2)
    features = means[labels] + np.repeat([[-1.0, 0], [1, 0]], 6000, axis=0)
    count, found = geometry.collapsed_pairs(features, labels, means)
    assert all(b == a + 1 and a % 2 == 0 for a, b in found)
    assert len(set(found)) == len(found) == min(count, geometry.MOST_PAIRS)
    # A pair is found unless neither of its two classes is among the third that is looked at.
    assert count == pytest.approx(3000 * (1 - (2 / 3) ** 2), rel=0.05) if collapsed else not count
