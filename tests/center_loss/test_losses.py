"""What every way to write center loss must do."""
import re

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from center_loss import get_loss, list_losses, loss_options
from tests.center_loss import oracles
from tests.center_loss.oracles import CASES

BFLOAT16 = np.dtype([('bfloat16', np.uint16)])
C, D = 5, 3


def make(name, centers=None, **kwargs):
    centers = random_centers() if centers is None else centers
    loss = get_loss(name, **{'num_classes': len(centers), 'feature_size': centers.shape[1], **kwargs})
    loss.initialize()
    (param,) = loss.collect_params().values()
    param.set_data(nd.array(centers))
    return loss


def hybridize_if_it_can(loss):
    """For the other, a hand-written backward, the test is run as it is."""
    if loss.can_hybridize:
        loss.hybridize()


def random_centers(num_classes=C):
    return np.random.default_rng(0).normal(size=(num_classes, D)).astype(np.float32)


def random_batch(size, num_classes=C):
    """Features and labels with unequal class counts: class 0 is half of the batch, the last class is missing."""
    rng = np.random.default_rng(size)
    labels = rng.integers(0, num_classes - 1, size)
    labels[:size // 2] = 0
    return rng.normal(size=(size, D)).astype(np.float32), labels


def losses_and_gradients(loss, features, labels, *sample_weight):
    """(losses, dL/dfeatures, dL/dcenters) of the summed loss, as numpy arrays."""
    features, labels = nd.array(features), nd.array(labels)
    features.attach_grad()
    with autograd.record():
        losses = loss(features, labels, *sample_weight)
    losses.backward()
    (param,) = loss.collect_params().values()
    return losses.asnumpy(), features.grad.asnumpy(), param.grad().tostype('default').asnumpy()


def cast(array, dtype):
    return array.astype(dtype) if 'float64' in (dtype, str(np.dtype(array.dtype))) else nd.amp_cast(array, dtype=dtype)


@pytest.fixture(params=list_losses('center'))
def name(request):
    return request.param


@pytest.fixture(params=[name for name in list_losses('center') if name != 'function'])
def symbolic_name(request):
    return request.param


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


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


@pytest.mark.parametrize('hybridize', [False, True])
def test_centers_may_be_float64(case, hybridize):
    features, labels = random_batch(16)
    by_argument, by_cast = make(case.name, dtype='float64', **case.options), make(case.name, **case.options)
    by_cast.cast('float64')
    for loss in (by_argument, by_cast):
        if hybridize:
            hybridize_if_it_can(loss)
        centers = loss.centers.asnumpy().astype(np.float64)
        expected = oracles.losses_and_gradients(case, features, labels, centers, 1.0)
        for got, wanted in zip(losses_and_gradients(loss, features, labels), expected):
            np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-7)  # features and their gradient are float32
        assert loss(nd.array(features), nd.array(labels)).dtype == np.float64


def test_casting_to_half_precision_leaves_the_centers(name):
    features, labels = random_batch(16)
    loss = make(name)
    expected = loss(nd.array(features), nd.array(labels)).asnumpy()
    loss.cast('float16')
    assert loss.centers.dtype == np.float32
    np.testing.assert_allclose(loss(nd.array(features, dtype='float16'), nd.array(labels)).asnumpy(), expected,
                               rtol=1e-2, atol=1e-2)


def test_labels_in_bfloat16(name):
    features, labels = random_batch(16)
    loss = make(name)
    expected = loss(nd.array(features), nd.array(labels)).asnumpy()
    got = loss(nd.array(features), nd.amp_cast(nd.array(labels), dtype=BFLOAT16)).asnumpy()
    np.testing.assert_array_equal(got, expected)


def test_centers_are_found_on_devices_of_which_none_is_the_default(name):
    contexts = [mx.cpu(1), mx.cpu(2)]
    loss = get_loss(name, num_classes=C, feature_size=D)
    loss.initialize(mx.init.One(), ctx=contexts)
    np.testing.assert_array_equal(loss.centers.asnumpy(), np.ones((C, D)))
    for context in contexts:
        losses = loss(nd.zeros((2, D), ctx=context), nd.zeros((2,), ctx=context))
        assert losses.context == context and (losses.asnumpy() > 0).all()


@pytest.mark.parametrize('label_type', ['float16', 'float32', 'float64', 'uint8', 'int8', 'int32', 'int64'])
def test_labels_of_any_dtype(name, label_type):
    features, labels = random_batch(16)
    loss = make(name)
    expected = loss(nd.array(features), nd.array(labels, dtype='float32')).asnumpy()
    np.testing.assert_array_equal(loss(nd.array(features), nd.array(labels, dtype=label_type)).asnumpy(), expected)


@pytest.mark.parametrize('hybridize', [False, True])
@pytest.mark.parametrize('feature_type, tolerance', [('float16', 1e-3), (BFLOAT16, 1e-2), ('float64', 1e-6)])
def test_features_of_other_dtypes_meet_float32_centers(case, feature_type, tolerance, hybridize):
    """The forward value must be exact for the rounded features; only the returned gradient is rounded."""
    features, labels = random_batch(16)
    features = cast(nd.array(features), feature_type)
    rounded = cast(features, 'float32').asnumpy()
    features.attach_grad()
    loss = make(case.name, **case.options)
    if hybridize:
        hybridize_if_it_can(loss)
    with autograd.record():
        losses = loss(features, nd.array(labels))
    losses.backward()
    expected, to_features, to_centers = oracles.losses_and_gradients(case, rounded, labels, random_centers(), 1.0)
    assert losses.dtype == np.float32 and loss.centers.dtype == np.float32
    np.testing.assert_allclose(losses.asnumpy(), expected, rtol=1e-5)
    np.testing.assert_allclose(cast(features.grad, 'float32').asnumpy(), to_features, rtol=tolerance,
                               atol=tolerance)
    (param,) = loss.collect_params().values()
    np.testing.assert_allclose(param.grad().asnumpy(), to_centers, rtol=1e-5, atol=1e-6)


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


def test_exported_graph_gives_the_same_losses(symbolic_name, tmp_path):
    features, labels = random_batch(16)
    loss = make(symbolic_name)
    hybridize_if_it_can(loss)
    expected = loss(nd.array(features), nd.array(labels)).asnumpy()
    loss.export(str(tmp_path / 'loss'))
    inputs = [mx.sym.var(input_name, dtype='float32') for input_name in ('data0', 'data1')]
    again = gluon.SymbolBlock(mx.sym.load(str(tmp_path / 'loss-symbol.json')), inputs)
    again.load_parameters(str(tmp_path / 'loss-0000.params'))
    np.testing.assert_array_equal(again(nd.array(features), nd.array(labels)).asnumpy(), expected)


def test_runs_with_symbols(symbolic_name):
    features, labels = random_batch(16)
    loss = make(symbolic_name)
    symbol = loss(mx.sym.var('features'), mx.sym.var('labels'))
    (param,) = loss.collect_params().values()
    executor = symbol.bind(mx.cpu(), {'features': nd.array(features), 'labels': nd.array(labels),
                                      param.name: param.data()})
    np.testing.assert_array_equal(executor.forward()[0].asnumpy(),
                                  loss(nd.array(features), nd.array(labels)).asnumpy())


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


def test_an_unknown_loss_is_refused_by_name():
    with pytest.raises(ValueError, match=r"name: expected one of embedding, parameter.*, got 'nonsense'"):
        get_loss('nonsense')


@pytest.mark.parametrize('shape', [(4,), (4, D, 1)])
def test_features_of_another_rank_are_refused(symbolic_name, shape):
    with pytest.raises(ValueError, match=rf'features: expected shape \(B, 3\), got {re.escape(str(shape))}'):
        make(symbolic_name)(nd.zeros(shape), nd.zeros((4,)))


def test_a_hand_written_backward_takes_images_and_no_symbols():
    loss = make('function', np.zeros((C, 12), np.float32))
    features, labels = np.random.default_rng(0).normal(size=(4, 3, 2, 2)).astype(np.float32), np.array([0, 1, 1, 2])
    losses, to_features, _ = losses_and_gradients(loss, features, labels)
    np.testing.assert_allclose(losses, (features ** 2).sum(axis=(1, 2, 3)) / 2, rtol=1e-5)
    np.testing.assert_allclose(to_features, features, rtol=1e-5)
    with pytest.raises(TypeError, match=r'features: expected an NDArray .*, got Symbol'):
        loss(mx.sym.var('features'), mx.sym.var('labels'))


def test_an_unknown_center_update_is_refused():
    with pytest.raises(ValueError, match="center_update: expected 'autograd' or 'paper', got 'magic'"):
        get_loss('embedding', num_classes=C, feature_size=D, center_update='magic')
