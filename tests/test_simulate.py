"""The simulation of steps on several workers: hand arithmetic, and arrays that are really pushed, summed and pulled."""
import argparse
import json

import numpy as np
import pytest
from mxnet import nd

from benchmarks import simulate
from models import get_model

CONSTANTS = {'images_per_s': 50.0, 'parameters': 1_000_000, 'feature_size': 7, 'batch_size': 100, 'servers': 2,
             'gbits': 8.0, 'latency_us': 1000.0, 'memory': 1.0}
FLAGS = [f'--{name}={value}' for name, value in CONSTANTS.items()]


def printed(capsys, *flags):
    """The cells of the tables that the simulation prints, row by row, without titles."""
    simulate.main([*FLAGS, *flags])
    lines = capsys.readouterr().out.splitlines()
    return [line.strip('| ').split(' | ') for line in lines if line.startswith('| ') and 'workers' not in line]


def test_a_step_is_that_of_hand_arithmetic():
    step = simulate.step(4, argparse.Namespace(**CONSTANTS))
    # 4 bytes * (1,000,000 gradients + 100 images * 10 numbers) = 4.004 MB; two workers' worth go to and from a server
    # at 1 GB/s; a server adds the halves of four workers, touching each float three times, at 1 GB/s; 8 ms of messages.
    assert step == pytest.approx((25 / 50, 2 * 0.004004 * 2, 3 * 4 * 0.002002, 0.008), rel=1e-12)


def test_the_table_names_efficiency_and_what_bounds(capsys):
    rows = printed(capsys)
    assert [row[0] for row in rows] == ['1', '2', '4', '8', '16']
    # 500 + 16.016 + 24.024 + 8 ms; 100 images in that time, of the 200 of four workers that exchange nothing
    assert rows[2] == ['4', '548', '500', '16', '24', '8', '182.5', '91 %', 'compute']
    slow = printed(capsys, '--gbits=0.08')
    assert [row[-1] for row in slow] == ['compute', 'compute', 'link', 'link', 'link']  # 0.8 s * W/2 against 2 s / W


def test_the_largest_share_decides():
    args = argparse.Namespace(**{**CONSTANTS, 'batch_size': 10})
    assert [simulate.step(workers, args).compute for workers in (1, 3, 4, 16)] == [0.2, 0.08, 0.06, 0.02]


@pytest.mark.parametrize('workers, servers', [(1, 1), (3, 1), (4, 2), (2, 3)])
def test_bytes_are_those_of_arrays_that_are_pushed_summed_and_pulled(workers, servers):
    parameters, batch, features, rng = 30, 6, 4, np.random.default_rng(0)
    gradients = [rng.normal(size=parameters).astype('float32') for _ in range(workers)]
    rows = np.zeros((workers, batch, features + 3), 'float32')
    for image in range(batch):
        rows[image % workers, image] = rng.normal(size=features + 3)  # zeros but for a worker's own share
    pushed = [np.concatenate([gradient, row.ravel()]) for gradient, row in zip(gradients, rows)]
    received, touched = np.zeros(servers), np.zeros(servers)
    for server in range(servers):
        parts = [np.array_split(one, servers)[server] for one in pushed]
        total = np.zeros_like(parts[0])
        for part in parts:
            received[server] += part.nbytes
            touched[server] += total.nbytes + part.nbytes + total.nbytes  # two are read, one is written
            total += part
    size = simulate.exchanged(parameters, batch, features)
    assert size == pushed[0].nbytes
    busiest = max(size, received.max())  # bytes that a worker pushes, or a server receives; as many are pulled
    assert simulate.link_seconds(size, workers, servers, bandwidth=1.0) == 2 * busiest
    assert simulate.server_seconds(size, workers, servers, memory=1.0) == touched.max()


def test_what_was_measured_of_one_worker_predicts_the_others(tmp_path, capsys):
    """With one worker, 8.008 ms to push and pull, 6.006 to add and 8 for messages: 22.014 ms besides computing."""
    measured = tmp_path / 'measured.json'
    of_two = 100 / (0.5 + 0.008008 + 0.012012 + 0.008)  # of 1 s of computing, each does half
    measured.write_text(json.dumps({'1': 100 / (1 + 0.022014), '2': of_two / 1.25}))
    flags = [flag for flag in FLAGS if 'images_per_s' not in flag]
    simulate.main([*flags, '--measured', str(measured)])
    one, two = [line.strip('| ').split(' | ') for line in capsys.readouterr().out.splitlines()[-2:]]
    assert one == ['1', '97.85', '97.85', '+0.0 %']
    assert two == ['2', f'{of_two / 1.25:.4g}', f'{of_two:.4g}', '+25.0 %']


@pytest.mark.parametrize('text', ['', '[1]', '{"2": 100}', '{"1": 0}', '{"1": "fast"}', '{"1": 1e9}'])
def test_a_file_that_is_no_measurement_is_refused(tmp_path, capsys, text):
    path = tmp_path / 'measured.json'
    path.write_text(text)
    with pytest.raises(SystemExit) as error:
        simulate.main([flag for flag in FLAGS if 'images_per_s' not in flag] + ['--measured', str(path)])
    assert error.value.code == 2
    assert f'--measured expected JSON as {{"1": 400.0, "2": 700.0}}, got {path}' in capsys.readouterr().err


def test_a_constant_of_zero_is_refused(capsys):
    with pytest.raises(SystemExit) as error:
        simulate.main(['--gbits', '0'])
    assert error.value.code == 2 and '--gbits expected a number above 0, got 0' in capsys.readouterr().err


def test_the_parameters_are_those_of_lenet_plus():
    net = get_model('lenet_plus')
    net.initialize()
    net(nd.zeros((1, 1, 28, 28)))
    assert sum(parameter.data().size for parameter in net.collect_params().values()) == simulate.LENET_PLUS
