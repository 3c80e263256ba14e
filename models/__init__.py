"""Gluon networks. Every one is called with images (B, 1, H, W) and returns (logits (B, C), features (B, D))."""
from importlib import import_module

# Name on the command line -> (module, class). A new network is one new file and one line here.
_MODELS = {
    'lenet': ('lenet', 'LeNet'),
    'lenet_plus': ('lenet', 'LeNetPlus'),
    'lenet_bn': ('lenet_bn', 'LeNetBN'),
    'keras_cnn': ('keras_cnn', 'KerasCNN'),
}


def list_models():
    """Names that `get_model` takes."""
    return list(_MODELS)


def get_model(name, **kwargs):
    """Build the network called `name`; `kwargs` go to its constructor (see `models.feature_net.FeatureNet`).

    Raises ValueError for an unknown name.
    """
    if name not in _MODELS:
        raise ValueError(f'name: expected one of {", ".join(_MODELS)}, got {name!r}')
    module, cls = _MODELS[name]
    return getattr(import_module(f'.{module}', __name__), cls)(**kwargs)
