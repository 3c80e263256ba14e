"""Batches in which there is little to compare, or features that have no direction."""
import numpy as np
import pytest

from tests.center_loss.metric.losses import C, D, batch_of, make, random_batch, run


def degenerate_batches():
    features, labels = random_batch()
    zero = features.copy()
    zero[[0, 5]] = 0
    twins = features.copy()
    twins[1] = twins[0]
    opposite = features.copy()
    opposite[1] = -opposite[0]
    return {'identical features': (np.ones_like(features), labels), 'zero features': (np.zeros_like(features), labels),
            'two zero features': (zero, labels), 'twins': (twins, labels), 'opposite': (opposite, labels),
            'a class once': (features, np.array([0] * 11 + [1])), 'one class': (features, np.zeros(12, int)),
            'singletons': (features[:3], np.array([0, 1, 2])), 'tiny features': (features * 1e-18, labels),
            'huge features': (features * 1e15, labels), 'three samples': (features[:3], np.array([0, 0, 1]))}


@pytest.mark.filterwarnings('ignore:.*nothing learns from it:UserWarning')
@pytest.mark.parametrize('hybridize', [False, True])
def test_degenerate_batches_have_finite_losses_and_gradients(case, hybridize):
    name, options = case
    loss = make(name, **options)
    if hybridize:
        loss.hybridize()
    for batch, (features, labels) in degenerate_batches().items():
        if options.get('miner') == 'given':
            labels = batch_of(options, len(features))[1]
        losses, to_features, to_parameters = run(loss, features, labels)
        for array in (losses, to_features, *to_parameters.values()):
            assert np.isfinite(array).all(), batch
        if batch == 'zero features':
            np.testing.assert_array_equal(to_features, 0)


@pytest.mark.filterwarnings('ignore:.*nothing learns from it:UserWarning')
@pytest.mark.parametrize('miner', ['batch_all', 'batch_hard', 'semi_hard'])
@pytest.mark.parametrize('labels', [np.zeros(6, int), np.arange(6)], ids=['one class', 'singletons'])
def test_without_a_valid_triplet_loss_and_gradient_are_zero(miner, labels):
    features = random_batch(6)[0]
    losses, to_features, _ = run(make('triplet', miner=miner, margin=2.0), features, labels)
    np.testing.assert_array_equal(losses, np.zeros(6))
    np.testing.assert_array_equal(to_features, np.zeros((6, D)))


def test_a_feature_on_or_opposite_its_proxy_has_finite_gradients(proxy_name):
    loss = make(proxy_name)
    (param,) = loss.collect_params().values()
    per_class = param.shape[0] // C
    proxies = param.data().asnumpy()[::per_class]
    for sign in (1, -1):
        losses, to_features, to_parameters = run(loss, sign * proxies, np.arange(C))
        for array in (losses, to_features, *to_parameters.values()):
            assert np.isfinite(array).all()


def test_proxy_anchor_does_not_overflow():
    features, labels = random_batch()
    losses, to_features, to_parameters = run(make('proxy_anchor', alpha=1000.0), features, labels)
    for array in (losses, to_features, *to_parameters.values()):
        assert np.isfinite(array).all() and np.abs(array).max() > 0
