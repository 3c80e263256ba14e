"""--sync_bn: batch normalisation takes the statistics of all of a batch that is split over devices."""
import json

import models

from ..errors import UserError

_SPACES = {'small': 96, 'photos': 1024}  # working spaces that MXNet is given for each device of the CPU
_SPACES_OF_AN_OPERATOR = 2  # that a pass takes at most, forward or backward


def working_spaces(config):
    """How many working spaces the devices of a CPU need, see `runtime.prepare_mxnet`; None: as many as there are."""
    machine = config.machine
    return machine.devices * _spaces(config) if machine.sync_bn and not machine.gpus else None


def synchronize(net, config):
    """Have `net`, not initialized yet, normalise by the whole batch. Raises UserError if it cannot."""
    import mxnet as mx
    network, machine = config.network.network, config.machine
    try:
        found = models.synchronize_batch_norms(net, machine.devices)
    except ValueError as error:
        raise UserError(f'--sync_bn: --network {network}: {error}') from error
    if not found:
        raise UserError('--sync_bn goes with a --network that has batch normalisation, such as lenet_bn, got '
                        f'{network}')
    outputs = mx.sym.Group(net(mx.sym.var('images')))
    operators = sum(node['op'] != 'null' for node in json.loads(outputs.tojson())['nodes'])
    limit = _spaces(config) // _SPACES_OF_AN_OPERATOR
    if operators > limit and not machine.gpus:
        raise UserError(f'--sync_bn on devices of the CPU goes with a --network of up to {limit} operators: {network} '
                        f'has {operators}')


def _spaces(config):
    return _SPACES['photos' if config.data.photos else 'small']
