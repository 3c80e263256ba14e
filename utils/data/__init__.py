"""Datasets by name. Nothing here imports MXNet, and the names alone not even numpy."""
import os
from importlib import import_module

from ..errors import UserError

# Name on the command line -> (module, function). A new dataset is one new file and one line here.
_ARRAYS = {
    'mnist': ('mnist', 'load_mnist'),
    'fashion_mnist': ('mnist', 'load_fashion_mnist'),
    'mnist5k': ('mnist5k', 'load_mnist5k'),
}
_PHOTOS = {
    'cub200': ('cub200', 'load_cub200'),
    'cars196': ('cars196', 'load_cars196'),
    'folder': ('folder', 'load_folder'),
    'recordio': ('recordio', 'load_recordio'),
}
_DATASETS = {**_ARRAYS, **_PHOTOS}


def list_datasets():
    """Names that `load_dataset` takes."""
    return list(_DATASETS)


def list_photo_datasets():
    """Those whose splits are `dataset.PhotoSplit`, decoded as they are needed; the others hold arrays."""
    return list(_PHOTOS)


def load_dataset(name, data_dir=None, offline=False, classes=None, split='official', split_seed=None):
    """The `dataset.Dataset` called `name`, from `data_dir` or a cache in the user's home; downloads what is missing.

    classes, split, split_seed: which part of a dataset of photos, see `class_splits.choose`. Raises ValueError for an
    unknown name, UserError for files that are missing, altered or cannot be fetched, or for a part of a dataset that
    has none.
    """
    if name not in _DATASETS:
        raise ValueError(f'name: expected one of {", ".join(_DATASETS)}, got {name!r}')
    if data_dir and not os.path.isdir(data_dir):
        raise UserError(f'--data_dir expected a folder, got {data_dir}')
    if name in _ARRAYS and (classes is not None or split != 'official'):
        raise UserError(f'--classes and --split are for {", ".join(_PHOTOS)}, not for {name}')
    module, function = _DATASETS[name]
    dataset = getattr(import_module(f'.{module}', __name__), function)(data_dir, offline)
    if name in _ARRAYS:
        return dataset
    return import_module('.class_splits', __name__).choose(dataset, name, classes, split, split_seed)
