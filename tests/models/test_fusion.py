"""What is fused for inference says what the network says, as the network is now, and leaves it alone."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, nd

from tests.bfloat16 import needs_bfloat16
from tests.models.photo_nets import arrays, images, make
from utils.data.dataset import Split
from utils.loading.outputs import extract
from utils.training.precision import compute_in

TOLERANCE = 1e-4  # of the largest value
FAMILIES = [('efficientnet_lite0', 64), ('efficientnet_lite0', 45), ('mobilenet0.25', 64), ('mobilenetv2_0.25', 64),
            ('resnet18_v1b', 64), ('squeezenet1.1', 64),
            ('se_resnet18_v2', 64), ('cifar_resnet20_v2', 32)]
REFUSED = 'se_resnet18_v2', 'cifar_resnet20_v2'  # what MXNet makes of them fails, or says something else


def lively(name='mobilenet0.25', **kwargs):
    """A network for photos whose batch normalisations know statistics that keep deep features away from 0."""
    net = make(name, **kwargs)
    net.initialize(mx.init.Xavier(magnitude=2.24), force_reinit=True)
    net.apply(lambda layer: isinstance(layer, mx.gluon.nn.BatchNorm) and layer._kwargs.update(momentum=0))
    with autograd.record():
        outputs = net(nd.array(np.random.default_rng(1).standard_normal((4, 3, 64, 64))))
    autograd.backward(outputs)  # it is the backward pass that updates the statistics
    return net


def count_calls(block):
    """A list that grows by the number of images whenever `block` itself is called."""
    seen = []
    block.register_forward_hook(lambda block, inputs, outputs: isinstance(inputs[0], nd.NDArray) and seen.append(
        len(inputs[0])))  # a trace has a symbol for images
    return seen


def assert_close(got, expected):
    got, expected = got.asnumpy(), expected.asnumpy()
    assert got.shape == expected.shape and np.abs(expected).max() > 1e-5
    assert np.abs(got - expected).max() <= TOLERANCE * np.abs(expected).max()


@pytest.mark.parametrize('name, size', FAMILIES)
def test_fused_features_are_those_of_the_backbone_whatever_the_batch(name, size):
    net = lively(name)
    net.hybridize(static_alloc=True)
    batches = [images(size), images(size)[:1] * 2, nd.concat(*[images(size)] * 2, dim=0)]
    expected = [net.backbone(batch) for batch in batches]
    seen, fused = count_calls(net.backbone), net.backbone.for_inference()
    for batch, features in zip(batches, expected):
        assert_close(fused(batch), features)
    assert seen == ([1, 2, 1, 4] if name in REFUSED else [1])  # the first image is compared


@pytest.mark.parametrize('part', ['weight', 'gamma', 'beta', 'running_mean', 'running_var'])
def test_it_is_made_of_the_parameters_that_there_are_now(part):
    net = lively('efficientnet_lite0')
    before = net.backbone.for_inference()(images()).asnumpy()
    for name, param in net.backbone._collect_params_with_prefix().items():
        if name.endswith(part):
            param.set_data(param.data() * 1.1 + 0.01)
    assert_close(net.backbone.for_inference()(images()), net.backbone(images()))
    assert np.abs(net.backbone(images()).asnumpy() - before).max() > 100 * TOLERANCE * np.abs(before).max()


@pytest.mark.parametrize('kwargs', [{}, {'dropout': 0.5}, {'feature_size': 0, 'normalize': True}])
def test_a_whole_network_says_the_same_logits_and_features(kwargs):
    net = lively(**kwargs)
    seen = count_calls(net.backbone)
    for got, expected in zip(net.for_inference()(images()), net(images())):
        assert_close(got, expected)
    assert seen == [1, 2]


def test_the_network_is_left_as_it_was_and_learns_on():
    nets = [lively('efficientnet_lite0'), lively('efficientnet_lite0')]
    for name, param in nets[0]._collect_params_with_prefix().items():
        nets[1]._collect_params_with_prefix()[name].set_data(param.data())
    for net in nets:
        net.hybridize(static_alloc=True)
    nets[0].for_inference()(images())
    learnt = []
    for net in nets:
        trainer = mx.gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 0.01})
        with autograd.record():
            loss = (net(images())[0] ** 2).sum()
        loss.backward()
        trainer.step(2)
        learnt.append({**arrays(net), 'says': net(images())[0].asnumpy()})
    assert list(learnt[0]) == list(learnt[1]) and 'backbone.net.bn0.running_mean' in learnt[0]
    for name, array in learnt[0].items():
        np.testing.assert_array_equal(array, learnt[1][name], err_msg=name)


def test_evaluation_calls_it():
    net = lively()
    photos = np.random.default_rng(2).standard_normal((258, 3, 32, 32)).astype('f4')  # a batch of 256 and the rest
    expected = net(nd.array(photos))[1]
    seen = count_calls(net.backbone)
    assert_close(nd.array(extract(net, Split(photos, np.arange(258) % 4), mx.cpu()).features), expected)
    assert seen == [1]


@needs_bfloat16
def test_a_network_that_computes_in_bfloat16_is_evaluated_in_it():
    net = lively('resnet18_v1b')
    photos = images()
    exact = net(photos)[1].asnumpy()
    compute_in(net, 'bfloat16', [mx.cpu()])
    net.hybridize(static_alloc=True)
    features = extract(net, Split(photos.asnumpy(), np.array([0, 1])), mx.cpu()).features
    np.testing.assert_array_equal(features, net(photos)[1].asnumpy())
    assert np.abs(features - exact).max() > 10 * TOLERANCE * np.abs(exact).max()
