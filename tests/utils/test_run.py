"""What a run looks at after an epoch, and what it warns of."""
import numpy as np

from utils.data.samplers import fixed_sample
from utils.wording import collapse_warning, shrink_warning


def test_what_is_drawn_are_the_same_images_at_most_ten_thousand_of_all_classes():
    """Photos lie in the order of their classes: the first ones would all be of one."""
    sample = fixed_sample(12_000, 10_000)
    assert len(set(sample)) == 10_000 and max(sample) < 12_000
    np.testing.assert_array_equal(sample, fixed_sample(12_000, 10_000))
    assert sorted(fixed_sample(50, 10_000)) == list(range(50))
    by_class = np.repeat(np.arange(10), 1_200)
    assert np.bincount(by_class[fixed_sample(12_000, 500)]).min() > 20


def test_the_warning_of_a_collapse_names_classes_and_what_to_do():
    text = collapse_warning([(3, 5)])
    assert '3 and 5' in text and '--lmbd_warmup' in text and '...' not in text
    assert collapse_warning([(0, i) for i in range(1, 9)]).count(' and ') == 5


def test_the_warning_of_triplets_that_are_too_hard_says_how_far_it_went_and_what_to_do():
    assert '(mean distance 0.0123 of 2)' in shrink_warning(0.01234) and 'miner=semi_hard' in shrink_warning(0.01)
