"""No miner ever returns an invalid triplet, on any labels; and each finds just those that it promises."""
import itertools

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from center_loss import TripletLoss, miners

MARGIN = 0.4


def label_sets():
    """Many label sets, among them one class only, all singletons, two samples, one sample."""
    rng = np.random.default_rng(0)
    sets = [rng.integers(0, classes, size) for classes in (1, 2, 3, 8) for size in (1, 2, 3, 7, 13) for _ in range(4)]
    return [*sets, np.arange(6), np.array([0, 0, 0, 1]), np.array([-5, 70000, -5, 70000, 3])]


def embedded(labels, collapsed=False):
    rng = np.random.default_rng(len(labels))
    rows = rng.normal(size=(len(labels), 4))
    if collapsed:
        rows = np.ones((len(labels), 4))
    elif len(rows) > 2:
        rows[2] = rows[0]  # duplicates are where a miner may take the anchor for its positive
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def distance_matrix(features):
    return np.array([[np.sqrt(((one - other) ** 2).sum()) for other in features] for one in features])


def is_valid(labels, a, p, n):
    return a != p and labels[a] == labels[p] and labels[a] != labels[n]


def all_valid(labels):
    return {t for t in itertools.product(range(len(labels)), repeat=3) if is_valid(labels, *t)}


def where(mask):
    mask = mask.asnumpy()
    assert set(np.unique(mask)) <= {0.0, 1.0}
    return {tuple(int(i) for i in triplet) for triplet in np.argwhere(mask)}


def test_batch_all_finds_every_valid_triplet_and_no_other():
    for labels in label_sets():
        assert where(miners.batch_all(nd, nd.array(labels, dtype='int32'))) == all_valid(labels)


@pytest.mark.parametrize('collapsed', [False, True])
def test_semi_hard_finds_the_valid_triplets_within_the_margin(collapsed):
    for labels in label_sets():
        d = distance_matrix(embedded(labels, collapsed)).astype(np.float32)
        violations = d[:, :, np.newaxis] - d[:, np.newaxis] + np.float32(MARGIN)
        found = where(miners.semi_hard(nd, nd.array(violations), nd.array(labels, dtype='int32'), MARGIN))
        assert found == {(a, p, n) for a, p, n in all_valid(labels) if d[a, p] < d[a, n] < d[a, p] + MARGIN}


@pytest.mark.parametrize('collapsed', [False, True])
def test_batch_hard_finds_the_farthest_positive_and_the_nearest_negative(collapsed):
    for labels in label_sets():
        d = distance_matrix(embedded(labels, collapsed))
        positives, negatives, valid = (array.asnumpy() for array in miners.batch_hard(
            nd, nd.array(d), nd.array(labels, dtype='int32')))
        triplets = all_valid(labels)
        assert set(np.flatnonzero(valid)) == {a for a, _, _ in triplets}
        for a in np.flatnonzero(valid):
            p, n = int(positives[a]), int(negatives[a])
            assert (a, p, n) in triplets
            assert d[a, p] == pytest.approx(max(d[a, other] for b, other, _ in triplets if b == a))
            assert d[a, n] == pytest.approx(min(d[a, other] for b, _, other in triplets if b == a))


@pytest.mark.parametrize('collapsed', [False, True])
def test_offline_triplets_are_valid_and_violate_the_margin(collapsed):
    for seed, labels in enumerate(label_sets()):
        features = embedded(labels, collapsed)
        d = distance_matrix(features)
        triplets = miners.offline_triplets(3 * features, labels, 40, MARGIN, np.random.default_rng(seed))
        assert triplets.dtype == np.int64 and triplets.shape[1:] == (3,) and len(triplets) <= 40
        for a, p, n in triplets:
            assert is_valid(labels, a, p, n)
            assert d[a, n] < d[a, p] + MARGIN + 1e-3
            negatives = d[a, labels != labels[a]]
            if d[a, n] <= d[a, p] - 1e-3:  # not semi-hard, so none may be, and this is the farthest
                assert not ((negatives > d[a, p] + 1e-3) & (negatives < d[a, p] + MARGIN - 1e-3)).any()
                assert d[a, n] >= negatives[negatives <= d[a, p]].max() - 1e-3
        if not all_valid(labels):
            assert len(triplets) == 0
        elif collapsed:
            assert len(triplets) == 40  # nothing is farther than anything: every pair has a negative


def test_offline_mining_draws_from_every_anchor_positive_and_negative_that_violates():
    labels = np.array([0, 1, 0, 2, 1, 0, 1])
    features = embedded(labels)
    d = distance_matrix(features)
    triplets = miners.offline_triplets(features, labels, 20000, MARGIN, np.random.default_rng(0))
    assert {tuple(t) for t in triplets if d[t[0], t[1]] < d[t[0], t[2]]} == {
        (a, p, n) for a, p, n in all_valid(labels) if d[a, p] < d[a, n] < d[a, p] + MARGIN}
    assert {(a, p) for a, p, _ in triplets} == {(a, p) for a, p, _ in all_valid(labels)
                                                if (d[a, labels != labels[a]] < d[a, p] + MARGIN).any()}


def test_offline_triplets_do_not_depend_on_the_chunk_and_repeat_with_the_seed(monkeypatch):
    rng = np.random.default_rng(3)
    labels, features = rng.integers(0, 9, 200), rng.normal(size=(200, 8)).astype(np.float32)
    expected = miners.offline_triplets(features, labels, 70, MARGIN, np.random.default_rng(1))
    assert len(expected) > 50
    for elements in (1, 200 * 7, 200 * 64):
        monkeypatch.setattr(miners, '_CHUNK_ELEMENTS', elements)
        got = miners.offline_triplets(features, labels, 70, MARGIN, np.random.default_rng(1))
        np.testing.assert_array_equal(got, expected)


def test_a_batch_of_offline_triplets_is_what_the_loss_calls_given():
    rng = np.random.default_rng(4)
    labels, features = rng.integers(0, 5, 60), rng.normal(size=(60, 8))
    rows = miners.offline_triplets(features, labels, 30, MARGIN, rng).T.ravel()
    loss = TripletLoss(miner='given', margin=MARGIN)
    losses = loss(nd.array(features[rows]), nd.array(labels[rows])).asnumpy()
    assert (losses[:len(rows) // 3] > 0).all()


def test_statistics_are_those_of_all_valid_triplets():
    for labels in label_sets():
        features = embedded(labels)
        d = distance_matrix(features)
        triplets = all_valid(labels)
        pairs = [(i, j) for i, j in itertools.product(range(len(labels)), repeat=2) if i != j]
        same = [d[i, j] for i, j in pairs if labels[i] == labels[j]]
        other = [d[i, j] for i, j in pairs if labels[i] != labels[j]]
        active = [d[a, p] - d[a, n] + MARGIN > 0 for a, p, n in triplets]
        expected = {key: np.mean(values) if values else np.nan
                    for key, values in (('active_triplets', active), ('d_ap', same), ('d_an', other))}
        got = TripletLoss(miner='batch_hard', margin=MARGIN).statistics(5 * features, labels)
        assert {type(value) for value in got.values()} == {float}
        assert got == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_statistics_tell_collapse_and_take_ndarrays():
    labels = np.repeat(np.arange(4), 3)
    loss = TripletLoss(margin=MARGIN)
    assert loss.statistics(nd.ones((12, 4)), nd.array(labels)) == {'active_triplets': 1.0, 'd_ap': 0.0, 'd_an': 0.0}
    apart = loss.statistics(nd.one_hot(nd.array(labels), 4), nd.array(labels))
    assert apart == pytest.approx({'active_triplets': 0.0, 'd_ap': 0.0, 'd_an': np.sqrt(2)})


def test_masks_are_the_same_in_a_graph():
    labels = np.array([0, 1, 0, 2, 1, 0])
    graph = miners.batch_all(mx.sym, mx.sym.var('labels', dtype='int32'))
    executor = graph.bind(mx.cpu(), {'labels': nd.array(labels, dtype='int32')})
    assert where(executor.forward()[0]) == all_valid(labels)
