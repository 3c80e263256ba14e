"""A network in bfloat16: what is rounded, and what stays float32."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

from models import get_model
from tests.bfloat16 import needs_bfloat16
from utils.training.precision import compute_in

pytestmark = needs_bfloat16


def rounded(values):
    """float32 rounded to the nearest bfloat16, of ties to the even one, as IEEE 754 asks: the upper 16 of 32 bits."""
    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def images(shape=(16, 1, 28, 28)):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def test_a_convolution_rounds_its_input_its_weights_and_its_output_and_a_dense_layer_nothing():
    net = nn.HybridSequential()
    net.add(nn.Conv2D(8, 1, in_channels=50), nn.Dense(3, in_units=8))
    net.initialize('normal')
    compute_in(net, 'bfloat16', [nd.ones(1).context])
    net.hybridize()
    data = images((5, 50))
    (weight, bias), (last, last_bias) = ([param.data().asnumpy().astype(np.float64).reshape(size, -1).squeeze()
                                          for param in (layer.weight, layer.bias)] for layer, size in zip(net, (8, 3)))
    hidden = rounded(data).astype(np.float64) @ rounded(weight).T.astype(np.float64) + bias
    found = net(nd.array(data.reshape((5, 50, 1, 1)))).asnumpy()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, rounded(hidden) @ last.T + last_bias, rtol=1e-5, atol=1e-7)
    assert np.abs(found - (data @ weight.T + bias) @ last.T - last_bias).max() > 1e-6, 'nothing was rounded'


@pytest.mark.parametrize('name', ['lenet', 'lenet_plus', 'lenet_bn_deep', 'keras_cnn'])
def test_networks_keep_float32_outside_and_come_about_as_near_as_8_bits_are(name):
    data, answers, grads = images(), [], []
    mx.random.seed(0)
    net = get_model(name, num_classes=10, feature_size=2)
    net.initialize('xavier')
    net(nd.array(data))
    for dtype in ('float32', 'bfloat16'):
        compute_in(net, dtype, [nd.ones(1).context])
        net.hybridize(static_alloc=True)
        with autograd.record():
            logits, features = net(nd.array(data))
            loss = logits.sum() + (features ** 2).sum()
        loss.backward()
        answers.append(np.hstack([logits.asnumpy(), features.asnumpy()]))
        grads.append(np.concatenate([param.grad().asnumpy().ravel() for param in net.collect_params().values()
                                     if param.grad_req != 'null']))
        assert {array.dtype for array in (logits, features)} == {np.float32}
        assert {np.dtype(param.dtype) for param in net.collect_params().values()} == {np.dtype('float32')}
    for (exact, low), near in ((answers, 0.05), (grads, 0.5)):  # a rounding may choose another maximum of a pooling
        assert not np.array_equal(exact, low)
        assert np.linalg.norm(exact - low) < near * np.linalg.norm(exact)


def test_only_the_network_that_asked_computes_in_it():
    nets = [nn.Conv2D(4, 3, in_channels=1) for _ in range(2)]
    for net in nets:
        net.initialize('ones')
    data, exact = nd.array(images()), nets[0](nd.array(images())).asnumpy()
    compute_in(nets[1], 'bfloat16', [data.context])
    for net in nets:
        net.hybridize()
    assert not np.array_equal(nets[1](data).asnumpy(), exact)
    np.testing.assert_array_equal(nets[0](data).asnumpy(), exact)


def test_batch_statistics_and_steps_of_the_optimizer_are_float32():
    """A step of 2**-12 of a weight near 1 is lost in bfloat16, and so is a mean of many small changes."""
    net = nn.HybridSequential()
    net.add(*[nn.Conv2D(1, 1, in_channels=1, use_bias=False) for _ in range(2)], nn.BatchNorm(in_channels=1))
    net.initialize('ones')
    compute_in(net, 'bfloat16', [nd.ones(1).context])
    net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 2 ** -12}, update_on_kvstore=False)
    with autograd.record():
        loss = net(nd.array([1, 3]).reshape((2, 1, 1, 1))).sum()
    loss.backward()
    trainer.step(1)
    assert net[2].beta.data().asscalar() == -2 * 2 ** -12
    assert net[2].gamma.data().dtype == net[2].running_mean.data().dtype == np.float32
    np.testing.assert_allclose(net[2].running_mean.data().asscalar(), 0.1 * 2, rtol=1e-6)


@pytest.mark.parametrize('normalized', [True, False])
def test_the_first_convolution_rounds_nothing_if_batch_normalisation_follows_it(normalized):
    net = nn.HybridSequential()
    net.add(nn.Conv2D(2, 1, in_channels=1, use_bias=False), *[nn.BatchNorm(in_channels=2, epsilon=0)] * normalized)
    net.initialize('ones')
    compute_in(net, 'bfloat16', [nd.ones(1).context])
    net.hybridize()
    data = images((2, 1, 4, 4))
    found = net(nd.array(data)).asnumpy()[:, :1]
    np.testing.assert_allclose(found, data if normalized else rounded(data), rtol=1e-6)


def test_convolutions_in_groups_round_nothing_and_learn():
    """MXNet has none in bfloat16. The first layer rounds: what is behind it gets rounded input."""
    net = nn.HybridSequential()
    net.add(nn.Conv2D(32, 1, in_channels=32, use_bias=False), nn.Conv2D(32, 1, in_channels=32, groups=32))
    net.initialize('normal')
    net[0].weight.set_data(nd.array(np.eye(32, dtype=np.float32).reshape(32, 32, 1, 1)))
    compute_in(net, 'bfloat16', [nd.ones(1).context])
    net.hybridize()
    data = images((2, 32, 4, 4))
    with autograd.record():
        found = net(nd.array(data))
    found.backward()
    weight = net[1].weight.data().asnumpy().reshape(1, 32, 1, 1)
    np.testing.assert_allclose(found.asnumpy(), rounded(data) * weight, rtol=1e-6)
    np.testing.assert_allclose(net[1].weight.grad().asnumpy().ravel(), rounded(data).sum(axis=(0, 2, 3)), rtol=1e-4,
                               atol=1e-5)
