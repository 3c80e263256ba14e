"""What ends several processes, or one of them, ends all, says which it was, and loses nothing."""
import fcntl
import os
import random
import re
import signal
import subprocess
import time

import pytest

from benchmarks.several import roles_of
from tests import kills, photo_fixtures
from tests.cli import DIGITS, QUICK, command, main, refused

ONE_EPOCH = f'--train {QUICK} --epochs 1'


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
    joining = f'{ONE_EPOCH} --kvstore dist_sync'
    assert '--kvstore dist_sync expected DMLC_ROLE' in refused(joining, tmp_path, alone=True)
    lonely = main(joining, tmp_path, env={**os.environ, 'MAIN_LIFELINE': '1', 'DMLC_ROLE': 'worker', **dict.fromkeys(
        ('DMLC_PS_ROOT_URI', 'DMLC_PS_ROOT_PORT', 'DMLC_NUM_WORKER', 'DMLC_NUM_SERVER'), '127.0.0.1')})
    assert (lonely.returncode, lonely.stderr) == (1, (
        'main.py: error: no connection to port 1 of 127.0.0.1, from where this process was started: '
        'Connection refused\n'))
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


def test_a_run_that_is_made_anew_is_not_said_to_go_on_from_what_was_there(tmp_path):
    (tmp_path / 'ckpt').mkdir()
    (tmp_path / 'ckpt' / 'softmax.state').write_bytes(b'of an earlier run')
    launcher = kills.start(kills.FLAGS.replace('--center_loss', ''), str(tmp_path))
    while not roles_of(launcher):
        time.sleep(0.01)
    os.kill(next(iter(roles_of(launcher))), signal.SIGKILL)
    assert re.fullmatch('main.py: error: the scheduler was killed by signal 9, and the others were ended\n',
                        launcher.communicate()[1])
