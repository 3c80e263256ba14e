"""What a constructor takes, read from its source: importing it would import MXNet."""
from __future__ import annotations

import ast
import functools
import os

# What every loss takes, or every loss with centres or proxies.
_SHARED = ('self', 'num_classes', 'feature_size', 'lmbd', 'sparse_grad', 'dtype', 'weight_initializer')


@functools.lru_cache(maxsize=None)
def options_of(module: str, cls: str) -> tuple[str, ...]:
    """Names of the settings of its own that the class `cls` in the file `module` of this package takes, in order."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), module + '.py')
    with open(path, encoding='utf-8') as file:
        tree = ast.parse(file.read())
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == cls)
    own = [node for node in found.body if isinstance(node, ast.FunctionDef) and node.name == '__init__']
    return tuple(arg.arg for init in own for arg in init.args.args if arg.arg not in _SHARED)
