"""What the constructors and calls of all losses check, each with an error that says what was expected and what came."""
from __future__ import annotations

import inspect
import math
import numbers
import sys
import warnings
from types import FrameType
from typing import Any, Callable, Mapping

import numpy as np

_OF_EVERY_BLOCK = ('prefix', 'params')  # Gluon's own keywords


def check_size(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is an integer of at least 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f'{name}: expected an integer of at least 1, got {value!r}')


def check_number(name: str, value: Any, above_zero: bool = False) -> None:
    """Raise ValueError unless `value` is a finite number of at least 0; with `above_zero`, above 0."""
    if not (isinstance(value, numbers.Real) and math.isfinite(value) and (value > 0 if above_zero else value >= 0)):
        expected = 'above 0' if above_zero else 'of at least 0'
        raise ValueError(f'{name}: expected a finite number {expected}, got {value!r}')


def check_dtype(dtype: Any) -> None:
    """Raise ValueError unless centres can be of `dtype`."""
    if dtype not in ('float32', 'float64'):
        raise ValueError(f"dtype: expected 'float32' or 'float64', got {dtype!r}")


def check_labels(labels: np.ndarray, lowest: int, highest: int) -> None:
    """Raise ValueError unless every element of the numpy array `labels` is an integer in lowest..highest."""
    bad = np.flatnonzero(~((labels >= lowest) & (labels <= highest) & (labels == np.floor(labels))))
    if bad.size:
        raise ValueError(f'labels: expected integers in {lowest}..{highest}, got {labels[bad[0]]} at position {bad[0]}')


def warn(message: str) -> None:
    """Warn, and name the line that called the loss: the innermost that is neither in this package nor in MXNet."""
    level = 1
    frame: FrameType | None = sys._getframe()
    while frame and frame.f_globals['__name__'].partition('.')[0] in (__package__, 'mxnet'):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level)


def setting_names(cls: type) -> list[str]:
    """The names of the settings that the constructor of the loss `cls` takes, in its order."""
    return [name for name, parameter in inspect.signature(cls).parameters.items()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]


def check_settings(cls: type, others: Mapping[str, Any], hint: Callable[[str, Any], str]) -> None:
    """Raise TypeError if `others`, the keywords that `cls` does not name, hold one that Gluon's blocks do not take.

    hint(name, value): what to add to the message, or ''.
    """
    for name in sorted(set(others).difference(_OF_EVERY_BLOCK)):
        raise TypeError(f'{cls.__name__}: expected settings among {", ".join(setting_names(cls))}, got {name!r}'
                        f'{hint(name, others[name])}')
