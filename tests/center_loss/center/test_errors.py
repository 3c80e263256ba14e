"""Settings, shapes and labels that center losses refuse, and what the hot path makes of a label that it cannot."""
import re

import numpy as np
import pytest
from mxnet import nd

from center_loss import get_loss
from tests.center_loss import oracles
from tests.center_loss.center.losses import C, D, losses_and_gradients, make, random_batch, random_centers
from tests.center_loss.hybrid import hybridize_if_it_can
from tests.center_loss.oracles import CASES


@pytest.mark.parametrize('label', [-1, C, 1000])
def test_a_label_outside_the_range_is_refused_before_the_hot_path(name, label):
    features, labels = random_batch(4)
    labels[2] = label
    message = rf'labels: expected integers in 0\.\.{C - 1}, got {label}.* at position 2'
    loss = make(name)
    with pytest.raises(ValueError, match=message):
        loss(nd.array(features), nd.array(labels))
    hybridize_if_it_can(loss)
    with pytest.raises(ValueError, match=message):  # the first call after hybridize() still looks
        loss(nd.array(features), nd.array(labels))


@pytest.mark.parametrize('label', [-1, C, 1000])
@pytest.mark.parametrize('case', [case for key, case in CASES.items() if 'balanced' not in key and 'paper' not in key])
def test_a_label_outside_the_range_is_a_nan_in_the_hot_path_and_moves_nothing(case, label):
    """Without counts or batch sizes in the loss, the other samples are as they would be without the bad one."""
    features, labels = random_batch(8)
    loss = make(case.name, **case.options)
    hybridize_if_it_can(loss)
    good = losses_and_gradients(loss, features, labels)
    bad_labels = labels.copy()
    bad_labels[3] = label
    losses, to_features, to_centers = losses_and_gradients(loss, features, bad_labels)
    assert np.isnan(losses[3])
    others = np.arange(8) != 3
    np.testing.assert_array_equal(losses[others], good[0][others])
    np.testing.assert_array_equal(to_features[3], 0)
    np.testing.assert_array_equal(to_features[others], good[1][others])
    expected = oracles.losses_and_gradients(case, features[others], labels[others], random_centers(), 1.0)[2]
    np.testing.assert_allclose(to_centers, expected, rtol=1e-5, atol=1e-6)


def test_a_fractional_label_is_refused(name):
    with pytest.raises(ValueError, match='labels: expected integers'):
        make(name)(nd.ones((2, D)), nd.array([0, 0.5]))


@pytest.mark.parametrize('features, labels, message', [
    ((4, D + 1), (4,), r'features: expected shape \(B, 3\), got \(4, 4\)'),
    ((4, D), (3,), r'labels: expected shape \(4,\) to match features \(4, 3\), got \(3,\)'),
    ((4, D), (4, 1), r'labels: expected shape \(4,\).*got \(4, 1\)'),
])
@pytest.mark.parametrize('hybridize', [False, True])
def test_wrong_shapes_say_what_was_expected_and_what_came(name, features, labels, message, hybridize):
    loss = make(name)
    if hybridize:
        hybridize_if_it_can(loss)
        loss(nd.zeros((4, D)), nd.zeros((4,)))
    with pytest.raises(ValueError, match=message):
        loss(nd.zeros(features), nd.zeros(labels))


@pytest.mark.parametrize('kwargs, message', [
    ({'num_classes': 0}, 'num_classes: expected an integer of at least 1, got 0'),
    ({'num_classes': 2.5}, r'num_classes: expected an integer of at least 1, got 2\.5'),
    ({'feature_size': -1}, 'feature_size: expected an integer of at least 1, got -1'),
    ({'lmbd': -1}, 'lmbd: expected a finite number of at least 0, got -1'),
    ({'lmbd': float('nan')}, 'lmbd: expected a finite number of at least 0, got nan'),
    ({'lmbd': '1'}, "lmbd: expected a finite number of at least 0, got '1'"),
    ({'dtype': 'bfloat16'}, "dtype: expected 'float32' or 'float64', got 'bfloat16'"),
])
def test_wrong_settings_are_refused(name, kwargs, message):
    with pytest.raises(ValueError, match=message):
        get_loss(name, **{'num_classes': C, 'feature_size': D, **kwargs})


def test_an_unknown_loss_is_refused_by_name():
    with pytest.raises(ValueError, match=r"name: expected one of embedding, parameter.*, got 'nonsense'"):
        get_loss('nonsense')


@pytest.mark.parametrize('shape', [(4,), (4, D, 1)])
def test_features_of_another_rank_are_refused(symbolic_name, shape):
    with pytest.raises(ValueError, match=rf'features: expected shape \(B, 3\), got {re.escape(str(shape))}'):
        make(symbolic_name)(nd.zeros(shape), nd.zeros((4,)))


def test_an_unknown_center_update_is_refused():
    with pytest.raises(ValueError, match="center_update: expected 'autograd' or 'paper', got 'magic'"):
        get_loss('embedding', num_classes=C, feature_size=D, center_update='magic')
