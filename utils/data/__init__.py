"""Datasets by name. Nothing here imports MXNet, and the names alone not even numpy."""
import os
from importlib import import_module
from typing import NamedTuple

from ..errors import UserError


class _Arrays(NamedTuple):
    """Images in memory; `load` is the function of `module`, `num_classes` the classes there are."""
    module: str
    load: str
    num_classes: int


class _Photos(NamedTuple):
    """Photos on disk, whose classes are known when their names are read."""
    module: str
    load: str
    num_classes: None = None


# Name on the command line -> where it is. A new dataset is one new file and one line here.
_DATASETS = {
    'mnist': _Arrays('mnist', 'load_mnist', 10),
    'fashion_mnist': _Arrays('mnist', 'load_fashion_mnist', 10),
    'mnist5k': _Arrays('mnist5k', 'load_mnist5k', 10),
    'cub200': _Photos('cub200', 'load_cub200'),
    'cars196': _Photos('cars196', 'load_cars196'),
    'folder': _Photos('folder', 'load_folder'),
    'recordio': _Photos('recordio', 'load_recordio'),
}


def list_datasets():
    """Names that `load_dataset` takes."""
    return list(_DATASETS)


def list_photo_datasets():
    """Those whose splits are `dataset.PhotoSplit`, decoded as they are needed; the others hold arrays."""
    return [name for name, entry in _DATASETS.items() if isinstance(entry, _Photos)]


def num_classes_of(name):
    """How many classes the dataset called `name` has; None for photos, where it takes reading them to know."""
    return _DATASETS[name].num_classes


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
    entry, photos = _DATASETS[name], list_photo_datasets()
    if name not in photos and (classes is not None or split != 'official'):
        raise UserError(f'--classes and --split are for {", ".join(photos)}, not for {name}')
    dataset = getattr(import_module(f'.{entry.module}', __name__), entry.load)(data_dir, offline)
    if name not in photos:
        return dataset
    return import_module('.class_splits', __name__).choose(dataset, name, classes, split, split_seed)
