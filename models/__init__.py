"""Gluon networks. Every one is called with images (B, channels, H, W) and returns (logits (B, C), features (B, D)).

The names alone cost no import of MXNet or GluonCV.
"""
from difflib import get_close_matches
from importlib import import_module

from .gluoncv_zoo import GLUONCV

# Name on the command line -> (module, class), for small images. A new network is one new file and one line here.
_SMALL = {
    'lenet': ('lenet', 'LeNet'),
    'lenet_plus': ('lenet', 'LeNetPlus'),
    'lenet_bn': ('lenet_bn', 'LeNetBN'),
    'lenet_bn_deep': ('lenet_bn', 'LeNetBNDeep'),
    'keras_cnn': ('keras_cnn', 'KerasCNN'),
}
# Backbones for photos, under the head of `models.backbone.PhotoNet`.
_PHOTO = ('efficientnet_lite0', *GLUONCV)
# (mean, standard deviation) per channel, of pixels from 0 to 1, that pretrained weights expect to be taken off.
_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_LITE = (127 / 255,) * 3, (128 / 255,) * 3  # of the TensorFlow program that trained the EfficientNet-Lites


def list_models(kind='small'):
    """Names that `get_model` takes: 'small' for small images (B, channels, H, W), 'photo' for photos (B, 3, S, S)."""
    return list({'small': _SMALL, 'photo': _PHOTO}[kind])


def normalization(name):
    """((mean, ...), (std, ...)) per RGB channel, for pixels of 0 to 1, that normalise photos for the network `name`."""
    return _LITE if name == 'efficientnet_lite0' else _IMAGENET


def check_name(name):
    """Raises ValueError, with names like it, if `name` is not a network's."""
    if name not in _SMALL and name not in _PHOTO:
        near = get_close_matches(str(name).lower(), [*_SMALL, *_PHOTO])
        raise ValueError(f'name: expected one of {", ".join(_SMALL)}, efficientnet_lite0 or a classification network '
                         f'of GluonCV such as resnet50_v1b, got {name!r}'
                         + (f'; there is {", ".join(near)}' if near else ''))


def get_model(name, **kwargs):
    """Build the network called `name`; `kwargs` go to its constructor (see `models.feature_net.FeatureNet`).

    Raises ValueError for an unknown name.
    """
    check_name(name)
    if name not in _SMALL:
        return import_module('.backbone', __name__).PhotoNet(name, **kwargs)
    module, cls = _SMALL[name]
    return getattr(import_module(f'.{module}', __name__), cls)(**kwargs)


def load_pretrained(net, source=None, offline=False, **options):
    """Fill the backbone of a network for photos with pretrained weights, see `models.pretrained`."""
    return import_module('.pretrained', __name__).load_pretrained(net, source, offline, **options)


def freeze_running_statistics(backbone):
    """Keep the batch normalisations of a backbone from learning statistics, see `models.batch_norm`."""
    import_module('.batch_norm', __name__).freeze_running_statistics(backbone)


def synchronize_batch_norms(net, num_devices):
    """Have batch normalisations look at all of a batch that is split over devices, see `models.batch_norm`."""
    return import_module('.batch_norm', __name__).synchronize_batch_norms(net, num_devices)
