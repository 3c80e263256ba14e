"""Metric-learning losses as symbols, after an export, on another device; and every loss under AMP."""
import subprocess
import sys

import mxnet as mx
import numpy as np
from mxnet import gluon, nd

from tests.center_loss.metric.losses import batch_of, make


def test_runs_with_symbols_and_after_export(case, tmp_path):
    name, options = case
    features, labels = (nd.array(array) for array in batch_of(options))
    loss = make(name, **options)
    loss.hybridize()
    expected = loss(features, labels).asnumpy()
    loss.export(str(tmp_path / 'loss'))
    inputs = [mx.sym.var(input_name, dtype='float32') for input_name in ('data0', 'data1')]
    again = gluon.SymbolBlock(mx.sym.load(str(tmp_path / 'loss-symbol.json')), inputs)
    again.load_parameters(str(tmp_path / 'loss-0000.params'))
    np.testing.assert_allclose(again(features, labels).asnumpy(), expected, rtol=1e-6)


def test_runs_on_a_device_that_is_not_the_default(case):
    name, options = case
    features, labels = batch_of(options)
    expected = make(name, **options)(nd.array(features), nd.array(labels)).asnumpy()
    loss = make(name, **options)
    loss.collect_params().reset_ctx(mx.cpu(1))
    got = loss(nd.array(features, ctx=mx.cpu(1)), nd.array(labels, ctx=mx.cpu(1)))
    assert got.context == mx.cpu(1)
    np.testing.assert_allclose(got.asnumpy(), expected, rtol=1e-6)


def test_graphs_run_under_amp():
    """In a fresh process, since AMP stays on: it casts within graphs, and not every operator survives that."""
    code = ('import center_loss, numpy as np\n'
            'from mxnet.contrib import amp\n'
            'from tests.center_loss import metric_oracles, oracles\n'
            'from tests.center_loss.hybrid import hybridize_if_it_can\n'
            'from tests.center_loss.metric.losses import batch_of, make, run\n'
            'cases = metric_oracles.CASES + [(case.name, case.options) for case in oracles.CASES.values()]\n'
            'expected = [run(make(name, **options), *batch_of(options)) for name, options in cases]\n'
            'amp.init("bfloat16")\n'
            'for (name, options), wanted in zip(cases, expected):\n'
            '    loss = make(name, **options)\n'
            '    hybridize_if_it_can(loss)\n'
            '    got = run(loss, *batch_of(options))\n'
            '    assert all(np.allclose(one, other, 1e-5, 1e-6) for one, other in zip(got[:2], wanted)), name\n')
    answer = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
