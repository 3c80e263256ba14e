"""The ROC of pairs against scikit-learn's, which sorts them all."""
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from utils.evaluation import distances, verification


def clusters(seed=0, count=120):
    rng = np.random.default_rng(seed)
    labels = rng.choice([3, 5, 8, 9], count, p=[0.5, 0.3, 0.15, 0.05])
    return rng.normal(size=(10, 4))[labels] + rng.normal(size=(count, 4)), labels


def pairs_by_loops(features, labels, metric):
    """(same class?, float32 distance) of all pairs, one after the other."""
    same, far = [], []
    for i in range(len(labels)):
        for j in range(i):
            a, b = features[i], features[j]
            same.append(labels[i] == labels[j])
            far.append(np.linalg.norm(a - b) if metric == 'euclidean' else
                       1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    return np.array(same), np.array(far, np.float32)


@pytest.mark.parametrize('elements', [1, 1000, 10 ** 6])
@pytest.mark.parametrize('metric', distances.METRICS)
def test_curve_area_and_rates_are_those_of_scikit_learn(monkeypatch, metric, elements):
    monkeypatch.setattr(distances, '_CHUNK_ELEMENTS', elements)
    features, labels = clusters()
    same, far = pairs_by_loops(features, labels, metric)
    roc = verification.verification_roc(features, labels, metric)
    assert (roc.samples, roc.genuine, roc.impostors) == (120, same.sum(), (~same).sum())
    assert roc.auc == pytest.approx(roc_auc_score(same, -far), abs=1e-6)
    false, true, _ = roc_curve(same, -far, drop_intermediate=False)
    for limit in (0, 1e-3, 0.01, 0.1, 0.5, 1):
        assert verification.tar_at_far(roc, limit) == pytest.approx(true[false <= limit].max(), abs=1e-6)
    for i in range(0, len(roc.thresholds), 97):
        accepted = far <= roc.thresholds[i] * (1 + 1e-6)
        assert roc.tar[i] == pytest.approx(accepted[same].mean(), abs=1e-3)
        assert roc.far[i] == pytest.approx(accepted[~same].mean(), abs=1e-3)


def test_equal_distances_are_shared_between_the_two_kinds():
    """On a grid most distances occur in both kinds; scikit-learn's area gives half for each tie."""
    rng = np.random.default_rng(0)
    features, labels = rng.integers(0, 3, (80, 2)).astype(np.float32), rng.integers(0, 4, 80)
    same, far = pairs_by_loops(features, labels, 'euclidean')
    roc = verification.verification_roc(features, labels)
    assert len(roc.thresholds) == len(set(far[same])) < 10
    assert roc.auc == pytest.approx(roc_auc_score(same, -far), rel=1e-12)
    false, true, _ = roc_curve(same, -far, drop_intermediate=False)
    for limit in (0, 0.1, 0.2, 0.5):
        assert verification.tar_at_far(roc, limit) == pytest.approx(true[false <= limit].max())


def test_distances_that_differ_by_rounding_are_equal():
    """0.1 - 0 and 0.4 - 0.3 differ in float64. One genuine pair against impostors at 0.1, 0.2, 0.3, 0.3 and 0.4."""
    roc = verification.verification_roc(np.array([[0.0], [0.1], [0.3], [0.4]]), np.array([0, 0, 1, 2]))
    assert roc.auc == pytest.approx(4.5 / 5)


def test_a_collapsed_network_is_chance_and_separate_classes_are_perfect():
    collapsed = np.random.default_rng(0).normal(size=(1, 33)).repeat(40, axis=0)
    labels = np.arange(40) % 4
    values = verification.evaluate_verification(collapsed, labels)
    assert values == {'verification_auc': 0.5, 'tar_at_far_0.1': 0, 'tar_at_far_0.01': 0, 'tar_at_far_0.001': 0,
                      'verification_samples': 40}
    apart = verification.evaluate_verification(np.eye(4)[labels], labels)
    assert [apart[key] for key in list(values)[:4]] == [1, 1, 1, 1]


@pytest.mark.parametrize('labels', [[0] * 6, range(6), [0]])
def test_without_pairs_of_both_kinds_there_is_no_rate(labels):
    features = np.random.default_rng(0).normal(size=(len(labels), 3))
    values = verification.evaluate_verification(features, np.array(labels), fars=(0.1,))
    assert values == {'verification_auc': None, 'tar_at_far_0.1': None, 'verification_samples': len(labels)}


def test_beyond_the_limit_a_random_choice_of_items_is_compared_and_counted():
    features, labels = clusters(count=1500)
    every = verification.verification_roc(features, labels)
    some = verification.verification_roc(features, labels, max_pairs=45_000)
    assert every.samples == 1500 and some.samples == 300  # 300 * 299 / 2 = 44,850
    assert some.genuine + some.impostors == 44_850
    assert some.auc == pytest.approx(every.auc, abs=0.05) and some.auc != every.auc
    again, other = (verification.verification_roc(features, labels, max_pairs=45_000, seed=seed) for seed in (0, 1))
    assert again.auc == some.auc != other.auc
    at_limit = verification.verification_roc(features[:300], labels[:300], max_pairs=44_850)
    assert at_limit.samples == 300
