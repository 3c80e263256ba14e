"""What is kept of logits, against scikit-learn and the maths; in parts as in one, and where they are no numbers."""
import numpy as np
import pytest
from scipy.special import log_softmax

from utils.evaluation import outputs as module
from utils.evaluation.outputs import Outputs

RNG = np.random.default_rng(0)
LOGITS, FEATURES = 9 * RNG.normal(size=(50, 7)).astype(np.float32), RNG.normal(size=(50, 3))
LABELS = RNG.integers(0, 9, 50)  # of which 7 and 8 have no logit


def test_what_is_kept_is_what_softmax_makes_of_the_logits():
    outputs, shares = Outputs.of(LOGITS, FEATURES, LABELS), log_softmax(LOGITS.astype(np.float64), axis=1)
    np.testing.assert_array_equal(outputs.answers, LOGITS.argmax(axis=1))
    np.testing.assert_allclose(outputs.sure, np.exp(shares.max(axis=1)))
    known = LABELS < 7
    np.testing.assert_allclose(outputs.losses[known], -shares[known, LABELS[known]], atol=1e-12)
    assert np.isnan(outputs.losses[~known]).all() and (~known).any() and outputs.num_classes == 7


def test_parts_are_the_whole(monkeypatch):
    whole = Outputs.of(LOGITS, FEATURES, LABELS)
    joined = Outputs.joined([Outputs.of(LOGITS[rows], FEATURES[rows], LABELS[rows])
                             for rows in (slice(20), slice(20, 50))])
    monkeypatch.setattr(module, '_CHUNK_ELEMENTS', 15)  # two rows at once
    for other in (joined, Outputs.of(LOGITS, FEATURES, LABELS)):
        for got, wanted in zip(other, whole):
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_a_logit_that_is_no_number_is_seen(value):
    logits = LOGITS.copy()
    logits[4, 2] = value
    assert np.flatnonzero(~np.isfinite(Outputs.of(logits, FEATURES, LABELS).sure)).tolist() == [4]
