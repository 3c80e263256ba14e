"""Nearest neighbours, ties among them, and votes, against loops and scikit-learn."""
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from tests.utils.evaluation.retrieval_oracles import clusters, grid, measures, measures_by_loops, neighbors_by_loops
from utils.errors import UserError
from utils.evaluation import distances, neighbors, retrieval


@pytest.fixture(params=['all distances', 'candidates'], autouse=True)
def way(request, monkeypatch):
    """Every test, by both ways to look; the second is meant for galleries too large for a test."""
    if request.param == 'candidates':
        pytest.importorskip('faiss')
        monkeypatch.setattr(neighbors, 'WORTH', 0)
    return request.param


@pytest.mark.parametrize('feature_size', [1, 2, 5])
def test_equally_far_items_come_in_the_order_of_their_indices(feature_size):
    """Squares on a grid are exact, so a loop finds the ties too; one feature gives three points, 20 items on each."""
    features = grid(feature_size=feature_size)
    for asked in (None, grid(seed=1, feature_size=feature_size)):
        for k in (1, 4, 30, 59):
            np.testing.assert_array_equal(retrieval.nearest_neighbors(asked, features, k),
                                          neighbors_by_loops(asked, features, k, 'euclidean'))
    labels = np.arange(60) % 7
    np.testing.assert_allclose(measures(features, labels), measures_by_loops(features, labels))


@pytest.mark.parametrize('metric', distances.METRICS)
@pytest.mark.parametrize('feature_size', [64, 67])
def test_copies_tie_however_many_and_wherever_they_are(feature_size, metric):
    """Nothing is exact here: a matrix product alone would put copies in the order of its rounding errors."""
    rng = np.random.default_rng(0)
    originals = rng.normal(size=(7, feature_size)).astype(np.float32)
    which = rng.integers(0, 7, 203)
    found = retrieval.nearest_neighbors(rng.normal(size=(50, feature_size)), originals[which], 203, metric)
    for row in found:
        for original in range(7):
            places = np.flatnonzero(which[row] == original)
            assert (np.diff(places) == 1).all() and (np.diff(row[places]) > 0).all()


def test_minus_zero_is_zero():
    """As above, every other copy with -0 where the others have 0."""
    rng = np.random.default_rng(0)
    originals, which = rng.normal(size=(50, 67)), rng.integers(0, 50, 203)
    features = originals[which]
    features[:, 5] = np.where(np.arange(203) % 2, -0.0, 0.0)
    found = retrieval.nearest_neighbors(rng.normal(size=(50, 67)), features, 203)
    for row in found:
        for original in range(50):
            assert (np.diff(row[which[row] == original]) > 0).all()


@pytest.mark.parametrize('metric', distances.METRICS)
def test_copies_are_no_distance_apart(metric):
    features = np.random.default_rng(0).normal(size=(20, 33))[np.arange(60) % 20]
    ((_, found),) = distances.distance_chunks(features, metric=metric)
    same = np.arange(60)[:, np.newaxis] % 20 == np.arange(60) % 20
    assert (found[same] == 0).all() and (found[~same] > 0.01).all()


def test_float32_features_far_from_the_origin_keep_their_neighbors():
    """In float32 the expansion of the square would lose the distances of these entirely."""
    features = (1000 + np.random.default_rng(0).normal(size=(300, 8))).astype(np.float32)
    oracle = NearestNeighbors(n_neighbors=6, algorithm='kd_tree').fit(features.astype(np.float64))
    expected = oracle.kneighbors(features.astype(np.float64), return_distance=False)[:, 1:]
    np.testing.assert_array_equal(retrieval.nearest_neighbors(None, features, 5), expected)


def test_votes_are_scikit_learns_where_they_cannot_tie():
    features, labels = clusters(sizes=(60, 50))
    queries, _ = clusters(seed=3, sizes=(30, 45))
    for k in (1, 3, 9, 109):
        oracle = KNeighborsClassifier(k).fit(features, labels)
        np.testing.assert_array_equal(retrieval.vote(features, labels, queries, k), oracle.predict(queries))


def test_of_classes_with_equal_votes_the_one_with_the_nearest_voter_wins():
    """From 0: class 7 at 1, class 2 at 2 and 3, class 7 at 4. By nearness, not by the lower label or index."""
    features, labels = np.array([[4.0], [3], [2], [1]]), np.array([7, 2, 2, 7])
    assert [int(retrieval.vote(features, labels, np.zeros((1, 1)), k)[0]) for k in (1, 2, 3, 4)] == [7, 7, 2, 7]


def test_what_cannot_be_measured_is_refused():
    features = clusters()[0]
    broken = features.copy()
    broken[3, 1] = np.nan
    with pytest.raises(UserError, match='features must be finite, got NaN or infinity'):
        retrieval.nearest_neighbors(None, broken, 1)
    with pytest.raises(UserError, match='one of euclidean, cosine, got manhattan'):
        retrieval.nearest_neighbors(None, features, 1, 'manhattan')
    with pytest.raises(UserError, match=r"the gallery's 5 features, got 4"):
        retrieval.nearest_neighbors(features[:, :4], features, 1)
    with pytest.raises(UserError, match=r'shape \(N, D\), got \(5,\)'):
        retrieval.nearest_neighbors(features[0], features, 1)
    for k in (0, len(features)):
        with pytest.raises(ValueError, match=f'k must be from 1 to 83, the items to find, got {k}'):
            retrieval.nearest_neighbors(None, features, k)


@pytest.mark.parametrize('metric', distances.METRICS)
@pytest.mark.parametrize('case', ['apart', 'on a grid', 'copies', 'nearly copies', 'far off', 'one far off'])
def test_both_ways_find_the_same(way, monkeypatch, case, metric):
    """More items than are followed, in every kind of tie and near tie; what asks is some of them, or others."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(1500, 16)).astype(np.float32)
    if case == 'on a grid':
        features = rng.integers(0, 2, (1500, 16)).astype(np.float32)
    if 'copies' in case:
        features = features[rng.integers(0, 40, 1500)]
    if case == 'nearly copies':
        features = features + rng.normal(size=features.shape).astype(np.float32) * 1e-5
    if 'far off' in case:
        features[:1 if 'one' in case else None] += 1000
    asking = rng.permutation(1500)[:300]
    for k in (1, 8, 100):
        for queries, which in ((None, asking), (features[asking] + np.float32(0.5), None)):
            found = np.concatenate([part for _, part in neighbors.neighbor_chunks(queries, features, k, metric, which)])
            with monkeypatch.context() as patch:
                patch.setattr(neighbors, 'WORTH', np.inf)
                expected = np.concatenate([
                    part for _, part in neighbors.neighbor_chunks(queries, features, k, metric, which)])
            if metric == 'cosine' and 'copies' not in case:  # whose ties float64 itself breaks by rounding
                same = (found == expected).mean()
                assert same > 0.9999 or case == 'on a grid'
            else:
                np.testing.assert_array_equal(found, expected)


def test_without_faiss_the_answers_are_there_too(way, monkeypatch):
    monkeypatch.setattr(neighbors, '_faiss', lambda: None)
    features = grid()
    np.testing.assert_array_equal(retrieval.nearest_neighbors(None, features, 5),
                                  neighbors_by_loops(None, features, 5, 'euclidean'))
