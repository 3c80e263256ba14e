"""Retrieval measures against loops and pytorch-metric-learning."""
import numpy as np
import pytest

from tests.utils.evaluation.retrieval_oracles import clusters, measures, measures_by_loops, neighbors_by_loops
from utils.evaluation import distances, neighbors, retrieval


@pytest.fixture(params=['all distances', 'candidates'], autouse=True)
def way(request, monkeypatch):
    """Every test, by both ways to look; the second is meant for galleries too large for a test."""
    if request.param == 'candidates':
        pytest.importorskip('faiss')
        monkeypatch.setattr(neighbors, 'WORTH', 0)
    return request.param


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


def test_evaluation_is_flat_and_holds_every_measure():
    features, labels = clusters()
    values = retrieval.evaluate_retrieval(features, labels, 'cosine')
    assert list(values) == ['recall_at_1', 'recall_at_2', 'recall_at_4', 'recall_at_8', 'map_at_r', 'r_precision',
                            'nmi', 'ami']
    np.testing.assert_allclose(list(values.values())[:6], measures_by_loops(features, labels, 'cosine'))
    assert all(type(value) is float for value in values.values())
    undefined = retrieval.evaluate_retrieval(np.eye(3), np.arange(3))
    assert undefined == {**dict.fromkeys(list(values)[:6]), 'nmi': 1.0, 'ami': 1.0}
