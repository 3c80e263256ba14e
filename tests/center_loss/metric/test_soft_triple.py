"""SoftTriple's regulariser, and the number of centres that it leaves."""
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from center_loss import get_loss

C, K, D = 3, 4, 5


def make(centers, **kwargs):
    """A SoftTripleLoss with the given centres (C, K, D)."""
    num_classes, per_class, feature_size = centers.shape
    loss = get_loss('softtriple', **{'num_classes': num_classes, 'feature_size': feature_size,
                                     'centers_per_class': per_class, **kwargs})
    loss.initialize()
    loss.proxies.set_data(nd.array(centers.reshape(-1, feature_size)))
    return loss


def random_centers(seed=0, shape=(C, K, D)):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def random_batch(size=6):
    rng = np.random.default_rng(size)
    return nd.array(rng.normal(size=(size, D))), nd.array(rng.integers(0, C, size))


def test_the_regulariser_is_in_the_mean_of_the_batch_just_once():
    """Half the mean distance between two centres of a class, times tau, at any batch size."""
    centers = random_centers()
    units = centers / np.linalg.norm(centers, axis=2, keepdims=True)
    distances = [np.linalg.norm(own[t] - own[s]) for own in units for s in range(K) for t in range(s)]
    for size in (1, 6):
        with_it, without = (make(centers, tau=tau)(*random_batch(size)).asnumpy() for tau in (3.0, 0.0))
        np.testing.assert_allclose(with_it.mean() - without.mean(), 3.0 / 2 * np.mean(distances), rtol=1e-5)


def test_with_one_center_and_no_margin_it_is_normalized_softmax():
    centers = random_centers(shape=(C, 1, D))
    softmax = get_loss('normalized_softmax', num_classes=C, feature_size=D)
    softmax.initialize()
    softmax.proxies.set_data(nd.array(centers[:, 0]))
    np.testing.assert_allclose(make(centers, delta=0)(*random_batch()).asnumpy(), softmax(*random_batch()).asnumpy(),
                               rtol=1e-6)


def test_equal_centers_have_finite_gradients_and_no_distance():
    centers = random_centers()
    centers[:, 1] = 2 * centers[:, 0]
    loss = make(centers, tau=5.0)
    with autograd.record():
        losses = loss(*random_batch())
    losses.backward()
    assert np.isfinite(losses.asnumpy()).all() and np.isfinite(loss.proxies.grad().asnumpy()).all()
    same = np.repeat(centers[:, :1], K, axis=1)
    np.testing.assert_allclose(make(same, tau=5.0)(*random_batch()).asnumpy(),
                               make(same, tau=0.0)(*random_batch()).asnumpy(), atol=1e-5)


def count_by_search(units, threshold):
    """Groups of rows linked by distances below the threshold, by visiting neighbours."""
    unseen, groups = set(range(len(units))), 0
    while unseen:
        groups += 1
        reached = [unseen.pop()]
        while reached:
            here = reached.pop()
            near = {other for other in unseen if np.linalg.norm(units[here] - units[other]) < threshold}
            unseen -= near
            reached.extend(near)
    return groups


@pytest.mark.parametrize('threshold', [0.0, 0.3, 0.6, 0.9, 1.2, 3.0])
def test_centers_left_are_the_groups_that_a_search_finds(threshold):
    centers = random_centers(1, (12, 9, 3))
    loss = make(centers)
    units = centers.astype(np.float64) / np.linalg.norm(centers, axis=2, keepdims=True)
    left = loss.centers_left(threshold)
    assert left.tolist() == [count_by_search(own, threshold) for own in units]
    for own, groups, merged, count in zip(units, loss.groups(threshold), loss.merged(threshold), left):
        assert merged.shape == (count, 3)
        for number, group in enumerate(np.unique(groups)):
            mean = own[groups == group].sum(axis=0)
            np.testing.assert_allclose(merged[number], mean / np.linalg.norm(mean), rtol=1e-5)
            assert groups[group] == group


def test_centers_are_linked_by_the_longest_chain():
    angles = np.radians(np.arange(10) * 10.0)  # neighbours are 0.174 apart, the ends 1.41
    chain = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    loss = make(np.stack([chain, chain[::-1]]).astype(np.float32))
    assert loss.centers_left(0.18).tolist() == [1, 1]
    assert loss.centers_left(0.17).tolist() == [10, 10]


@pytest.mark.parametrize('seed', [2, 3])
def test_training_merges_centers_and_without_the_regulariser_does_not(seed):
    """Class 0 has one mode, class 1 two; each starts with four centres."""
    features = nd.array(np.repeat(np.eye(3), 20, axis=0) + np.random.default_rng(0).normal(size=(60, 3)) * 0.05)
    labels = nd.array(np.repeat([0, 1, 1], 20))
    left = {}
    for tau in (0.0, 0.2):
        loss = make(random_centers(seed, (2, 4, 3)), tau=tau)
        loss.hybridize()
        trainer = gluon.Trainer(loss.collect_params(), 'adam', {'learning_rate': 0.1})
        for step in range(200):
            trainer.set_learning_rate(0.1 * (1 - step / 200))
            with autograd.record():
                losses = loss(features, labels)
            losses.backward()
            trainer.step(60)
        left[tau] = loss.centers_left(0.1)
    assert left[0.0].tolist() == [4, 4]
    assert (left[0.2] < 4).all()


def test_a_threshold_must_be_a_distance():
    with pytest.raises(ValueError, match='threshold: expected a finite number of at least 0, got -1'):
        make(random_centers()).centers_left(-1)
