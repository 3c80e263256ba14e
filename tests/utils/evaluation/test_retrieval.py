"""Neighbours and retrieval measures against loops, scikit-learn and pytorch-metric-learning."""
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from utils.errors import UserError
from utils.evaluation import distances, retrieval


def clusters(seed=0, sizes=(40, 25, 12, 3, 2, 1, 1), feature_size=5):
    """Overlapping classes of uneven sizes, the last two of one item, labelled with gaps; in random order."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(10 * np.arange(len(sizes)), sizes))
    means = rng.normal(size=(len(sizes), feature_size))
    return (means[labels // 10] + rng.normal(size=(len(labels), feature_size))).astype(np.float32), labels


def grid(seed=0, count=60, feature_size=2):
    """Points on a small grid: many are equal, and many distances are."""
    return np.random.default_rng(seed).integers(-1, 2, (count, feature_size)).astype(np.float32)


def distance(a, b, metric):
    a, b = a.astype(np.float64), b.astype(np.float64)
    if metric == 'euclidean':
        return np.sqrt(((a - b) ** 2).sum())
    lengths = np.sqrt((a ** 2).sum()) * np.sqrt((b ** 2).sum())
    return 1 - (a * b).sum() / lengths if lengths else 1.0


def neighbors_by_loops(queries, gallery, k, metric):
    """`nearest_neighbors` by the definition: sort all (distance, index) of each query."""
    alone = queries is None
    return [[j for _, j in sorted((distance(query, item, metric), j) for j, item in enumerate(gallery)
                                  if not (alone and i == j))[:k]]
            for i, query in enumerate(gallery if alone else queries)]


def measures_by_loops(features, labels, metric='euclidean'):
    """(recall at 1, 2, 4, 8, MAP@R, R-precision) by their definitions, one query after the other."""
    found = neighbors_by_loops(None, features, len(labels) - 1, metric)
    recalls, average_precisions, r_precisions = [], [], []
    for i, neighbors in enumerate(found):
        hits = [bool(labels[j] == labels[i]) for j in neighbors]
        r = sum(hits)
        if r == 0:
            continue
        recalls.append([any(hits[:k]) for k in (1, 2, 4, 8)])
        precisions = [sum(hits[:rank]) / rank for rank in range(1, r + 1)]
        average_precisions.append(sum(p for p, hit in zip(precisions, hits) if hit) / r)
        r_precisions.append(sum(hits[:r]) / r)
    return (*np.mean(recalls, axis=0), np.mean(average_precisions), np.mean(r_precisions))


def measures(features, labels, metric='euclidean'):
    ranking = retrieval.rank(features, labels, metric)
    return (*(retrieval.recall_at_k(ranking, k) for k in (1, 2, 4, 8)),
            retrieval.map_at_r(ranking), retrieval.r_precision(ranking))


@pytest.mark.parametrize('elements', [1, 500, 10 ** 6])  # one query at a time, a few, all at once
@pytest.mark.parametrize('metric', distances.METRICS)
def test_neighbors_and_measures_are_those_of_loops_whatever_the_chunks(monkeypatch, metric, elements):
    monkeypatch.setattr(distances, '_CHUNK_ELEMENTS', elements)
    features, labels = clusters()
    queries = clusters(seed=1)[0][:20]
    for k in (1, 7, len(features) - 1):
        for asked in (None, queries):
            np.testing.assert_array_equal(retrieval.nearest_neighbors(asked, features, k, metric),
                                          neighbors_by_loops(asked, features, k, metric))
    np.testing.assert_allclose(measures(features, labels, metric), measures_by_loops(features, labels, metric))


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


def test_an_item_alone_in_its_class_is_no_query_but_can_be_found():
    """On a line: class 0 at 0 and 3, class 1 alone at 1. The item at 0 finds 1 first, the item at 3 too."""
    features, labels = np.array([[0.0], [3], [1]]), np.array([0, 0, 1])
    ranking = retrieval.rank(features, labels)
    assert ranking.hits.tolist() == [[False, True], [False, True]]
    assert measures(features, labels) == (0, 1, 1, 1, 0, 0)
    assert measures(features, np.array([0, 1, 2])) == (None,) * 6
    assert measures(features[:1], labels[:1]) == (None,) * 6


def test_one_class_finds_itself_and_so_does_one_point():
    assert measures(clusters()[0], np.full(84, 3)) == (1,) * 6
    assert measures(np.ones((84, 5)), np.full(84, 3)) == (1,) * 6


def test_a_collapsed_network_is_judged_by_the_order_of_its_items():
    """All features are equal, so the first items are the nearest. Of labels 0 1 0 1 they find, by item:
    1 2 3, second right; 0 2 3, third; 0 1 3, first; 0 1 2, second."""
    assert measures(np.full((4, 3), 0.1, np.float32), np.array([0, 1, 0, 1])) == (0.25, 0.75, 1, 1, 0.25, 0.25)


def test_map_at_r_rewards_early_hits_and_ignores_what_comes_after_r():
    """R = 10. Only the first right: 1/10. The first and the tenth: (1 + 2/10) / 10. Then two more hits, too late."""
    hits = np.zeros((2, 12), bool)
    hits[:, 0] = hits[1, 9] = hits[:, 10:] = True
    r_precision, average_precision = retrieval._at_r(hits, np.array([10, 10]))
    np.testing.assert_allclose(r_precision, [0.1, 0.2])
    np.testing.assert_allclose(average_precision, [0.1, 0.12])


@pytest.mark.parametrize('metric', distances.METRICS)
def test_measures_are_those_of_pytorch_metric_learning(metric):
    torch = pytest.importorskip('torch', reason='PyTorch is not installed')
    pytest.importorskip('pytorch_metric_learning', reason='pytorch-metric-learning is not installed')
    from pytorch_metric_learning.distances import CosineSimilarity, LpDistance
    from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
    from pytorch_metric_learning.utils.inference import CustomKNN
    features, labels = clusters(seed=2, sizes=(50, 30, 30, 9, 1))
    far = LpDistance(normalize_embeddings=False) if metric == 'euclidean' else CosineSimilarity()
    calculator = AccuracyCalculator(include=('precision_at_1', 'r_precision', 'mean_average_precision_at_r'),
                                    k='max_bin_count', device=torch.device('cpu'), knn_func=CustomKNN(far))
    expected = calculator.get_accuracy(torch.tensor(features, dtype=torch.float64), torch.tensor(labels))
    recall, *_, map_at_r, r_precision = measures(features, labels, metric)
    assert recall == pytest.approx(expected['precision_at_1'])
    assert map_at_r == pytest.approx(expected['mean_average_precision_at_r'])
    assert r_precision == pytest.approx(expected['r_precision'])


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


def test_evaluation_is_flat_and_holds_every_measure():
    features, labels = clusters()
    values = retrieval.evaluate_retrieval(features, labels, 'cosine')
    assert list(values) == ['recall_at_1', 'recall_at_2', 'recall_at_4', 'recall_at_8', 'map_at_r', 'r_precision',
                            'nmi', 'ami']
    np.testing.assert_allclose(list(values.values())[:6], measures_by_loops(features, labels, 'cosine'))
    assert all(type(value) is float for value in values.values())
    undefined = retrieval.evaluate_retrieval(np.eye(3), np.arange(3))
    assert undefined == {**dict.fromkeys(list(values)[:6]), 'nmi': 1.0, 'ami': 1.0}


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
