"""Checkpoints: one .params file of arrays that carries, as JSON, what made it.

Network parameters keep their structural names, so `net.load_parameters(path, ignore_extra=True)` reads them too.
"""
import hashlib
import json
import os
from typing import Dict, NamedTuple, Tuple

import mxnet as mx
import numpy as np
from mxnet import nd

from ..errors import UserError
from . import files
from .params_file import read_params
from .reading import first_line, parse_object

_FORMAT = 2
_META = 'meta.json'
_SEAL = 'meta.json.sha256'  # of the JSON, which has the digest of the arrays: between them they cover the file
_NEEDED = {'.params': ('config', 'epoch'),
           '.state': ('command', 'stage', 'plotting', 'config', 'epoch', 'history', 'best', 'collapsed', 'updates',
                       'versions')}
_CENTERS = 'center_loss.centers'
_TRAINER = 'trainer.{}.'
_AVERAGE = 'average.'
_METRIC = 'metric_loss.'


class Checkpoint(NamedTuple):
    """What a checkpoint file holds: its name, its JSON, and its arrays by name."""
    path: str
    meta: dict
    arrays: Dict[str, np.ndarray]

    @property
    def digest(self):
        """SHA-256 of the arrays: the same for the same model."""
        return self.meta['digest']

    @property
    def centers(self):
        """The (C, D) class centres, or None if center loss was off."""
        return _to_mxnet(self.arrays[_CENTERS]) if _CENTERS in self.arrays else None

    def restore(self, net, center_loss=None, metric_losses=None):
        """Copy parameters into the initialized `net`, and into the losses that are given.

        Raises UserError if an array is missing or has another shape.
        """
        for name, param in _named_params(net, metric_losses).items():
            param.set_data(self._array(name, param.shape))
        if center_loss is not None:
            (param,) = center_loss.collect_params().values()
            param.set_data(self._array(_CENTERS, param.shape))

    def trainer_arrays(self, number):
        """The arrays of trainer `number`, as `optimizers.get_state` named them."""
        return self._arrays_under(_TRAINER.format(number))

    @property
    def average_arrays(self):
        """The arrays of the moving average, as `averaging.Average` named them."""
        return self._arrays_under(_AVERAGE)

    def _arrays_under(self, prefix):
        return {name[len(prefix):]: _to_mxnet(array) for name, array in self.arrays.items() if name.startswith(prefix)}

    def _array(self, name, shape):
        if name not in self.arrays:
            raise UserError(f'{self.path} does not fit this network: expected an array {name}, got none')
        array = self.arrays[name]
        if array.shape != tuple(shape):
            raise UserError(f'{self.path} does not fit this network: expected {name} of shape {tuple(shape)}, '
                            f'got {array.shape}')
        return _to_mxnet(array)


def save(path, meta, net, center_loss=None, trainer_states: Tuple[Dict[str, nd.NDArray], ...] = (),
         average=None, metric_losses=None):
    """Write a checkpoint to `path`, replacing it only by a whole one that has been read back.

    path: ends in .params, a model, or .state, what a run can be resumed from; `load` refuses one renamed to the other.
    meta: a dict for JSON. trainer_states: the arrays of each trainer. average: an
    `averaging.Average` or None. metric_losses: a `MetricLosses` or None. Raises UserError if it cannot be written.
    """
    arrays = {name: param.list_data()[0] for name, param in _named_params(net, metric_losses).items()}
    if center_loss is not None:
        (param,) = center_loss.collect_params().values()
        arrays[_CENTERS] = param.list_data()[0]
    for number, state in enumerate(trainer_states):
        arrays.update({_TRAINER.format(number) + name: array for name, array in state.items()})
    if average is not None:
        arrays.update({_AVERAGE + name: array for name, array in average.arrays().items()})
    arrays = {name: array.as_in_context(mx.cpu()) for name, array in arrays.items()}
    made = {'format': _FORMAT, 'kind': _kind(path), 'digest': _digest(arrays), **meta}
    text = json.dumps(made, allow_nan=False).encode()
    for name, content in ((_META, text), (_SEAL, hashlib.sha256(text).digest())):
        arrays[name] = nd.array(np.frombuffer(content, np.uint8), dtype=np.uint8)
    with files.replacing(path) as temporary:
        try:
            nd.save(temporary, arrays)
        except mx.MXNetError as error:
            raise UserError(f'cannot write {path}: {str(error).strip().splitlines()[-1]}') from error
        try:
            read_params(temporary)  # the last buffer is written on close, where MXNet reports no error
        except ValueError as error:
            raise UserError(f'cannot write {path}: what was written is not whole, the disk may be full') from error


def _named_params(net, metric_losses):
    params = net._collect_params_with_prefix()
    if metric_losses is not None:
        params.update({_METRIC + name: param for name, param in metric_losses._collect_params_with_prefix().items()})
    return params


def load(path):
    """Read a `Checkpoint`. Raises UserError if `path` is missing, damaged, of the other kind or not of this program."""
    if not os.path.isfile(path):
        raise UserError(f'no checkpoint {path}')
    try:
        arrays = read_params(path)
    except ValueError as error:
        raise UserError(str(error)) from error
    if _META not in arrays:
        raise UserError(f'{path} is not a checkpoint of this program: expected an array {_META}, got none')
    if _SEAL not in arrays:
        raise UserError(f'{path} is damaged or made by another version of this program: expected an array {_SEAL}, '
                        'got none')
    text, seal = arrays.pop(_META).tobytes(), arrays.pop(_SEAL).tobytes()
    if seal != hashlib.sha256(text).digest():
        raise UserError(f'{path} is damaged: its {_META} is not what was saved')
    try:
        meta = parse_object(text)
    except ValueError as error:
        raise UserError(f'{path} is damaged: {first_line(error)}') from error
    _check(path, meta)
    if meta.get('digest') != _digest(arrays):
        raise UserError(f'{path} is damaged: its arrays are not those that were saved')
    return Checkpoint(path, meta, arrays)


def _check(path, meta):
    """Raise UserError unless `meta` is of our format, of the kind that `path` says, and has what is read."""
    if meta.get('format') != _FORMAT:
        raise UserError(f'{path} is damaged or made by another version of this program: expected format {_FORMAT}, '
                        f'got {first_line(repr(meta.get("format")))}')
    made = meta.get('kind')
    if made not in list(_NEEDED):
        raise UserError(f'{path} is damaged: its {_META} has no kind')
    if made != _kind(path):
        raise UserError(f'{path} was saved as a {made} file and is renamed: a .params file is a trained model, a '
                        '.state file what --resume goes on from')
    lacking = [key for key in _NEEDED[made] if key not in meta]
    if lacking or not isinstance(meta['config'], dict):
        raise UserError(f'{path} is damaged: its {_META} has no {(*lacking, "config")[0]}')


def _kind(path):
    return os.path.splitext(path)[1]


def digest_of(block):
    """The digest of a block's parameters, whatever file they came from."""
    return _digest({name: param.list_data()[0] for name, param in block._collect_params_with_prefix().items()})


def _digest(arrays):
    """SHA-256 over names, shapes, types and contents; arrays of numpy and of MXNet have the same."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name].asnumpy() if isinstance(arrays[name], nd.NDArray) else arrays[name]
        digest.update(f'{name} {array.shape} {array.dtype}\n'.encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _to_mxnet(array):
    return nd.array(array, dtype=array.dtype)
