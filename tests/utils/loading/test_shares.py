"""What processes have of a batch: together all of it, each image once."""
import numpy as np
import pytest

from tests.utils.training.digits import CPU, random_split
from utils.loading.augmentation import get_augmentation
from utils.loading.batches import Batches
from utils.loading.shares import share_of


@pytest.mark.parametrize('size, count', [(1, 1), (8, 3), (128, 3), (5, 5), (7, 2)])
def test_shares_are_those_of_numpy(size, count):
    wanted = np.array_split(np.arange(size), count)
    for rank in range(count):
        np.testing.assert_array_equal(np.arange(size)[share_of(size, rank, count)], wanted[rank])


@pytest.mark.parametrize('augment', ['none', 'affine'])
def test_the_shares_of_an_epoch_are_what_one_process_sees(augment):
    split = random_split(52)  # a last batch of 4; one of 2 would join the one before
    whole, *parts = (list(Batches(split, 16, CPU, 3, get_augmentation(augment), part=part).epoch(2))
                     for part in ((0, 1), (0, 3), (1, 3), (2, 3)))
    for (((images, labels),), size), *shares in zip(whole, *parts):
        assert {count for _, count in shares} == {size}
        for ours, kind in ((images, 0), (labels, 1)):
            got = np.concatenate([share[0][0][kind].asnumpy() for share in shares])
            np.testing.assert_allclose(got, ours.asnumpy(), atol=1e-6)
