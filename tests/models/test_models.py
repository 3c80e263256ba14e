"""What every network of `list_models()` must do, and what the two LeNets are."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import gluon, nd

from models import get_model, list_models


def make(name, **kwargs):
    net = get_model(name, **kwargs)
    net.initialize(mx.init.Xavier(magnitude=2.24))
    return net


def images(count=3, shape=(1, 28, 28)):
    return nd.array(np.random.default_rng(0).random((count, *shape), dtype=np.float32))


@pytest.fixture(params=list_models())
def name(request):
    return request.param


@pytest.mark.parametrize('shape', [(1, 28, 28), (3, 32, 32)])
def test_returns_logits_and_features(name, shape):
    logits, features = make(name, num_classes=7, feature_size=5)(images(shape=shape))
    assert logits.shape == (3, 7) and features.shape == (3, 5)


@pytest.mark.parametrize('feature_use_bias', [False, True])
@pytest.mark.parametrize('output_use_bias', [False, True])
def test_each_bias_is_there_only_if_asked_for(name, feature_use_bias, output_use_bias):
    net = make(name, feature_use_bias=feature_use_bias, output_use_bias=output_use_bias)
    names = net._collect_params_with_prefix()
    assert ('feature.bias' in names) == feature_use_bias
    assert ('output.bias' in names) == output_use_bias


def test_logits_are_the_class_layer_of_the_features(name):
    net = make(name)
    net.output.bias.set_data(nd.arange(10))
    logits, features = net(images())
    expected = features.asnumpy() @ net.output.weight.data().asnumpy().T + np.arange(10)
    np.testing.assert_allclose(logits.asnumpy(), expected, rtol=1e-4, atol=1e-5)


def test_hybridized_and_exported_it_says_the_same(name, tmp_path):
    net = make(name)
    expected = net(images())
    net.hybridize()
    hybrid = net(images())
    net.export(str(tmp_path / 'net'))
    again = gluon.SymbolBlock.imports(str(tmp_path / 'net-symbol.json'), ['data'], str(tmp_path / 'net-0000.params'))
    for wanted, *others in zip(expected, hybrid, again(images())):
        for got in others:
            np.testing.assert_allclose(got.asnumpy(), wanted.asnumpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize('network, convolutions, flat', [
    ('lenet', [(20, 1, 5, 5), (50, 20, 5, 5)], 50 * 4 * 4),
    ('lenet_plus', [(32, 1, 5, 5), (32, 32, 5, 5), (64, 32, 5, 5), (64, 64, 5, 5), (128, 64, 5, 5), (128, 128, 5, 5)],
     128 * 3 * 3),
])
def test_layers_are_those_of_the_published_programs(network, convolutions, flat):
    net = make(network)
    net(images(1))
    shapes = [param.shape for param in net.collect_params('.*weight').values()]
    assert shapes == [*convolutions, (2, flat), (10, 2)]


def test_an_unknown_network_is_refused_by_name():
    with pytest.raises(ValueError, match=r"name: expected one of lenet, lenet_plus.*, got 'nonsense'"):
        get_model('nonsense')
