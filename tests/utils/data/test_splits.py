"""Samples of a split that are the same every time."""
import numpy as np

from utils.data.splits import fixed_sample


def test_what_is_drawn_are_the_same_images_at_most_ten_thousand_of_all_classes():
    """Photos lie in the order of their classes: the first ones would all be of one."""
    sample = fixed_sample(12_000, 10_000)
    assert len(set(sample)) == 10_000 and max(sample) < 12_000
    np.testing.assert_array_equal(sample, fixed_sample(12_000, 10_000))
    assert sorted(fixed_sample(50, 10_000)) == list(range(50))
    by_class = np.repeat(np.arange(10), 1_200)
    assert np.bincount(by_class[fixed_sample(12_000, 500)]).min() > 20
