"""Several processes, and machines, learn what one process does."""
import os
import subprocess
import sys

import numpy as np
import pytest

from tests import machines, photo_fixtures
from tests.cli import QUICK, ROOT, command, main, read_json, succeed
from utils.storage import checkpoint

ONE_EPOCH = f'--train {QUICK} --epochs 1'


def learnt(folder, prefix):
    """{name: array} of the last state of a run, optimizer states included."""
    return checkpoint.load(os.path.join(str(folder), 'ckpt', f'{prefix}.state')).arrays


def assert_same(folder, one, *others):
    """Parameters, centres and states to 1e-5, and so the losses of an epoch and what the best epoch is worth."""
    wanted = learnt(folder, one)
    for other in others:
        got = learnt(folder, other)
        assert got.keys() == wanted.keys()
        for name, array in wanted.items():
            if array.dtype == np.float32:
                np.testing.assert_allclose(got[name], array, rtol=1e-5, atol=1e-5, err_msg=name)
        tests = [read_json(folder, 'output', run, 'results.json')['test'] for run in (one, other)]
        assert tests[0]['softmax'] == pytest.approx(tests[1]['softmax'], abs=0.01)


@pytest.mark.parametrize('loss', [
    '--center_loss',
    '--loss softmax+0.01*contrastive:neg_margin=0+0.1*center --center_update paper --sparse_centers on --ema 0.9'])
def test_workers_learn_what_one_process_does(loss, tmp_path):
    """With batches of 32 in shares of 11, 11 and 10, and a last one of 8, over classes that a share has few of."""
    flags = f'{ONE_EPOCH} {loss} --lr 0.001'  # a maximum that rounding decides otherwise shall not matter much
    succeed(f'{flags} --prefix one', tmp_path)
    for count in (1, 2, 3) if loss == '--center_loss' else (3,):
        said = main(f'{flags} --prefix of{count} --threads 1 --launch {count}', tmp_path, alone=True)
        assert (said.returncode, said.stderr) == (0, '')
        assert said.stdout.count('epoch   1:') == 1, 'one of them speaks for all'
        assert_same(tmp_path, 'one', f'of{count}')


def test_a_frozen_backbone_and_two_servers(tmp_path):
    photo_fixtures.write_cub(tmp_path / 'data')
    flags = f'--train --second_train --test --center_loss --dataset cub200 --data_dir data {photo_fixtures.FROZEN}'
    succeed(f'{flags} --prefix one', tmp_path)
    succeed(f'{flags} --prefix two --threads 1 --launch 2 --servers 2', tmp_path, alone=True)
    assert_same(tmp_path, 'one', 'two')
    assert_same(tmp_path, 'one-second', 'two-second')
    assert (tmp_path / 'output' / 'two-second' / 'test-softmax.json').exists()


def test_photos_are_decoded_by_share_and_a_broken_one_is_named(tmp_path):
    """Running statistics stay, as those of a share would differ; every photo is cropped at random."""
    photo_fixtures.write_cub(tmp_path / 'data')
    flags = f'--train --dataset cub200 --data_dir data {photo_fixtures.NET} --freeze bn --val_fraction 0.34'
    flags = flags.replace('--epochs 2 --lr 0.01', '--epochs 1 --lr 0.001')
    broken = sorted((tmp_path / 'data').rglob('*.jpg'))[-1]  # in the share of the second
    broken.write_bytes(b'none')
    one = main(f'{flags} --prefix one', tmp_path)
    two = main(f'{flags} --prefix two --threads 1 --launch 2', tmp_path, alone=True)
    assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
    assert broken.name in one.stderr and two.stderr == one.stderr
    assert_same(tmp_path, 'one', 'two')


def test_a_run_goes_on_with_fewer_workers_or_more(tmp_path):
    flags = f'--train --center_loss {QUICK} --lr 0.001'
    succeed(f'{flags} --epochs 3 --prefix one', tmp_path)
    succeed(f'{flags} --epochs 1 --prefix changing --threads 1 --launch 3', tmp_path, alone=True)
    succeed(f'{flags} --epochs 2 --prefix changing --resume', tmp_path)
    succeed(f'{flags} --epochs 3 --prefix changing --threads 1 --launch 2 --resume', tmp_path, alone=True)
    assert_same(tmp_path, 'one', 'changing')


@pytest.fixture
def two_machines(tmp_path):
    try:
        with machines.two(tmp_path) as both:
            yield both
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f'no two machines can be made here: {error}')


# A worker that would train, but for two things: it does not, and has little patience.
ORPHAN = """
import time
from utils.modes import worker
worker._PROBES = dict.fromkeys(worker._PROBES, 1)
worker.join()
time.sleep(60)
"""
STARTER = """
import socket, time
server = socket.create_server(('10.77.0.1', 7777))
server.settimeout(30)
print('listens', flush=True)
line = server.accept()
print('has a worker', flush=True)
time.sleep(60)
"""


def test_two_machines_learn_what_one_does_and_part_when_the_wire_is_cut(two_machines, tmp_path):
    """Over real sshd; the machines share a disk, as those that train together should."""
    first, second = two_machines
    flags = f'{ONE_EPOCH} --center_loss'
    hosts = f'--threads 1 --hosts {first.address},{second.address}'
    succeed(f'{flags} --prefix one', tmp_path)
    path = f'{tmp_path / "bin"}{os.pathsep}{os.environ["PATH"]}'

    def on(machine, argv, **environment):
        environment = {**os.environ, 'PATH': path, 'PYTHONPATH': ROOT, **environment}
        return machine.start(argv, cwd=str(tmp_path), env=environment)
    process = on(first, command(f'{flags} --prefix two {hosts}'))
    assert (process.communicate(timeout=120)[1], process.returncode) == ('', 0)
    assert_same(tmp_path, 'one', 'two')

    starter = on(first, [sys.executable, '-c', STARTER])
    assert starter.stdout.readline() == 'listens\n'
    orphan = on(second, [sys.executable, '-c', ORPHAN], DMLC_ROLE='worker', DMLC_PS_ROOT_URI=first.address,
                DMLC_PS_ROOT_PORT='7778', DMLC_NUM_WORKER='1', DMLC_NUM_SERVER='1', MAIN_LIFELINE='7777')
    assert starter.stdout.readline() == 'has a worker\n'
    second.ip('link', 'set', 'wire', 'down')
    process = on(first, command(f'{flags} --prefix three {hosts}'))
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert ('main.py: error: worker 1 on 10.77.0.2 was killed or is out of reach (ssh ended with status 255), and the '
            'others were ended\n') in said
    assert (orphan.communicate(timeout=30)[1], orphan.returncode) == (
        'main.py: error: no connection to port 7777 of 10.77.0.1, from where this process was started: Connection '
        'timed out\n', 1)
