"""Samplers, on arbitrary sets of labels."""
import functools

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from center_loss import TripletLoss, offline_triplets
from tests.settings import make_config
from utils.data.dataset import Split
from utils.errors import UserError
from utils.loading.batches import Batches
from utils.loading.samplers import class_balanced, count_images, epoch_batches, m_per_class, shuffled
from utils.loading.sampling import OfflineTriplets, get_sampler
from utils.training.pairs import check_batches


def label_sets():
    """Labels of 1 to 9 classes with gaps between their numbers, of very different sizes, in random order."""
    sets = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        classes = rng.choice(30, size=rng.integers(1, 10), replace=False)
        sizes = rng.integers(1, 20, len(classes)) ** rng.integers(1, 3)
        sets.append(rng.permutation(np.repeat(classes, sizes)).astype(np.int32))
    return sets


LABEL_SETS = label_sets()


def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize('batch_size', [1, 4, 1000])
def test_shuffled_gives_every_image_once(batch_size):
    for labels in LABEL_SETS:
        batches = list(shuffled(labels, batch_size, rng()))
        np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(len(labels)))
        assert all(len(batch) == batch_size for batch in batches[:-1]) and 0 < len(batches[-1]) <= batch_size


@pytest.mark.parametrize('batch_size', [1, 4, 1000])
def test_class_balanced_gives_classes_and_the_images_of_a_class_equally_often(batch_size):
    for labels in LABEL_SETS:
        batches = list(class_balanced(labels, batch_size, rng()))
        drawn = np.concatenate(batches)
        assert len(drawn) == len(labels)
        assert all(len(batch) == batch_size for batch in batches[:-1]) and 0 < len(batches[-1]) <= batch_size
        assert np.ptp(np.bincount(labels[drawn], minlength=30)[np.unique(labels)]) <= 1
        for label in np.unique(labels):
            assert np.ptp(np.bincount(drawn, minlength=len(labels))[labels == label]) <= 1


@pytest.mark.parametrize('m', [1, 2, 5])
def test_m_per_class_gives_p_classes_with_m_images_each_in_every_batch(m):
    for labels in LABEL_SETS:
        classes, sizes = np.unique(labels, return_counts=True)
        num_classes = 1 + len(classes) // 2
        batches = list(m_per_class(labels, num_classes * m, m, rng()))
        assert len(batches) == max(1, len(labels) // (num_classes * m))
        size_of = dict(zip(classes, sizes))
        for batch in batches:
            seen, counts = np.unique(labels[batch], return_counts=True)
            assert len(seen) == num_classes and (counts == m).all()
            for label in seen:
                different = len(np.unique(batch[labels[batch] == label]))
                assert different == min(m, size_of[label]), 'images repeat only where there are fewer than m'
        drawn = np.concatenate(batches)
        assert np.ptp(np.bincount(labels[drawn], minlength=30)[classes]) <= m, 'one class came twice more than another'
        for label in classes:
            assert np.ptp(np.bincount(drawn, minlength=len(labels))[labels == label]) <= 1


def test_m_per_class_refuses_what_cannot_be_had():
    labels = np.repeat([0, 1, 2], 5)
    with pytest.raises(UserError, match='must be a multiple of the 4 images a class, got 6'):
        next(m_per_class(labels, 6, 4, rng()))
    with pytest.raises(UserError, match='must be at most 12, 4 images of 3 classes, got 16'):
        next(m_per_class(labels, 16, 4, rng()))


@pytest.mark.parametrize('sampler', [shuffled, class_balanced, lambda *args: m_per_class(*args[:2], 2, args[2])])
def test_an_epoch_depends_on_the_generator_alone(sampler):
    labels = np.repeat([3, 1, 8], [7, 9, 30])
    first, again, other = (np.concatenate(list(sampler(labels, 4, np.random.default_rng(seed)))) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert len(first) == len(other) and not np.array_equal(first, other)


@pytest.mark.parametrize('count, expected', [(9, [4, 5]), (10, [4, 4, 2]), (8, [4, 4]), (2, [2])])
def test_a_last_batch_that_is_too_small_for_the_devices_joins_the_one_before(count, expected):
    batches = list(epoch_batches(shuffled, np.zeros(count), 4, rng(), least=2))
    assert [len(batch) for batch in batches] == expected
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(count))


def test_a_batch_that_is_too_small_for_the_devices_is_an_error_if_there_is_none_before():
    with pytest.raises(UserError, match='at least 2 images, one a device, got one of 1'):
        list(epoch_batches(shuffled, np.zeros(1), 4, rng(), least=2))


def test_how_long_an_epoch_of_mined_triplets_counts_does_not_depend_on_what_the_network_has_learnt():
    """A resumed run would count other images than the run that began, and follow another schedule."""
    labels = np.arange(100) % 4
    mixed, apart = np.random.default_rng(0).normal(size=(100, 8)), np.eye(4)[labels] + 0.01
    mine = functools.partial(offline_triplets, margin=0.2)
    for features in (mixed, apart):
        sampler = OfflineTriplets(lambda: features, mine)  # noqa: B023, called in this round
        assert count_images(sampler, labels, 30, 0) == 90
        assert count_images(sampler, labels, 128, 0) == 99
        assert [len(batch) for batch in sampler(labels, 128, rng())] == [99], 'of 100 images, a batch of 128'
        assert len(list(sampler(labels, 30, rng()))) >= 1
    for hopeless in (np.zeros(9, int), np.arange(9)):
        with pytest.raises(UserError, match='triplets need two classes, one of them with two images'):
            count_images(sampler, hopeless, 3, 0)


def features_and_labels(count=61):
    """Of five classes, with some triplet of each anchor that violates the margin."""
    generator = np.random.default_rng(3)
    return generator.normal(size=(count, 6)).astype(np.float32), generator.integers(5, size=count).astype(np.int32)


@pytest.mark.parametrize('devices, batch_size', [(1, 30), (2, 30), (2, 16), (2, 5), (3, 30)])
def test_batches_are_whole_triplets(devices, batch_size):
    """The labels of all shares together must be anchors, positives and negatives, and their loss finite."""
    features, labels = features_and_labels()
    mine = functools.partial(offline_triplets, margin=0.2)
    batches = Batches(Split(features, labels), batch_size, [mx.cpu(i) for i in range(devices)], 0,
                      sampler=OfflineTriplets(lambda: features, mine))
    seen = 0
    for shards, size in batches.epoch(1):
        assert size <= batch_size
        images, own = (np.concatenate([part.asnumpy() for part in parts]) for parts in zip(*shards))
        anchor, positive, negative = np.split(own, 3)
        assert (anchor == positive).all() and (anchor != negative).all()
        assert np.isfinite(TripletLoss(miner='given')(nd.array(images), nd.array(own)).asnumpy()).all()
        seen += size
    assert seen == batches.num_images > 0


def holds_what(name, labels):
    """The slow way: is there a pair, or a triplet?"""
    members = range(len(labels))
    if name == 'contrastive':
        return any(i != j for i in members for j in members)
    return any(i != j and labels[i] == labels[j] != labels[k] for i in members for j in members for k in members)


@pytest.mark.parametrize('name', ['contrastive', 'triplet'])
@pytest.mark.parametrize('devices', [1, 2])
@pytest.mark.parametrize('sampler, batch_size, per_class', [
    ('shuffled', 2, 4), ('shuffled', 3, 4), ('shuffled', 6, 4), ('class_balanced', 2, 4),
    ('m_per_class', 4, 4), ('m_per_class', 4, 1), ('m_per_class', 4, 2), ('m_per_class', 8, 4)])
def test_batches_without_a_pair_are_refused_and_no_others(name, devices, sampler, batch_size, per_class):
    labels = features_and_labels()[1]
    config = make_config(loss=f'softmax+0.5*{name}', sampler=sampler, batch_size=batch_size, per_class=per_class,
                         seed=3)
    batches = Batches(Split(labels, labels), batch_size, [mx.cpu(i) for i in range(devices)], 3,
                      sampler=get_sampler(sampler, per_class))
    learns = any(holds_what(name, np.concatenate([own.asnumpy() for _, own in shards]))
                 for shards, _ in batches.epoch(1))
    if learns:
        check_batches(config, labels, devices)
    else:
        with pytest.raises(UserError, match=f'--loss {name} has nothing to learn from'):
            check_batches(config, labels, devices)


@pytest.mark.parametrize('labels, batch_size', [(np.arange(40), 40), (np.zeros(40, int), 40), (np.arange(40) % 2, 1)])
def test_a_training_set_without_triplets_is_refused(labels, batch_size):
    config = make_config(loss='triplet', batch_size=batch_size)
    with pytest.raises(UserError, match='--loss triplet has nothing'):
        check_batches(config, labels, 1)
    check_batches(config.replaced(loss='softmax+arcface'), labels, 1)
