"""What PhotoNet makes of GluonCV's classification networks."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from models import get_model, normalization
from models.backbone import Backbone
from models.gluoncv_zoo import import_model_zoo
from models.pretrained import load_pretrained

gluoncv_zoo = import_model_zoo().model_zoo


def make(name='mobilenet0.25', size=64, **kwargs):
    net = get_model(name, **{'num_classes': 7, 'feature_size': 5, **kwargs})
    return settle(net, size)


def settle(net, size):
    """Initialize `net`, and let batch norm take over the statistics of a batch: without, deep features are almost 0."""
    net.initialize(mx.init.Xavier(magnitude=2.24))
    net.apply(lambda block: isinstance(block, gluon.nn.BatchNorm) and block._kwargs.update(momentum=0))
    with autograd.record():
        outputs = net(images(4, size))
    autograd.backward(outputs)  # it is the backward pass that updates the statistics
    return net


def images(count=2, size=64):
    return nd.array(np.random.default_rng(0).standard_normal((count, 3, size, size)), dtype='float32')


@pytest.fixture(scope='module')
def small():
    return make()


@pytest.mark.parametrize('name, class_layer, size', [
    ('resnet18_v1b', 'fc', 32), ('mobilenet0.25', 'output', 64), ('mobilenetv2_0.25', 'output', 64),
    ('googlenet', 'output', 224)])
def test_the_class_layer_of_the_pooled_features_is_the_whole_network(tmp_path, name, class_layer, size):
    whole = gluoncv_zoo.get_model(name, pretrained=False, classes=6)
    settle(whole, size)
    expected = whole(images(size=size))
    whole.save_parameters(str(tmp_path / 'whole.params'))
    net = make(name, size=size)
    load_pretrained(net, str(tmp_path / 'whole.params'))
    pooled = net.backbone(images(size=size))
    assert pooled.shape == (2, net.backbone.pooled_size)
    weights = {key.rpartition('.')[2]: param.data() for key, param in
               getattr(whole, class_layer)._collect_params_with_prefix().items()}
    got = pooled.asnumpy() @ weights['weight'].asnumpy().reshape(6, -1).T
    if 'bias' in weights:
        got += weights['bias'].asnumpy()
    assert np.abs(got).max() > 0.01
    np.testing.assert_allclose(got, expected.asnumpy(), rtol=1e-3, atol=1e-4)


def test_maps_are_averaged_into_pooled_features():
    net = make('squeezenet1.1')
    pooled, maps = net.backbone(images()), net.backbone.net(images())
    assert maps.shape[2:] == (3, 3) and pooled.shape == (2, 512) == (2, net.backbone.pooled_size)
    np.testing.assert_allclose(pooled.asnumpy(), maps.asnumpy().mean((2, 3)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('name, size', [
    ('resnet50_v1b', 2048), ('inceptionv3', 2048), ('vgg11', 4096), ('hrnet_w18_small_v1_c', 2048),
    ('cifar_residualattentionnet56', 1024), ('xception', 2048), ('efficientnet_lite0', 1280)])
def test_the_pooled_size_is_that_of_the_papers(name, size):
    assert Backbone(name).pooled_size == size


def test_returns_logits_and_features_of_the_head_of_the_backbone(small):
    logits, features = small(images())
    assert logits.shape == (2, 7) and features.shape == (2, 5) and small.feature_size == 5
    for whole, parts in zip((logits, features), small.head(small.backbone(images()))):
        np.testing.assert_array_equal(whole.asnumpy(), parts.asnumpy())
    feature, output = small.head.feature, small.head.output
    expected = small.backbone(images()).asnumpy() @ feature.weight.data().asnumpy().T + feature.bias.data().asnumpy()
    np.testing.assert_allclose(features.asnumpy(), expected, rtol=1e-4, atol=1e-5)
    expected = expected @ output.weight.data().asnumpy().T + output.bias.data().asnumpy()
    np.testing.assert_allclose(logits.asnumpy(), expected, rtol=1e-4, atol=1e-5)


def test_without_a_feature_layer_the_pooled_features_are_the_features():
    net = make(feature_size=0, dropout=0.5)
    pooled = net.backbone(images())
    with autograd.train_mode():
        _, features = net.head(pooled)
    np.testing.assert_array_equal(features.asnumpy(), pooled.asnumpy())
    assert net.feature_size == 256 and net.head.output.weight.shape == (7, 256)
    assert not any(name.startswith('head.feature') for name in net._collect_params_with_prefix())


@pytest.mark.parametrize('feature_size', [0, 5])
def test_normalized_features_have_length_one_and_go_into_the_class_layer(feature_size):
    plain = make(feature_size=feature_size, output_use_bias=False)
    net = make(feature_size=feature_size, output_use_bias=False, normalize=True)
    for name, param in plain._collect_params_with_prefix().items():
        net._collect_params_with_prefix()[name].set_data(param.data())
    (logits, features), (_, raw) = net(images()), plain(images())
    expected = raw.asnumpy() / np.sqrt((raw.asnumpy() ** 2).sum(1, keepdims=True))
    np.testing.assert_allclose(features.asnumpy(), expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(logits.asnumpy(), expected @ net.head.output.weight.data().asnumpy().T,
                               rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('feature_size', [0, 5])
def test_dropout_acts_in_training_only(feature_size):
    head = make(feature_size=feature_size, dropout=0.5).head
    pooled = nd.array(np.tile(np.random.default_rng(0).standard_normal(256), (2, 1)))
    np.testing.assert_array_equal(head(pooled)[0].asnumpy()[0], head(pooled)[0].asnumpy()[1])
    with autograd.train_mode():
        logits = head(pooled)[0].asnumpy()
    assert not np.array_equal(logits[0], logits[1])


def test_a_head_trained_by_itself_is_saved_with_the_whole(tmp_path, small):
    pooled = small.backbone(images())
    trainer = gluon.Trainer(small.head.collect_params(), 'sgd', {'learning_rate': 0.1})
    before = small.head.output.weight.data().asnumpy()
    with autograd.record():
        logits, features = small.head(pooled)
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(logits, nd.array([0, 1])) + (features ** 2).sum(axis=1)
    loss.backward()
    trainer.step(2)
    assert not np.array_equal(small.head.output.weight.data().asnumpy(), before)
    small.save_parameters(str(tmp_path / 'net.params'))
    again = get_model('mobilenet0.25', num_classes=7, feature_size=5)
    again.load_parameters(str(tmp_path / 'net.params'))
    for expected, got in zip(small(images()), again(images())):
        np.testing.assert_array_equal(got.asnumpy(), expected.asnumpy())


def test_every_parameter_gets_a_gradient(small):
    with autograd.record():
        logits, _ = small(images())
        loss = (logits ** 2).sum()
    loss.backward()
    for name, param in small._collect_params_with_prefix().items():
        if param.grad_req != 'null':
            assert np.abs(param.grad().asnumpy()).max() > 0, name


@pytest.mark.parametrize('kwargs', [{}, {'feature_size': 0, 'normalize': True}, {'dropout': 0.5}])
def test_hybridized_and_exported_it_says_the_same(tmp_path, kwargs):
    net = make(**kwargs)
    expected = net(images())
    net.hybridize()
    hybrid = net(images())
    net.export(str(tmp_path / 'net'))
    again = gluon.SymbolBlock.imports(str(tmp_path / 'net-symbol.json'), ['data'], str(tmp_path / 'net-0000.params'))
    for wanted, *others in zip(expected, hybrid, again(images())):
        for got in others:
            np.testing.assert_allclose(got.asnumpy(), wanted.asnumpy(), rtol=1e-4, atol=1e-5)


def test_photos_are_normalised_as_in_the_training_of_the_weights():
    mean, std = (np.array(values) * 255 for values in normalization('efficientnet_lite0'))
    np.testing.assert_allclose((np.array([0, 127, 255]) - mean) / std, [-127 / 128, 0, 1])
    assert normalization('resnet50_v1b') == normalization('mobilenet1.0') != normalization('efficientnet_lite0')


def test_a_small_network_has_no_pooled_features_to_return():
    with pytest.raises(ValueError, match='feature_size: expected at least 1 for LeNet, got 0'):
        get_model('lenet', feature_size=0)
