"""Samplers, on arbitrary sets of labels."""
import functools

import numpy as np
import pytest

from center_loss import offline_triplets
from utils.data.samplers import class_balanced, count_images, epoch_batches, m_per_class, shuffled
from utils.errors import UserError
from utils.sampling import OfflineTriplets


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


@pytest.mark.parametrize('count, expected', [(9, [4, 5]), (10, [4, 4, 2]), (8, [4, 4]), (1, [1])])
def test_a_last_batch_that_is_too_small_for_the_devices_joins_the_one_before(count, expected):
    batches = list(epoch_batches(shuffled, np.zeros(count), 4, rng(), least=2))
    assert [len(batch) for batch in batches] == expected
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(count))


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
