"""Center loss (Wen et al., ECCV 2016) for MXNet Gluon.

    from center_loss import CenterLoss

A class is loaded when it is first asked for, so the names alone (`list_losses()`) cost no MXNet import.
"""
from importlib import import_module

__version__ = '0.1.0'

# Name on the command line -> (module, class). A new loss is one new file and one line here.
_LOSSES = {
    'embedding': ('center', 'CenterLoss'),
    'parameter': ('parameter', 'ParameterCenterLoss'),
}
_MODULE_OF = {cls: module for module, cls in _LOSSES.values()}

__all__ = ['get_loss', 'list_losses', *_MODULE_OF]


def list_losses():
    """Names that `get_loss` takes."""
    return list(_LOSSES)


def get_loss(name, **kwargs):
    """Build the loss called `name`; `kwargs` go to its constructor.

    Raises ValueError for an unknown name.
    """
    if name not in _LOSSES:
        raise ValueError(f'name: expected one of {", ".join(_LOSSES)}, got {name!r}')
    return __getattr__(_LOSSES[name][1])(**kwargs)


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'.{_MODULE_OF[name]}', __name__), name)
