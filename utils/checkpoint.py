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

from . import files
from .errors import UserError

_FORMAT = 1
_META = 'meta.json'
_CENTERS = 'center_loss.centers'
_TRAINER = 'trainer.{}.'
_AVERAGE = 'average.'
_METRIC = 'metric_loss.'


class Checkpoint(NamedTuple):
    """What a checkpoint file holds: its name, its JSON, and its arrays by name."""
    path: str
    meta: dict
    arrays: Dict[str, nd.NDArray]

    @property
    def digest(self):
        """SHA-256 of the arrays: the same for the same model."""
        return self.meta['digest']

    @property
    def centers(self):
        """The (C, D) class centres, or None if center loss was off."""
        return self.arrays.get(_CENTERS)

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
        return {name[len(prefix):]: array for name, array in self.arrays.items() if name.startswith(prefix)}

    def _array(self, name, shape):
        if name not in self.arrays:
            raise UserError(f'{self.path} does not fit this network: expected an array {name}, got none')
        array = self.arrays[name]
        if array.shape != tuple(shape):
            raise UserError(f'{self.path} does not fit this network: expected {name} of shape {tuple(shape)}, '
                            f'got {array.shape}')
        return array


def save(path, meta, net, center_loss=None, trainer_states: Tuple[Dict[str, nd.NDArray], ...] = (),
         average=None, metric_losses=None):
    """Write a checkpoint to `path`, replacing it only by a whole one that has been read back.

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
    text = json.dumps({'format': _FORMAT, 'digest': _digest(arrays), **meta}, allow_nan=False).encode()
    arrays[_META] = nd.array(np.frombuffer(text, np.uint8), dtype=np.uint8)
    with files.replacing(path) as temporary:
        try:
            nd.save(temporary, arrays)
            nd.load(temporary)  # the last buffer is written on close, where MXNet reports no error
        except mx.MXNetError as error:
            raise UserError(f'cannot write {path}: {_last_line(error)}') from error


def _named_params(net, metric_losses):
    params = net._collect_params_with_prefix()
    if metric_losses is not None:
        params.update({_METRIC + name: param for name, param in metric_losses._collect_params_with_prefix().items()})
    return params


def load(path):
    """Read a `Checkpoint`. Raises UserError if `path` is missing, damaged or not a checkpoint of this program."""
    if not os.path.isfile(path):
        raise UserError(f'no checkpoint {path}')
    try:
        arrays = nd.load(path)
    except (mx.MXNetError, UnicodeDecodeError) as error:
        raise UserError(f'{path} is damaged or not a .params file: {_last_line(error)}') from error
    if not isinstance(arrays, dict) or _META not in arrays:
        raise UserError(f'{path} is not a checkpoint of this program: expected an array {_META}, got none')
    try:
        meta = json.loads(arrays.pop(_META).asnumpy().tobytes())
    except ValueError as error:
        raise UserError(f'{path} is damaged: {error}') from error
    if not isinstance(meta, dict) or meta.get('format') != _FORMAT:
        raise UserError(f'{path} has another format: expected {_FORMAT}, '
                        f'got {meta.get("format") if isinstance(meta, dict) else meta!r}')
    if meta.get('digest') != _digest(arrays):
        raise UserError(f'{path} is damaged: its arrays are not those that were saved')
    return Checkpoint(path, meta, arrays)


def digest_of(block):
    """The digest of a block's parameters, whatever file they came from."""
    return _digest({name: param.list_data()[0] for name, param in block._collect_params_with_prefix().items()})


def _digest(arrays):
    """SHA-256 over names, shapes, types and contents."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name].asnumpy()
        digest.update(f'{name} {array.shape} {array.dtype}\n'.encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _last_line(error):
    return str(error).strip().splitlines()[-1]
