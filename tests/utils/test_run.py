"""What a run looks at after an epoch, and what it warns of."""
import numpy as np

from utils.data.dataset import Split
from utils.run_pictures import _fixed_sample
from utils.wording import collapse_warning, shrink_warning


def test_training_figures_come_from_the_same_ten_thousand_images_at_most():
    split = Split(np.arange(12_000), np.arange(12_000) % 10)
    sample = _fixed_sample(split)
    assert len(sample.labels) == len(set(sample.images)) == 10_000
    np.testing.assert_array_equal(sample.images, _fixed_sample(split).images)
    np.testing.assert_array_equal(sample.images % 10, sample.labels)
    assert len(_fixed_sample(split.take(slice(50))).labels) == 50


def test_the_warning_of_a_collapse_names_classes_and_what_to_do():
    text = collapse_warning([(3, 5)])
    assert '3 and 5' in text and '--lmbd_warmup' in text and '...' not in text
    assert collapse_warning([(0, i) for i in range(1, 9)]).count(' and ') == 5


def test_the_warning_of_triplets_that_are_too_hard_says_how_far_it_went_and_what_to_do():
    assert '(mean distance 0.0123 of 2)' in shrink_warning(0.01234) and 'miner=semi_hard' in shrink_warning(0.01)
