"""Which types of numbers features, labels and centres may have."""
import numpy as np
import pytest
from mxnet import autograd, nd

from tests.center_loss import oracles
from tests.center_loss.center.losses import losses_and_gradients, make, random_batch, random_centers
from tests.center_loss.hybrid import hybridize_if_it_can

BFLOAT16 = np.dtype([('bfloat16', np.uint16)])


def cast(array, dtype):
    return array.astype(dtype) if 'float64' in (dtype, str(np.dtype(array.dtype))) else nd.amp_cast(array, dtype=dtype)


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
