"""--sync_bn: over the devices of a CPU, batch normalisation is that of one device."""
import os
import subprocess
import sys

import numpy as np

from tests.cli import ROOT, refused
from utils.storage import checkpoint

# 300 images to train on, so the last batch of 12 is split evenly as all others are.
FLAGS = ('--train --center_loss --dataset mnist5k --val_fraction 0.925 --batch_size 32 --epochs 5 --lr 0.01 '
         '--network smooth_bn --threads 1')


def learnt(folder, prefix, flags):
    """{name: array} of the last state of a run, which is made first."""
    argv = [sys.executable, '-m', 'tests.networks', *f'{FLAGS} --prefix {prefix} {flags}'.split()]
    done = subprocess.run(argv, cwd=str(folder), capture_output=True, text=True, timeout=60,
                          env={**os.environ, 'PYTHONPATH': ROOT})
    assert done.returncode == 0, done.stderr
    arrays = checkpoint.load(os.path.join(str(folder), 'ckpt', f'{prefix}.state')).arrays
    return {name: array for name, array in arrays.items() if array.dtype == np.float32}


def test_two_devices_learn_what_one_does(tmp_path):
    one, synchronized, alone = (learnt(tmp_path, prefix, flags) for prefix, flags in (
        ('one', ''), ('synchronized', '--cpus 2 --sync_bn'), ('alone', '--cpus 2')))
    assert sum('running_var' in name for name in one) == 2
    assert synchronized.keys() == one.keys()
    for name, array in one.items():
        np.testing.assert_allclose(synchronized[name], array, rtol=1e-5, atol=1e-5, err_msg=name)
    assert max(np.abs(alone[name] - array).max() for name, array in one.items()) > 0.01


def test_what_has_none_is_refused(tmp_path):
    said = refused('--train --dataset mnist5k --network lenet --cpus 2 --sync_bn', tmp_path, alone=True)
    assert said == '--sync_bn goes with a --network that has batch normalisation, such as lenet_bn, got lenet'
