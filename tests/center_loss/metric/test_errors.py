"""Settings, shapes and labels that metric-learning losses refuse, and what the hot path makes of a wrong label."""
import numpy as np
import pytest
from mxnet import nd

from center_loss import loss_options
from tests.center_loss.metric.losses import C, D, make, random_batch, run


@pytest.mark.parametrize('label', [-1, C])
def test_a_label_outside_the_range_is_refused_and_then_a_nan(proxy_name, label):
    features, labels = random_batch()
    loss = make(proxy_name)
    loss.hybridize()
    loss(nd.array(features), nd.array(labels))
    bad = labels.copy()
    bad[5] = label
    losses, to_features, _ = run(loss, features, bad)
    assert np.flatnonzero(np.isnan(losses)).tolist() == [5]
    np.testing.assert_array_equal(to_features[5], 0)
    with pytest.raises(ValueError, match=rf'labels: expected integers in 0\.\.{C - 1}, got {label}.* at position 5'):
        make(proxy_name)(nd.array(features), nd.array(bad))


@pytest.mark.parametrize('features, labels, message', [
    ((4, D, 1), (4,), r'features: expected shape \(B, .*\), got \(4, 3, 1\)'),
    ((4, D), (3,), r'labels: expected shape \(4,\) to match features \(4, 3\), got \(3,\)'),
])
def test_wrong_shapes_say_what_was_expected_and_what_came(name, features, labels, message):
    with pytest.raises(ValueError, match=message):
        make(name)(nd.zeros(features), nd.zeros(labels))


@pytest.mark.parametrize('value', [-1, float('nan'), float('inf'), '1'])
def test_wrong_numbers_are_refused(name, value):
    for option in {'lmbd', *loss_options(name)} - {'miner', 'centers_per_class'}:
        with pytest.raises(ValueError, match=f'{option}: expected a finite number (above 0|of at least 0), got'):
            make(name, **{option: value})


@pytest.mark.parametrize('name, kwargs, message', [
    ('triplet', {'miner': 'magic'}, "miner: expected one of batch_all, .*given, got 'magic'"),
    ('arcface', {'margin': 28.6}, r'margin: expected radians below pi, got 28\.6'),
    ('cosface', {'scale': 0}, 'scale: expected a finite number above 0, got 0'),
    ('softtriple', {'gamma': 0}, 'gamma: expected a finite number above 0, got 0'),
    ('softtriple', {'centers_per_class': 0}, 'centers_per_class: expected an integer of at least 1, got 0'),
    ('proxy_anchor', {'dtype': 'float16'}, "dtype: expected 'float32' or 'float64', got 'float16'"),
])
def test_wrong_settings_are_refused(name, kwargs, message):
    with pytest.raises(ValueError, match=message):
        make(name, **kwargs)


def test_a_given_triplet_that_its_labels_contradict_is_a_nan():
    features, labels = random_batch(miner='given')
    expected, _, _ = run(make('triplet', miner='given', margin=2.0), features, labels)
    for position in (5, 9):  # the positive of triplet 1 gets another class, then the negative that of its anchor
        wrong = labels.copy()
        wrong[position] = labels[1] + 1 if position == 5 else labels[1]
        losses, to_features, _ = run(make('triplet', miner='given', margin=2.0), features, wrong)
        assert np.flatnonzero(np.isnan(losses)).tolist() == [1]
        np.testing.assert_allclose(losses[[0, 2, 3]], expected[[0, 2, 3]] * 4 / 3, rtol=1e-6)
        np.testing.assert_array_equal(to_features[[1, 5, 9]], 0)
    with pytest.raises(ValueError, match=r'features: expected anchors, positives and negatives, .* 3 rows, got 4'):
        make('triplet', miner='given')(nd.ones((4, D)), nd.zeros((4,)))
