"""NMI and AMI of k-means: of clusters that are sure to be found, by the definition of entropy, and at the edges."""
import numpy as np
import pytest

from utils.evaluation import clustering


def blobs(groups, seed=0):
    """Features around the corners of a wide triangle, one corner for each number in `groups`, plain for k-means."""
    corners = np.array([[0.0, 0], [100, 0], [0, 100]])
    return corners[groups] + np.random.default_rng(seed).normal(size=(len(groups), 2))


def entropy(labels):
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return -(shares * np.log(shares)).sum()


def test_blobs_that_are_the_classes_score_one_and_their_names_do_not_matter():
    groups = np.random.default_rng(0).integers(0, 3, 60)
    assert clustering.scores(blobs(groups), np.array([7, 1, 30])[groups]) == (pytest.approx(1), pytest.approx(1))


def test_nmi_is_mutual_information_over_the_mean_of_the_entropies():
    """k-means finds the three blobs; the labels say something else, and in part the same."""
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 3, 90)
    labels = np.where(rng.random(90) < 0.6, groups, rng.integers(0, 3, 90))
    both = entropy(3 * groups + labels)
    mutual = entropy(groups) + entropy(labels) - both
    nmi, ami = clustering.scores(blobs(groups), labels)
    assert nmi == pytest.approx(mutual / ((entropy(groups) + entropy(labels)) / 2))
    assert ami < nmi


def test_ami_is_about_zero_for_clusters_by_chance_where_nmi_is_not():
    rng = np.random.default_rng(0)
    values = [clustering.scores(rng.normal(size=(60, 4)), rng.integers(0, 15, 60), n_init=1) for _ in range(10)]
    nmi, ami = np.mean(values, axis=0)
    assert nmi > 0.4 and abs(ami) < 0.08


def test_cosine_clusters_directions():
    """Two directions, at lengths from 1 to 1000: only without the lengths are they two clusters."""
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    features = np.eye(2)[labels] * 10 ** rng.uniform(0, 3, (80, 1)) + rng.normal(size=(80, 2)) * 0.01
    assert clustering.scores(features, labels, 'cosine')[0] == pytest.approx(1)
    assert clustering.scores(features, labels, 'euclidean')[0] < 0.8


def test_a_seed_repeats_itself():
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(100, 3)), rng.integers(0, 8, 100)
    assert clustering.scores(features, labels, seed=3) == clustering.scores(features, labels, seed=3)
    several = {clustering.scores(features, labels, seed=seed, n_init=1) for seed in range(5)}
    assert len(several) > 1


@pytest.mark.parametrize('features, labels, expected', [
    (np.ones((6, 2)), [0, 1, 2, 0, 1, 2], 0),  # a collapsed network: one cluster
    (np.ones((6, 2)), [4] * 6, 1),
    (np.arange(12.0).reshape(6, 2), [4] * 6, 1),
    (np.arange(12.0).reshape(6, 2), range(6), 1),  # classes of one item
    (np.ones((1, 2)), [0], 1)])
def test_the_edges_have_answers(features, labels, expected):
    assert clustering.scores(features, np.array(labels)) == (pytest.approx(expected), pytest.approx(expected))


def test_of_many_classes_some_are_clustered(monkeypatch):
    """Half of 300 classes, whose clusters are no easy find."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(300), 2)
    features = rng.normal(size=(300, 8))[labels] * 5 + rng.normal(size=(600, 8)) * 3
    every = clustering.scores(features, labels, n_init=1)
    monkeypatch.setattr(clustering, 'MOST_CLASSES', 100)
    monkeypatch.setattr(clustering, 'SAMPLED_CLASSES', 150)
    some = clustering.scores(features, labels, n_init=1)
    assert some != every and some == pytest.approx(every, abs=0.15)
    assert some == clustering.scores(features, labels, n_init=1)
