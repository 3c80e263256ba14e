"""What a run looks at after an epoch."""
import numpy as np

from utils.data.dataset import Split
from utils.run import _collapse_warning, _fixed_sample


def test_training_figures_come_from_the_same_ten_thousand_images_at_most():
    split = Split(np.arange(12_000), np.arange(12_000) % 10)
    sample = _fixed_sample(split)
    assert len(sample.labels) == len(set(sample.images)) == 10_000
    np.testing.assert_array_equal(sample.images, _fixed_sample(split).images)
    np.testing.assert_array_equal(sample.images % 10, sample.labels)
    assert len(_fixed_sample(split.take(slice(50))).labels) == 50


def test_the_warning_of_a_collapse_names_classes_and_what_to_do():
    text = _collapse_warning([(3, 5)])
    assert '3 and 5' in text and '--lmbd_warmup' in text and '...' not in text
    assert _collapse_warning([(0, i) for i in range(1, 9)]).count(' and ') == 5
