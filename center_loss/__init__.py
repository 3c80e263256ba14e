"""Center loss (Wen et al., ECCV 2016) and the metric-learning losses it is compared with, for MXNet Gluon.

    from center_loss import CenterLoss

A class is loaded when it is first asked for, so the names alone (`list_losses()`) cost no MXNet import. Import this
package before MXNet, which today's NumPy would not let in: see `_mxnet.py`.
"""
from importlib import import_module
from typing import NamedTuple, Tuple

from ._mxnet import mend_before_import

__version__ = '0.1.0'

mend_before_import()


class _Entry(NamedTuple):
    kind: str
    module: str
    cls: str
    has_parameters: bool  # proxies or centres, which need a learning rate of their own
    options: Tuple[str, ...]  # that its constructor takes beside the sizes and lmbd


# Name on the command line -> where it is and what it takes. A new loss is one new file and one line here.
_LOSSES = {
    'embedding': _Entry('center', 'center', 'CenterLoss', True, ('balance', 'center_update')),
    'parameter': _Entry('center', 'parameter', 'ParameterCenterLoss', True, ('balance',)),
    'dense': _Entry('center', 'dense', 'DenseCenterLoss', True, ()),
    'function': _Entry('center', 'function', 'FunctionCenterLoss', True, ()),
    'contrastive': _Entry('metric', 'contrastive', 'ContrastiveLoss', False, ('pos_margin', 'neg_margin')),
    'triplet': _Entry('metric', 'triplet', 'TripletLoss', False, ('miner', 'margin')),
    'normalized_softmax': _Entry('metric', 'normalized_softmax', 'NormalizedSoftmaxLoss', True, ('scale',)),
    'softtriple': _Entry('metric', 'soft_triple', 'SoftTripleLoss', True,
                         ('centers_per_class', 'scale', 'gamma', 'tau', 'delta')),
    'arcface': _Entry('metric', 'angular_margin', 'ArcFaceLoss', True, ('margin', 'scale')),
    'cosface': _Entry('metric', 'angular_margin', 'CosFaceLoss', True, ('margin', 'scale')),
    'proxy_anchor': _Entry('metric', 'proxy_anchor', 'ProxyAnchorLoss', True, ('margin', 'alpha')),
}
_KINDS = ('center', 'metric')
_ALIASES = {'center': 'embedding'}
_MODULE_OF = {**{entry.cls: entry.module for entry in _LOSSES.values()}, 'offline_triplets': 'miners'}

__all__ = ['get_loss', 'has_parameters', 'list_losses', 'loss_options', *_MODULE_OF]


def list_losses(kind=None):
    """Names that `get_loss` takes: the ways to write center loss ('center'), the other losses ('metric'), or all.

    'center' itself is a name too, another one of 'embedding'. Raises ValueError for another kind.
    """
    if kind not in (None, *_KINDS):
        raise ValueError(f'kind: expected one of {", ".join(_KINDS)} or None, got {kind!r}')
    return [name for name, entry in _LOSSES.items() if kind in (None, entry.kind)]


def loss_options(name):
    """Names of the settings, of those that not every loss has, that the loss called `name` takes.

    Raises ValueError for an unknown name.
    """
    return _entry(name).options


def has_parameters(name):
    """Whether the loss called `name` trains centres or proxies of its own.

    If so, it is built with `num_classes` and `feature_size`, and its `collect_params()` need a Trainer.
    Raises ValueError for an unknown name.
    """
    return _entry(name).has_parameters


def get_loss(name, **kwargs):
    """Build the loss called `name`; `kwargs` go to its constructor.

    Raises ValueError for an unknown name.
    """
    return __getattr__(_entry(name).cls)(**kwargs)


def _entry(name):
    entry = _LOSSES.get(_ALIASES.get(name, name))
    if entry is None:
        raise ValueError(f'name: expected one of {", ".join([*_LOSSES, *_ALIASES])}, got {name!r}')
    return entry


def __dir__():
    return sorted({*globals(), *__all__})


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'.{_MODULE_OF[name]}', __name__), name)
