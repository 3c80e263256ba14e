"""Center loss (Wen et al., ECCV 2016) for MXNet Gluon.

    from center_loss import CenterLoss

A class is loaded when it is first asked for, so the names alone (`list_losses()`) cost no MXNet import.
"""
from importlib import import_module

__version__ = '0.1.0'

# Name on the command line -> (module, class, options it takes beside the sizes and lmbd).
# A new loss is one new file and one line here.
_LOSSES = {
    'embedding': ('center', 'CenterLoss', ('balance', 'center_update')),
    'parameter': ('parameter', 'ParameterCenterLoss', ('balance',)),
    'dense': ('dense', 'DenseCenterLoss', ()),
    'function': ('function', 'FunctionCenterLoss', ()),
}
_MODULE_OF = {cls: module for module, cls, _ in _LOSSES.values()}

__all__ = ['get_loss', 'list_losses', 'loss_options', *_MODULE_OF]


def list_losses():
    """Names that `get_loss` takes."""
    return list(_LOSSES)


def loss_options(name):
    """Names of the settings, of those that not every loss has, that the loss called `name` takes."""
    return _LOSSES[name][2]


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
