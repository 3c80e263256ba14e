"""EfficientNet-Lite0 against PyTorch's functions, on random weights and on the real ones."""
import glob
import os
from collections import OrderedDict

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from models import get_model, normalization
from models.efficientnet_lite import EfficientNetLite0, _relu6, _same_conv
from models.pretrained import _package_file, load_pretrained

# Of every block, as the paper's table 1 has them: kernel, stride.
BLOCKS = [(3, 1), (3, 2), (3, 1), (5, 2), (5, 1), (3, 2), (3, 1), (3, 1), (5, 1), (5, 1), (5, 1), (5, 2), (5, 1),
          (5, 1), (5, 1), (3, 1)]


def torch_logits(torch, state, images):
    """What PyTorch's functions make of a state dict of the package, which pads as TensorFlow's SAME for 224 px."""
    F = torch.nn.functional

    def convolve(maps, name, stride=1):
        weight = state[f'{name}.weight']
        kernel, groups = weight.shape[2], maps.shape[1] // weight.shape[1]
        total = max((-(-maps.shape[2] // stride) - 1) * stride + kernel - maps.shape[2], 0)
        pads = (total // 2, total - total // 2)
        return F.conv2d(F.pad(maps, pads + pads), weight, stride=stride, groups=groups)

    def normalize(maps, name):
        return F.batch_norm(maps, *(state[f'{name}.{part}'] for part in (
            'running_mean', 'running_var', 'weight', 'bias')), eps=1e-3)

    maps = F.relu6(normalize(convolve(torch.from_numpy(images), '_conv_stem', 2), '_bn0'))
    for number, (kernel, stride) in enumerate(BLOCKS):
        block, before = f'_blocks.{number}', maps
        assert state[f'{block}._depthwise_conv.weight'].shape[2] == kernel
        if f'{block}._expand_conv.weight' in state:
            maps = F.relu6(normalize(convolve(maps, f'{block}._expand_conv'), f'{block}._bn0'))
        maps = F.relu6(normalize(convolve(maps, f'{block}._depthwise_conv', stride), f'{block}._bn1'))
        maps = normalize(convolve(maps, f'{block}._project_conv'), f'{block}._bn2')
        maps = maps + before if maps.shape == before.shape else maps
    pooled = F.relu6(normalize(convolve(maps, '_conv_head'), '_bn1')).mean((2, 3))
    return F.linear(pooled, state['_fc.weight'], state['_fc.bias']).numpy()


def gluon_logits(path, state, images):
    """Ours with the backbone from `path` and the class layer of `state`."""
    net = get_model('efficientnet_lite0', num_classes=len(state['_fc.bias']), feature_size=0)
    net.initialize()
    load_pretrained(net, path)
    net.head.output.weight.set_data(nd.array(state['_fc.weight'].numpy()))
    net.head.output.bias.set_data(nd.array(state['_fc.bias'].numpy()))
    return net(nd.array(images))[0].asnumpy()


def random_state(torch, classes=10):
    """A state dict as the package's, of random numbers that keep the maps at a size of about 1."""
    torch.manual_seed(0)
    state, net = OrderedDict(), EfficientNetLite0(classes)
    net.initialize()
    net(nd.zeros((1, 3, 32, 32)))
    for name, param in net._collect_params_with_prefix().items():
        *layers, last = name.split('.')
        name = '.'.join([part if part.isdigit() else f'_{part}' for part in layers]
                        + [{'gamma': 'weight', 'beta': 'bias'}.get(last, last)])
        if last in ('gamma', 'running_var'):
            state[name] = torch.rand(param.shape) + 0.5
        elif last == 'weight':
            state[name] = torch.randn(param.shape) * (2 / np.prod(param.shape[1:])) ** 0.5
        else:
            state[name] = torch.randn(param.shape) * 0.3
        if last == 'running_var':
            state[name.replace(last, 'num_batches_tracked')] = torch.tensor(7)
    return state


@pytest.mark.parametrize('legacy', [True, False])
def test_random_weights_give_the_logits_of_pytorch(tmp_path, legacy):
    torch = pytest.importorskip('torch', reason='PyTorch is the oracle')
    state, path = random_state(torch), str(tmp_path / 'weights.pth')
    torch.save(state, path, _use_new_zipfile_serialization=not legacy)
    images = np.random.default_rng(0).standard_normal((2, 3, 64, 64)).astype('f4')
    expected = torch_logits(torch, {name: value.double() for name, value in state.items()}, images.astype('f8'))
    assert np.abs(expected[0] - expected[1]).max() > 0.1  # or nothing would depend on the images
    np.testing.assert_allclose(gluon_logits(path, state, images), expected, rtol=1e-4, atol=1e-4)


def photos(count=6):
    """(count, 3, 224, 224) of the folder PHOTO_DIR, normalised as the network wants them."""
    folder = os.environ.get('PHOTO_DIR')
    if not folder:
        pytest.skip('PHOTO_DIR names no folder of photos')
    paths = sorted(glob.glob(os.path.join(folder, '**', '*.jpg'), recursive=True))
    images = [mx.image.center_crop(mx.image.resize_short(mx.image.imread(path), 256), (224, 224))[0].asnumpy()
              for path in paths[::max(1, len(paths) // count)][:count]]
    mean, std = map(np.array, normalization('efficientnet_lite0'))
    return ((np.stack(images) / 255 - mean) / std).transpose(0, 3, 1, 2).astype('f4')


def test_the_real_weights_give_the_logits_of_pytorch_on_photos():
    torch = pytest.importorskip('torch', reason='PyTorch is the oracle')
    try:
        path = _package_file()
    except ValueError as error:
        pytest.skip(str(error))
    images, state = photos(), torch.load(path, weights_only=True)
    expected = torch_logits(torch, state, images)
    assert expected.shape[1] == 1000 and expected.max() > 5
    np.testing.assert_allclose(gluon_logits(path, state, images), expected, rtol=0, atol=1e-4)


def test_it_has_the_papers_layers():
    net = EfficientNetLite0()
    net.initialize()
    assert net(nd.zeros((1, 3, 64, 64))).shape == (1, 1000)
    blocks = [(block.depthwise_conv._kwargs['kernel'][0], block.depthwise_conv._kwargs['stride'][0])
              for block in net.blocks]
    assert blocks == BLOCKS
    trained = [param for param in net.collect_params().values() if param.grad_req != 'null']
    assert sum(int(np.prod(param.shape)) for param in trained) == 4_652_008  # 4.7 M in the authors' table


@pytest.mark.parametrize('kernel', [3, 5])
@pytest.mark.parametrize('stride', [1, 2])
def test_convolutions_are_padded_as_tensorflows_same(kernel, stride):
    rng, size = np.random.default_rng(0), 8
    maps, weight = rng.standard_normal((1, 2, size, size)), rng.standard_normal((3, 2, kernel, kernel))
    layer = _same_conv(3, kernel, stride, in_channels=2)
    layer.initialize()
    layer.weight.set_data(nd.array(weight))
    got = layer(nd.array(maps)).asnumpy()
    before = ((size // stride - 1) * stride + kernel - size) // 2  # TensorFlow puts the odd one after
    assert got.shape == (1, 3, size // stride, size // stride)
    for out in range(3):
        for row in range(size // stride):
            for column in range(size // stride):
                total = sum(weight[out, channel, y, x] * maps[0, channel, row * stride + y - before,
                                                              column * stride + x - before]
                            for channel in range(2) for y in range(kernel) for x in range(kernel)
                            if 0 <= row * stride + y - before < size and 0 <= column * stride + x - before < size)
                assert got[0, out, row, column] == pytest.approx(total, abs=1e-4)


@pytest.mark.parametrize('hybridize', [False, True])
def test_relu6_is_cut_at_0_and_6_and_so_is_its_gradient(hybridize):
    cut_off = gluon.nn.HybridLambda(_relu6)
    if hybridize:
        cut_off.hybridize(static_alloc=True)
    maps = nd.array([[[[-1, 0.5], [3, 5.9]]], [[[6.1, 60], [2, -60]]]])
    maps.attach_grad()
    with autograd.record():
        cut = cut_off(maps)
    cut.backward(nd.arange(8).reshape(maps.shape) + 1)
    assert cut.shape == maps.shape
    np.testing.assert_array_equal(cut.asnumpy().ravel(), np.float32([0, 0.5, 3, 5.9, 6, 6, 2, 0]))
    np.testing.assert_array_equal(maps.grad.asnumpy().ravel(), [0, 2, 3, 4, 0, 0, 7, 0])
