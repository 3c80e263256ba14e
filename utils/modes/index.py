"""An index: the features of a folder of images in one .npz, to find the images most like another."""
import json
import os
from typing import NamedTuple

import numpy as np

from ..errors import UserError
from ..evaluation.one_pass import nearest_in_one_pass
from ..storage.npz import read_npz, write_npz
from ..storage.reading import first_line, parse_object


class Index(NamedTuple):
    """features: (N, D) float32. paths: (N,) str. meta: a dict for JSON, what made them."""
    features: np.ndarray
    paths: np.ndarray
    meta: dict


def write_index(path, features, paths, meta):
    """Write an index as an uncompressed .npz of plain arrays: features, paths, meta.

    features: (N, D), N >= 1. paths: N strings. meta: a dict for JSON. Raises UserError if it cannot be written,
    ValueError if the parts do not belong together.
    """
    arrays = {'features': np.asarray(features, np.float32), 'paths': np.array(paths, np.str_),
              'meta': np.array(json.dumps(meta))}
    _check(arrays)
    write_npz(path, arrays)


def read_index(path):
    """The `Index` in the file `path`, of which what is large stays there.

    Raises UserError if it is not there, damaged or not an index.
    """
    if not os.path.exists(path):
        raise UserError(f'no index at {path}')
    arrays = read_npz(path, ('features', 'paths', 'meta'), mapped=True)
    try:
        _check(arrays)
        meta = parse_object(str(arrays['meta']))
    except ValueError as error:
        raise UserError(f'{path} is no index: {first_line(error)}') from error
    return Index(arrays['features'], arrays['paths'], meta)


def count_replaced(path, folder):
    """How many images the index at `path` has, 0 without one, which an index of all under `folder` may replace.

    Raises UserError for one that has images of elsewhere, which would be lost, and for a file that is no index.
    """
    if not os.path.lexists(path):
        return 0
    try:
        paths = read_index(path).paths
    except UserError as error:
        raise UserError(f'{error}; remove it, and --embed makes it anew') from error
    elsewhere = [one for one in paths if not one.startswith(os.path.join(os.path.abspath(folder), ''))]
    if elsewhere:
        raise UserError(f'{path} has images from elsewhere than {folder}, {len(elsewhere)} such as '
                        f'{first_line(elsewhere[0])}, and would be replaced: move it, or choose another --out_dir')
    return len(paths)


def _check(arrays):
    """Raise ValueError unless the arrays of an index have the types and shapes that `write_index` promises."""
    for name, kind, dimensions in (('features', 'f', 2), ('paths', 'U', 1), ('meta', 'U', 0)):
        if name not in arrays:
            raise ValueError(f'expected an array {name}, got none')
        if arrays[name].dtype.kind != kind or arrays[name].ndim != dimensions:
            raise ValueError(f'expected {name} with {dimensions} dimensions of kind {kind}, got {arrays[name].ndim} of '
                             f'kind {arrays[name].dtype.kind}')
        if dimensions and not len(arrays[name]) == len(arrays['features']) > 0:
            raise ValueError(f'expected as many {name} as features, at least one, got {len(arrays[name])} and '
                             f'{len(arrays["features"])}')


def nearest(index, features, k):
    """((Q, k) positions in the index, (Q, k) distances, 1 - the cosine), nearest first; k is cut to the index's size.

    features: (Q, D). Raises UserError if D is not that of the index.
    """
    return nearest_in_one_pass(features, index.features, min(k, len(index.features)))
