"""What MXNet 1.9.1 needs before it can be imported: names that NumPy has removed since, put back.

MXNet is retired, so nobody mends it. `numpy.bool` went with NumPy 1.24, the others with 2.0 and later. They are put
back where they are missing, at the moment MXNet is imported, so that `import center_loss` alone imports no NumPy.
"""
from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn, Sequence

INSTALL = 'pip install --no-deps mxnet==1.9.1'


def mend_before_import() -> None:
    """From now on, `import mxnet` finds a NumPy that it can use. Called by `import center_loss`."""
    sys.meta_path.insert(0, _BeforeMXNet)


class _BeforeMXNet:
    """A finder. Python asks it for every module before the other finders; it does its work when MXNet is asked for."""

    @classmethod
    def find_spec(cls, name: str, path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        """Mend NumPy and return where MXNet is; return None for any other module.

        If MXNet is not installed, raises ModuleNotFoundError with the line that installs it.
        """
        if name != 'mxnet':
            return None
        found = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not cls)
        spec = next(filter(None, found), None)
        if spec is None:
            raise ModuleNotFoundError(f'MXNet is not installed: {INSTALL}', name=name)
        _mend_numpy()
        if name not in sys.modules:
            _forget_failed_import()
        return spec


def _forget_failed_import() -> None:
    """Let MXNet be imported afresh: an `import mxnet` before ours has failed, and left half of its modules behind."""
    for name in [name for name in sys.modules if name.startswith('mxnet.')]:
        del sys.modules[name]


def _mend_numpy() -> None:
    import numpy as np
    version = tuple(map(int, np.__version__.split('.')[:2]))
    if version < (1, 24):
        return  # all are there, and some would warn when touched
    names = _removed_in_2(np) if version >= (2, 0) else {'bool': bool}  # from 2.0 on, np.bool is a type of NumPy's own
    for name, value in names.items():
        if name not in vars(np):
            setattr(np, name, value)


def _removed_in_2(np: ModuleType) -> dict[str, Any]:
    return {
        'PZERO': 0.0, 'NZERO': -0.0, 'PINF': np.inf, 'NINF': -np.inf, 'Inf': np.inf, 'NaN': np.nan, 'NAN': np.nan,
        'alltrue': np.all, 'sometrue': np.any, 'product': np.prod, 'round_': np.round, 'trapz': np.trapezoid,
        'in1d': lambda *args, **kwargs: np.isin(*args, **kwargs).ravel(),
        'msort': lambda a: np.sort(a, axis=0),
        # MXNet lists these, which have long been in numpy-financial, but calls none.
        **dict.fromkeys(('mirr', 'npv', 'pmt', 'ppmt', 'pv', 'rate'), _moved),
    }


def _moved(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError('this function is in the package numpy-financial')
