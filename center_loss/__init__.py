"""Center loss (Wen et al., ECCV 2016) and the metric-learning losses it is compared with, for MXNet Gluon.

    from center_loss import CenterLoss

A class is loaded when it is first asked for, so the names alone (`list_losses()`) cost no MXNet import. Import this
package before MXNet: today's NumPy lacks names that MXNet imports, and this package puts them back (see `_mxnet.py`).
"""
from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ._mxnet import mend_before_import
from ._signatures import options_of

if TYPE_CHECKING:  # for editors and type checkers, which do not see through `__getattr__`
    from .angular_margin import ArcFaceLoss as ArcFaceLoss
    from .angular_margin import CosFaceLoss as CosFaceLoss
    from .base import FeatureLoss
    from .center import CenterLoss as CenterLoss
    from .contrastive import ContrastiveLoss as ContrastiveLoss
    from .dense import DenseCenterLoss as DenseCenterLoss
    from .function import FunctionCenterLoss as FunctionCenterLoss
    from .miners import offline_triplets as offline_triplets
    from .normalized_softmax import NormalizedSoftmaxLoss as NormalizedSoftmaxLoss
    from .parameter import ParameterCenterLoss as ParameterCenterLoss
    from .proxy_anchor import ProxyAnchorLoss as ProxyAnchorLoss
    from .soft_triple import SoftTripleLoss as SoftTripleLoss
    from .triplet import TripletLoss as TripletLoss

__version__ = '0.1.0'

mend_before_import()


class _Entry(NamedTuple):
    kind: str
    module: str
    cls: str
    has_parameters: bool  # proxies or centres, which need a learning rate of their own


# Name on the command line -> where it is. A new loss is one new file, one line here and one above.
_LOSSES = {
    'embedding': _Entry('center', 'center', 'CenterLoss', True),
    'parameter': _Entry('center', 'parameter', 'ParameterCenterLoss', True),
    'dense': _Entry('center', 'dense', 'DenseCenterLoss', True),
    'function': _Entry('center', 'function', 'FunctionCenterLoss', True),
    'contrastive': _Entry('metric', 'contrastive', 'ContrastiveLoss', False),
    'triplet': _Entry('metric', 'triplet', 'TripletLoss', False),
    'normalized_softmax': _Entry('metric', 'normalized_softmax', 'NormalizedSoftmaxLoss', True),
    'softtriple': _Entry('metric', 'soft_triple', 'SoftTripleLoss', True),
    'arcface': _Entry('metric', 'angular_margin', 'ArcFaceLoss', True),
    'cosface': _Entry('metric', 'angular_margin', 'CosFaceLoss', True),
    'proxy_anchor': _Entry('metric', 'proxy_anchor', 'ProxyAnchorLoss', True),
}
_KINDS = ('center', 'metric')
_ALIASES = {'center': 'embedding'}
_MODULE_OF = {**{entry.cls: entry.module for entry in _LOSSES.values()}, 'offline_triplets': 'miners'}

__all__ = ['get_loss', 'has_parameters', 'list_losses', 'loss_options', *_MODULE_OF]


def list_losses(kind: str | None = None) -> list[str]:
    """Names that `get_loss` takes.

    kind: 'center' for the ways to write center loss, 'metric' for the other losses, None for both. Raises ValueError
    for any other. `get_loss` also takes 'center', a second name of 'embedding'.

    >>> from center_loss import list_losses
    >>> list_losses('center')
    ['embedding', 'parameter', 'dense', 'function']
    """
    if kind not in (None, *_KINDS):
        raise ValueError(f'kind: expected one of {", ".join(_KINDS)} or None, got {kind!r}')
    return [name for name, entry in _LOSSES.items() if kind in (None, entry.kind)]


def loss_options(name: str) -> tuple[str, ...]:
    """Names of the settings that the loss called `name` takes and some other loss does not.

    Raises ValueError for an unknown name.

    >>> from center_loss import loss_options
    >>> loss_options('triplet')
    ('miner', 'margin')
    """
    entry = _entry(name)
    return options_of(entry.module, entry.cls)


def has_parameters(name: str) -> bool:
    """Whether the loss called `name` trains centres or proxies of its own.

    If so, it is built with `num_classes` and `feature_size`, and its `collect_params()` need a Trainer.
    Raises ValueError for an unknown name.

    >>> from center_loss import has_parameters
    >>> has_parameters('cosface'), has_parameters('triplet')
    (True, False)
    """
    return _entry(name).has_parameters


def get_loss(name: str, **kwargs: Any) -> FeatureLoss:
    """Build the loss called `name`; `kwargs` go to its constructor.

    Raises ValueError for an unknown name or a wrong value, TypeError for a setting that the loss does not have.

    >>> from center_loss import get_loss
    >>> get_loss('triplet', margin=0.3)
    TripletLoss(miner='batch_all', margin=0.3, lmbd=1.0)
    """
    return _load(_entry(name).cls)(**kwargs)


def _entry(name: str) -> _Entry:
    entry = _LOSSES.get(_ALIASES.get(name, name))
    if entry is None:
        raise ValueError(f'name: expected one of {", ".join([*_LOSSES, *_ALIASES])}, got {name!r}')
    return entry


def _load(name: str) -> Any:
    return getattr(import_module(f'.{_MODULE_OF[name]}', __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # a checker that saw it would take every name for one of this module
    def __getattr__(name: str) -> Any:
        if name not in _MODULE_OF:
            raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
        return _load(name)
