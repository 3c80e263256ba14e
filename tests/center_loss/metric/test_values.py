"""Values, gradients and steps of every metric-learning loss, beside those of loops."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import gluon, nd

from center_loss import get_loss, list_losses, loss_options
from center_loss.triplet import MINERS
from tests.center_loss import metric_oracles
from tests.center_loss.metric.losses import batch_of, make, run
from tests.center_loss.metric_oracles import CASES


def test_every_loss_and_every_option_of_it_has_an_oracle():
    assert set(metric_oracles.LOSSES) == {name for name, _ in CASES} == set(list_losses('metric'))
    for name in list_losses('metric'):
        assert {option for other, options in CASES if other == name for option in options} == set(loss_options(name))


def test_every_miner_has_an_oracle():
    assert {options.get('miner') for name, options in CASES if name == 'triplet'} == {None, *MINERS}


@pytest.mark.parametrize('hybridize', [False, True])
def test_the_mean_over_the_batch_is_the_loss_of_the_oracle(case, hybridize):
    name, options = case
    features, labels = batch_of(options)
    loss = make(name, **options)
    if hybridize:
        loss.hybridize()
    arrays = [features, *(param.data().asnumpy() for param in loss.collect_params().values())]
    losses, _, _ = run(loss, features, labels)
    expected = metric_oracles.LOSSES[name](arrays[0], labels, *arrays[1:], **options)
    assert losses.shape == (12,) and losses.dtype == np.float32 and expected > 0
    np.testing.assert_allclose(losses.mean(), expected, rtol=1e-5)


@pytest.mark.parametrize('hybridize', [False, True])
def test_gradients_are_the_differences_of_the_oracle(case, hybridize):
    name, options = case
    features, labels = batch_of(options)
    loss = make(name, lmbd=0.5, **options)
    if hybridize:
        loss.hybridize()
    arrays = [array.astype(np.float64) for array in
              (features, *(param.data().asnumpy() for param in loss.collect_params().values()))]
    _, to_features, to_parameters = run(loss, features, labels)

    def oracle(x, *w):
        return 0.5 * len(x) * metric_oracles.LOSSES[name](x, labels, *w, **options)

    for index, got in enumerate([to_features, *to_parameters.values()]):
        expected = metric_oracles.gradient(oracle, arrays, index)
        assert np.abs(expected).max() > 1e-3
        np.testing.assert_allclose(got, expected, rtol=2e-4, atol=2e-5 * np.abs(expected).max())


def test_every_parameter_moves_in_one_step(proxy_case):
    name, options = proxy_case
    features, labels = batch_of(options)
    loss = make(name, **options)
    params = loss.collect_params()
    before = {key: param.data().asnumpy() for key, param in params.items()}
    trainer = gluon.Trainer(params, 'sgd', {'learning_rate': 0.1})
    run(loss, features, labels)
    trainer.step(len(features))
    for key, param in params.items():
        assert (np.abs(param.data().asnumpy() - before[key]).max(axis=1) > 0).all(), key


@pytest.mark.parametrize('hybridize', [False, True])
@pytest.mark.parametrize('weight', [np.full(1, 0.25), np.linspace(0, 2, 12)], ids=['one', 'each'])
def test_a_sample_weight_multiplies_the_loss(case, weight, hybridize):
    name, options = case
    features, labels = batch_of(options)
    losses, to_features, _ = run(make(name, **options), features, labels)
    loss = make(name, **options)
    if hybridize:
        loss.hybridize()
    got = run(loss, features, labels, nd.array(weight))
    np.testing.assert_allclose(got[0], weight * losses, rtol=1e-6)
    if len(weight) == 1:
        np.testing.assert_allclose(got[1], weight * to_features, rtol=1e-4, atol=1e-6)


def test_proxies_start_at_length_about_one_or_as_told():
    loss = get_loss('cosface', num_classes=50, feature_size=64)
    loss.initialize(mx.init.Zero())
    assert 0.9 < np.linalg.norm(loss.centers.asnumpy(), axis=1).mean() < 1.1
    loss = get_loss('cosface', num_classes=50, feature_size=64, weight_initializer='ones', dtype='float64')
    loss.initialize()
    np.testing.assert_array_equal(loss.centers.asnumpy(), np.ones((50, 64)))
    assert loss(nd.ones((2, 64)), nd.zeros((2,))).dtype == np.float64
