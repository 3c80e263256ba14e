"""Several processes, and machines, learn what one process does; and none outlives the others."""
import fcntl
import os
import random
import signal
import subprocess
import time

import numpy as np
import pytest

from benchmarks.several import roles_of
from tests import kills, photo_fixtures
from tests.cli import DIGITS, QUICK, command, main, read_json, refused, succeed
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


@pytest.fixture(scope='module')
def undisturbed(tmp_path_factory):
    """(digest of its last checkpoint, seconds) of a run that nobody disturbs."""
    return kills.undisturbed(str(tmp_path_factory.mktemp('undisturbed')))


@pytest.mark.parametrize('role', kills.ROLES)
def test_one_that_is_killed_ends_all_and_what_it_left_can_be_resumed(role, undisturbed, tmp_path):
    wanted, seconds = undisturbed
    rng = random.Random(role)
    while not kills.check(role, rng.uniform(0.3, 0.95) * seconds, str(tmp_path), wanted):
        pass


def test_nothing_is_left_of_a_launch_that_is_killed_itself(tmp_path):
    launcher = kills.start(f'{kills.FLAGS} --epochs 100', str(tmp_path))
    while len(roles_of(launcher)) < 4 or not (tmp_path / 'ckpt' / 'softmax.state').exists():
        time.sleep(0.1)
    processes = roles_of(launcher)
    os.kill(launcher.pid, signal.SIGKILL)
    launcher.communicate()
    end = time.monotonic() + kills.LIMIT
    while any(os.path.exists(f'/proc/{pid}') for pid in processes):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_mistake_is_said_once_and_a_name_is_still_held(tmp_path):
    assert 'lr' in refused(f'--train --center_loss {QUICK} --launch 2 --lr 1e29 --epochs 1', tmp_path, alone=True)
    assert 'mines with the running statistics of one' in refused(
        f'--train {DIGITS} --loss triplet:miner=given --sampler offline_triplets --launch 2', tmp_path)
    assert '::1 cannot be reached: ' in refused(f'{ONE_EPOCH} --hosts ::1', tmp_path)
    assert '--kvstore dist_sync expected DMLC_ROLE' in refused(f'{ONE_EPOCH} --kvstore dist_sync', tmp_path, alone=True)
    with open(tmp_path / 'ckpt' / '.softmax.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert 'is being written by process' in refused(f'{ONE_EPOCH} --launch 2', tmp_path, alone=True)


def test_a_worker_that_was_started_with_something_else_is_refused(tmp_path):
    """Four processes as Slurm or Kubernetes would start them, by the environment alone."""
    photo_fixtures.write_cub(tmp_path / 'data')
    photo_fixtures.write_cub(tmp_path / 'other', per_class=8)
    flags = f'--train --dataset cub200 {photo_fixtures.FROZEN} --threads 1 --kvstore dist_sync'
    environment = {**os.environ, 'DMLC_PS_ROOT_URI': '127.0.0.1', 'DMLC_PS_ROOT_PORT': '29517', 'DMLC_NUM_SERVER': '1',
                   'DMLC_NUM_WORKER': '2'}
    processes = [subprocess.Popen(command(f'{flags} --data_dir {given}'), cwd=str(tmp_path), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, env={**environment, 'DMLC_ROLE': role})
                 for role, given in zip(('scheduler', 'server', 'worker', 'worker'), ('data', 'data', 'data', 'other'))]
    for worker in processes[2:]:
        said = worker.communicate(timeout=60)[1]
        assert said == 'main.py: error: worker 1 was started with another data than worker 0\n'
        assert worker.returncode == 2
    for process in processes[:2]:
        process.communicate(timeout=60)


@pytest.fixture
def two_machines(tmp_path):
    """{address: name} of two network namespaces with a wire between, and an ssh that goes from one to the other."""
    names = {'10.77.0.1': 'cl-a', '10.77.0.2': 'cl-b'}

    def ip(*words):
        subprocess.run(['ip', *words], check=True, capture_output=True)
    try:
        for name in names.values():
            ip('netns', 'add', name)
        ip('link', 'add', 'wire', 'netns', 'cl-a', 'type', 'veth', 'peer', 'name', 'wire', 'netns', 'cl-b')
        for address, name in names.items():
            ip('-n', name, 'addr', 'add', f'{address}/24', 'dev', 'wire')
            for device in ('lo', 'wire'):
                ip('-n', name, 'link', 'set', device, 'up')
        ssh = tmp_path / 'bin' / 'ssh'
        ssh.parent.mkdir()
        cases = ' '.join(f'{address}) exec ip netns exec {name} sh -c "$2";;' for address, name in names.items())
        ssh.write_text(f'#!/bin/sh\nwhile [ "$1" = -o ]; do shift 2; done\ncase $1 in {cases} esac\nexit 255\n')
        ssh.chmod(0o755)
        yield names
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f'no network namespaces can be made here: {error}')
    finally:
        for name in names.values():
            subprocess.run(['ip', 'netns', 'del', name], capture_output=True, check=False)


def test_two_machines_learn_what_one_does(two_machines, tmp_path):
    """The namespaces share a disk, as machines that train together should."""
    flags = f'{ONE_EPOCH} --center_loss'
    succeed(f'{flags} --prefix one', tmp_path)
    path = f'{tmp_path / "bin"}{os.pathsep}{os.environ["PATH"]}'

    def on_the_first(text):
        return subprocess.run(['ip', 'netns', 'exec', 'cl-a', *command(text)], cwd=str(tmp_path), capture_output=True,
                              text=True, timeout=120, env={**os.environ, 'PATH': path}, check=False)
    done = on_the_first(f'{flags} --prefix two --threads 1 --hosts {",".join(two_machines)}')
    assert (done.returncode, done.stderr) == (0, '')
    assert_same(tmp_path, 'one', 'two')
    done = on_the_first(f'{flags} --prefix three --hosts 10.77.0.1,10.77.0.3')
    assert done.returncode == 1
    assert 'main.py: error: worker 1 on 10.77.0.3 ended with status 255, and the others were ended' in done.stderr
