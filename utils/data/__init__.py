"""Datasets by name. Nothing here imports MXNet, and the names alone not even numpy."""
import os
from importlib import import_module

from ..errors import UserError

# Name on the command line -> (module, function). A new dataset is one new file and one line here.
_DATASETS = {
    'mnist': ('mnist', 'load_mnist'),
    'fashion_mnist': ('mnist', 'load_fashion_mnist'),
    'mnist5k': ('mnist5k', 'load_mnist5k'),
}


def list_datasets():
    """Names that `load_dataset` takes."""
    return list(_DATASETS)


def load_dataset(name, data_dir=None, offline=False):
    """The `dataset.Dataset` called `name`, from `data_dir` or a cache in the user's home; downloads what is missing.

    Raises ValueError for an unknown name, UserError for files that are missing, altered or cannot be fetched.
    """
    if name not in _DATASETS:
        raise ValueError(f'name: expected one of {", ".join(_DATASETS)}, got {name!r}')
    if data_dir and not os.path.isdir(data_dir):
        raise UserError(f'--data_dir expected a folder, got {data_dir}')
    module, function = _DATASETS[name]
    return getattr(import_module(f'.{module}', __name__), function)(data_dir, offline)
