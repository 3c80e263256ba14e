"""Which types of numbers features and labels may have."""
import numpy as np
import pytest
from mxnet import autograd, nd

from tests.center_loss.metric.losses import batch_of, make, random_batch, run

BFLOAT16 = np.dtype([('bfloat16', np.uint16)])


@pytest.mark.parametrize('feature_type, tolerance', [('float16', 2e-3), (BFLOAT16, 1e-2)])
@pytest.mark.parametrize('hybridize', [False, True])
def test_half_precision_features_meet_a_float32_loss(case, feature_type, tolerance, hybridize):
    """The value is that of the rounded features; only the gradient is rounded again."""
    name, options = case
    features, labels = batch_of(options)
    half = nd.amp_cast(nd.array(features), dtype=feature_type)
    rounded = nd.amp_cast(half, dtype='float32').asnumpy()
    expected, to_features, _ = run(make(name, **options), rounded, labels)
    loss = make(name, **options)
    loss.cast('float16')
    if hybridize:
        loss.hybridize()
    half.attach_grad()
    with autograd.record():
        losses = loss(half, nd.array(labels))
    losses.backward()
    assert losses.dtype == np.float32
    np.testing.assert_allclose(losses.asnumpy(), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(nd.amp_cast(half.grad, dtype='float32').asnumpy(), to_features, rtol=tolerance,
                               atol=tolerance * np.abs(to_features).max())


def test_float64_features_are_taken(case):
    name, options = case
    features, labels = batch_of(options)
    expected = run(make(name, **options), features, labels)[0]
    np.testing.assert_allclose(run(make(name, **options), features, labels, dtype='float64')[0], expected, rtol=1e-5,
                               atol=1e-6)


@pytest.mark.parametrize('label_type', ['float16', 'float32', 'float64', 'uint8', 'int8', 'int64', BFLOAT16])
def test_labels_of_any_dtype(name, label_type):
    features, labels = random_batch()
    loss = make(name)
    expected = loss(nd.array(features), nd.array(labels, dtype='int32')).asnumpy()
    if label_type is BFLOAT16:
        labels = nd.amp_cast(nd.array(labels), dtype=BFLOAT16)
    else:
        labels = nd.array(labels, dtype=label_type)
    np.testing.assert_array_equal(loss(nd.array(features), labels).asnumpy(), expected)
