"""Values, gradients and steps of every way to write center loss, beside those of loops."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from center_loss import list_losses, loss_options
from tests.center_loss import oracles
from tests.center_loss.center.losses import C, D, losses_and_gradients, make, random_batch, random_centers
from tests.center_loss.hybrid import hybridize_if_it_can
from tests.center_loss.oracles import CASES


def test_every_loss_and_every_option_of_it_has_an_oracle():
    assert {case.name for case in CASES.values()} == set(list_losses('center'))
    for name in list_losses('center'):
        assert {option for case in CASES.values() if case.name == name for option in case.options} == set(
            loss_options(name))


@pytest.mark.parametrize('hybridize', [False, True])
@pytest.mark.parametrize('size', [1, 7, 64])
def test_losses_and_gradients_are_those_of_the_oracle(case, size, hybridize):
    features, labels = random_batch(size)
    loss = make(case.name, lmbd=0.3, **case.options)
    if hybridize:
        hybridize_if_it_can(loss)
    expected = oracles.losses_and_gradients(case, features, labels, random_centers(), 0.3)
    for got, wanted in zip(losses_and_gradients(loss, features, labels), expected):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


def test_classes_are_counted_the_same_above_the_one_hot_limit(case):
    num_classes = 3000
    features, labels = random_batch(64, num_classes)
    centers = random_centers(num_classes)
    expected = oracles.losses_and_gradients(case, features, labels, centers, 1.0)
    got = losses_and_gradients(make(case.name, centers, **case.options), features, labels)
    for one, wanted in zip(got, expected):
        np.testing.assert_allclose(one, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('hybridize', [False, True])
@pytest.mark.parametrize('weight', [np.full(1, 0.25), np.linspace(0, 2, 16)], ids=['one', 'each'])
def test_a_sample_weight_multiplies_lambda(case, weight, hybridize):
    """It reaches the centres just where lambda does."""
    features, labels = random_batch(16)
    loss = make(case.name, lmbd=0.3, **case.options)
    if hybridize:
        hybridize_if_it_can(loss)
    got = losses_and_gradients(loss, features, labels, nd.array(weight))
    expected = oracles.losses_and_gradients(case, features, labels, random_centers(), 0.3 * weight)
    for one, wanted in zip(got, expected):
        np.testing.assert_allclose(one, wanted, rtol=1e-5, atol=1e-6)


def test_one_trainer_step_moves_centers_as_the_maths_page_says(case):
    """Towards the mean of their class, by the case's share of the way; a class not in the batch stays."""
    features, labels = random_batch(32)
    loss = make(case.name, lmbd=0.7, **case.options)
    trainer = gluon.Trainer(loss.collect_params(), 'sgd', {'learning_rate': 0.5})
    with autograd.record():
        losses = loss(nd.array(features), nd.array(labels))
    losses.backward()
    trainer.step(32)
    expected = random_centers().astype(np.float64)
    for label in np.unique(labels):
        own = features[labels == label]
        expected[label] += case.step(0.5, 0.7, len(own), 32) * (own.mean(axis=0) - expected[label])
    np.testing.assert_allclose(loss.centers.asnumpy(), expected, rtol=1e-5)
    np.testing.assert_array_equal(loss.centers.asnumpy()[C - 1], random_centers()[C - 1])


@pytest.mark.parametrize('hybridize', [False, True])
def test_with_centers_that_are_fixed_features_get_the_same_gradient(case, hybridize):
    loss = make(case.name, lmbd=0.7, **case.options)
    expected, gradient, _ = losses_and_gradients(loss, *random_batch(12))
    loss.collect_params().setattr('grad_req', 'null')
    if hybridize:
        hybridize_if_it_can(loss)
    features, labels = map(nd.array, random_batch(12))
    layer = gluon.nn.Dense(D, use_bias=False)  # features as a network gives them
    layer.initialize(mx.init.One())
    layer(features)
    layer.weight.set_data(nd.array(np.eye(D)))
    with autograd.record():
        losses = loss(layer(features), labels)
    losses.backward()
    np.testing.assert_allclose(losses.asnumpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(layer.weight.grad().asnumpy(), gradient.T @ features.asnumpy(), rtol=1e-5, atol=1e-6)
