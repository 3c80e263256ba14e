"""Reading photos, here or in workers: what is kept, and what becomes of the workers."""
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests import photo_fixtures as fixtures
from tests.cli import ROOT
from tests.utils.loading.epochs import batches_of, epoch_of, pixels
from utils.data import load_dataset
from utils.errors import UserError
from utils.loading.photo_reader import Reader


def test_decoded_photos_are_kept_as_far_as_the_budget_goes(tmp_path):
    data = load_dataset('folder', fixtures.write_folder(tmp_path, per_class=2))
    one_photo = fixtures.HEIGHT * fixtures.WIDTH * 3
    with Reader(cache_bytes=8 * one_photo) as all_fit, Reader(cache_bytes=5 * one_photo + 10) as five_fit:
        before = epoch_of(batches_of(data.train, all_fit), 1)
        assert len(five_fit.whole(data.train.paths)) == 8
        for path in data.train.paths:
            os.remove(path)
        for ours, theirs in zip(epoch_of(batches_of(data.train, all_fit), 1), before):
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(five_fit.whole(data.train.paths), np.arange(5))


def test_records_are_decoded_in_workers_as_files_are(tmp_path, two_workers):
    data = load_dataset('recordio', fixtures.write_recordio(tmp_path, per_class=2))
    images, labels = epoch_of(batches_of(data.train, two_workers), 1)
    assert [fixtures.label_of(image) for image in pixels(images)] == labels.tolist() and len(labels) == 8


def test_a_worker_that_dies_is_an_error_and_no_hang(data):
    others = set(multiprocessing.active_children())
    with Reader(1) as reader:
        reader.whole(data.train.paths)
        worker, = set(multiprocessing.active_children()) - others
        worker.kill()
        for _ in range(2):  # when it is waited for, and when there is nobody left to ask
            with pytest.raises(UserError, match='a worker process that decodes photos died; if memory ran out'):
                reader.whole(data.train.paths)


@pytest.mark.skipif(not os.path.isdir('/proc/self'), reason='looks for processes in /proc')
def test_workers_start_after_mxnet_used_its_threads_and_end_even_with_a_parent_that_was_killed(data):
    code = '''
import multiprocessing, sys, time
import center_loss, mxnet as mx
from utils.loading.photo_reader import Reader

if __name__ == '__main__':
    images, weight = mx.nd.ones((16, 8, 64, 64)), mx.nd.ones((8, 8, 3, 3))
    mx.nd.Convolution(images, weight, no_bias=True, kernel=(3, 3), num_filter=8).wait_to_read()
    reader = Reader(1)
    print(len(reader.whole(sys.argv[1:])), multiprocessing.active_children()[0].pid, flush=True)
    time.sleep(100)
'''
    with subprocess.Popen([sys.executable, '-c', code, *data.train.paths], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, env={**os.environ, 'OMP_NUM_THREADS': '4'}) as parent:
        count, worker = parent.stdout.readline().split()
        assert count == '20' and running(worker)
        parent.kill()
    deadline = time.monotonic() + 30
    while running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(worker)


def running(pid):
    """Whether a process runs; one that is dead but not yet collected by its parent does not."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def deaf_to_ctrl_c(pid):
    with open(f'/proc/{pid}/status') as file:
        masks = [int(line.split()[1], 16) for line in file if line.startswith(('SigBlk', 'SigIgn'))]
    return any(mask & 1 << signal.SIGINT - 1 for mask in masks)


@pytest.mark.skipif(not os.path.isdir('/proc/self'), reason='looks for processes in /proc')
def test_ctrl_c_while_workers_start_is_one_line_and_leaves_none(data):
    """A terminal sends it to all processes of the call."""
    code = '''
import multiprocessing, sys
from utils import signals
from utils.loading.photo_reader import Reader

def main():
    with Reader(2) as reader:
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        while True:
            reader.whole(sys.argv[1:])

if __name__ == '__main__':
    sys.exit(signals.run(main))
'''
    with subprocess.Popen([sys.executable, '-c', code, *data.train.paths], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        workers = process.stdout.readline().split()
        deaf = [deaf_to_ctrl_c(worker) for worker in workers]
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert deaf == [True, True]
    assert (process.returncode, errors) == (130, 'main.py: interrupted\n')
    assert not any(map(running, workers))
