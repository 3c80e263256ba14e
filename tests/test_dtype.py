"""--dtype as a user gives it: what a run in bfloat16 comes to, and how the two kinds go on from one another."""
import os

import numpy as np
import pytest
from mxnet import nd

from tests.bfloat16 import needs_bfloat16
from tests.cli import QUICK, main, read_json, refused, snapshot, succeed

LOW = '--dtype bfloat16'
RUN = f'--train --center_loss {QUICK} --prefix'


def test_a_cpu_without_it_is_refused_in_one_line(tmp_path):
    """oneDNN is told to use no more than AVX2, as where there is no more."""
    assert refused(f'{RUN} low --epochs 1 {LOW}', tmp_path, env={**os.environ, 'DNNL_MAX_CPU_ISA': 'AVX2'}) == (
        '--dtype bfloat16 needs a CPU with AVX-512: MXNet has no convolution in bfloat16 on cpu(0)')


@needs_bfloat16
def test_it_learns_as_float32_does_and_the_same_seed_gives_the_same_bits(tmp_path):
    found = {'float32': [], 'bfloat16': []}
    for dtype, losses in found.items():
        for seed in range(3):
            succeed(f'{RUN} {dtype}{seed} --epochs 2 --seed {seed} --dtype {dtype}', tmp_path)
            results = read_json(tmp_path, 'output', f'{dtype}{seed}', 'results.json')
            assert results['config']['dtype'] == dtype
            losses.append([epoch['softmax_loss'] for epoch in results['history']])
    exact, low = map(np.array, found.values())
    assert (exact != low).all(), 'nothing was rounded'
    assert (np.abs(low - exact).mean(axis=0) < exact.std(axis=0, ddof=1)).all()
    first = snapshot(tmp_path)
    succeed(f'{RUN} bfloat160 --epochs 2 --seed 0 {LOW}', tmp_path)
    for name in ('ckpt/bfloat160.params', 'output/bfloat160/results.json'):
        assert snapshot(tmp_path)[name] == first[name], name


@pytest.fixture(scope='module')
def both(tmp_path_factory):
    """A folder with a run of one epoch in float32 and one in bfloat16, each with a second training."""
    folder = tmp_path_factory.mktemp('both')
    for dtype in ('float32', 'bfloat16'):
        succeed(f'{RUN} {dtype} --second_train --epochs 1 --dtype {dtype}', folder)
    return folder


@needs_bfloat16
def test_checkpoints_are_float32_of_the_same_names_and_each_kind_loads_in_the_other(both):
    for file in ('{}.params', '{}.state', '{}-second.params', '{}-second.state'):
        exact, low = ({name: (array.dtype, array.shape) for name, array in nd.load(
            str(both / 'ckpt' / file.format(dtype))).items() if not name.startswith('meta')}
            for dtype in ('float32', 'bfloat16'))
        assert exact == low
        assert np.dtype('float32') in {np.dtype(kind) for kind, _ in low.values()}
    for made, other in (('float32', 'bfloat16'), ('bfloat16', 'float32')):
        tested = {}
        for flag in ('', f'--dtype {made}', f'--dtype {other}'):
            succeed(f'--test --prefix {made} {flag}', both)
            tested[flag] = read_json(both, 'output', made, 'test-softmax.json')
            del tested[flag]['command']
        assert tested[''] == tested[f'--dtype {made}'], 'the dtype of the run is that of its test'
        assert abs(tested['']['accuracy'] - tested[f'--dtype {other}']['accuracy']) < 0.02
        succeed(f'--second_train --prefix {made} --dtype {other} --epochs 1', both)
        assert read_json(both, 'output', f'{made}-second', 'results.json')['config']['dtype'] == other


@needs_bfloat16
def test_a_resumed_run_keeps_its_dtype_unless_it_is_told_another(both):
    go_on = '--train --resume --prefix bfloat16 --epochs'
    assert '--dtype float32 contradicts ckpt/bfloat16.state, which was made with --dtype bfloat16' in refused(
        f'--train --resume --center_loss --prefix bfloat16 {QUICK} --epochs 2 --defaults_count', both)
    succeed(f'{go_on} 2', both)
    results = read_json(both, 'output', 'bfloat16', 'results.json')
    assert results['config']['dtype'] == 'bfloat16' and 'dtype' not in results['versions']
    succeed(f'{go_on} 3 --dtype float32', both)
    results = read_json(both, 'output', 'bfloat16', 'results.json')
    assert results['config']['dtype'] == 'float32' and results['versions']['dtype'] == 'bfloat16, float32'


@needs_bfloat16
def test_a_comparison_holds_runs_of_both(tmp_path):
    text = f'--compare --runs softmax --seeds 0 --sweep dtype=float32,bfloat16 --epochs 1 {QUICK}'
    succeed(text, tmp_path)
    losses = {dtype: read_json(tmp_path, 'output', 'comparison', 'runs', f'softmax-dtype-{dtype}-s0', 'results.json')[
        'history'][0]['softmax_loss'] for dtype in ('float32', 'bfloat16')}
    assert losses['float32'] != losses['bfloat16']
    assert '2 of 2 runs are finished' in main(text, tmp_path).stdout
