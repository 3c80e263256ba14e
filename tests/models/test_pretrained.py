"""What pretrained weights are mapped to, and what is said of those that do not fit."""
import numpy as np
import pytest
from mxnet import nd

from models.pretrained import load_pretrained

from .photo_nets import arrays, filled, images, make


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


def test_a_pth_file_is_for_the_networks_it_can_be_mapped_to():
    with pytest.raises(ValueError, match=r'a \.pth fits .*resnet18_v1b.*, not mobilenet0\.25: give a \.params file'):
        load_pretrained(make(), 'mobilenet.pth')


def test_small_networks_have_none():
    with pytest.raises(ValueError, match='expected a network for photos, got LeNet'):
        load_pretrained(make('lenet'))
