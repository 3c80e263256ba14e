"""What the constructors and calls of all losses check, each with an error that says what was expected and what came."""
import inspect
import math
import numbers
import sys
import warnings

import numpy as np

_OF_EVERY_BLOCK = ('prefix', 'params')  # Gluon's own keywords


def check_size(name, value):
    """Raise ValueError unless `value` is an integer of at least 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f'{name}: expected an integer of at least 1, got {value!r}')


def check_number(name, value, above_zero=False):
    """Raise ValueError unless `value` is a finite number of at least 0, or above 0 if so asked."""
    if not (isinstance(value, numbers.Real) and math.isfinite(value) and (value > 0 if above_zero else value >= 0)):
        expected = 'above 0' if above_zero else 'of at least 0'
        raise ValueError(f'{name}: expected a finite number {expected}, got {value!r}')


def check_dtype(dtype):
    """Raise ValueError unless centres can be of `dtype`."""
    if dtype not in ('float32', 'float64'):
        raise ValueError(f"dtype: expected 'float32' or 'float64', got {dtype!r}")


def check_labels(labels, lowest, highest):
    """Raise ValueError unless every element of the numpy array `labels` is an integer in lowest..highest."""
    bad = np.flatnonzero(~((labels >= lowest) & (labels <= highest) & (labels == np.floor(labels))))
    if bad.size:
        raise ValueError(f'labels: expected integers in {lowest}..{highest}, got {labels[bad[0]]} at position {bad[0]}')


def warn(message):
    """Warn of the line that called a loss, which is the first that is neither this package's nor MXNet's."""
    level, frame = 1, sys._getframe()
    while frame and frame.f_globals['__name__'].partition('.')[0] in (__package__, 'mxnet'):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level)


def setting_names(cls):
    """The names of the settings that the constructor of the loss `cls` takes, in its order."""
    return [name for name, parameter in inspect.signature(cls).parameters.items()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]


def check_settings(cls, others, hint):
    """Raise TypeError if the keywords `others` hold more than what every block takes.

    hint(name, value): what to add to the message, or ''.
    """
    for name in sorted(set(others).difference(_OF_EVERY_BLOCK)):
        raise TypeError(f'{cls.__name__}: expected settings among {", ".join(setting_names(cls))}, got {name!r}'
                        f'{hint(name, others[name])}')
