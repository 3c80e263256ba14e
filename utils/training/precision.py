"""Training in bfloat16: a network's convolutions compute in it, and what is between them; all else stays float32.

`amp.init` of MXNet patches its operators for the rest of the process. Here the graph of one network is converted, so
runs of either kind can follow one another.
"""
import json
import os
from contextlib import contextmanager

import mxnet as mx
from mxnet import nd
from mxnet.contrib import amp
from mxnet.contrib.amp.lists import symbol_bf16
from mxnet.gluon import nn

from ..errors import UserError

_EXACT = [*symbol_bf16.FP32_FUNCS, 'FullyConnected']  # operators


def compute_in(net, dtype, contexts):
    """Have `net`, which is hybridized later, compute in `dtype`, 'float32' or 'bfloat16'.

    It is still called with float32 and returns float32, and its parameters, their gradients and running statistics are
    float32. Dense layers compute in float32 too: they are a small part, and batch normalisation after a dense layer
    is slower in bfloat16 than in float32. contexts: the devices it is for. Raises UserError if they cannot compute in
    `dtype`.
    """
    if dtype != 'float32':
        _check(contexts)
        _convert(net)


def _convert(net):
    trace = net._get_graph

    def trace_converted(*args):
        inputs, graph = trace(*args)
        graph = amp.convert_symbol(graph, 'bfloat16', ['Convolution'], _EXACT, excluded_sym_names=_kept(graph),
                                   data_names=[array.name for array in inputs])
        return inputs, mx.sym.Group([mx.sym.amp_cast(output, dtype='float32') for output in graph])
    net._get_graph = trace_converted
    net.for_inference = lambda: net  # what `loading.outputs` would take instead computes in float32


def _kept(graph):
    """Names of the convolutions in a symbol that compute in float32 all the same.

    Those in groups: oneDNN cannot bring their weights in order in bfloat16. And the first if batch normalisation
    follows it. For so few channels oneDNN has but a matrix product in bfloat16, and leaves them in an order in which
    batch normalisation is slow: all of lenet_bn_deep takes half as long again.
    """
    nodes = json.loads(graph.tojson())['nodes']
    convolutions = [i for i, node in enumerate(nodes) if node['op'] == 'Convolution']
    normalized = {node['inputs'][0][0] for node in nodes if node['op'] == 'BatchNorm'}
    return [nodes[i]['name'] for i in convolutions
            if int(nodes[i]['attrs'].get('num_group', 1)) > 1 or (i == convolutions[0] and i in normalized)]


def _check(contexts):
    """Raise UserError unless all of `contexts` have a convolution in bfloat16."""
    probe = nn.Conv2D(1, 3, in_channels=1, weight_initializer='ones', prefix='probe_')
    probe.initialize(ctx=contexts)
    _convert(probe)
    probe.hybridize()
    for context in contexts:
        try:
            with _silent_stderr():  # oneDNN says there what MXNet raises
                probe(nd.ones((1, 1, 3, 3), ctx=context)).wait_to_read()
        except mx.MXNetError as error:
            raise UserError('--dtype bfloat16 needs a CPU with AVX-512: MXNet has no convolution in bfloat16 on '
                            f'{context}') from error


@contextmanager
def _silent_stderr():
    """Inside, what this process writes to stderr is dropped, libraries in C++ included."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
