"""kill -9 at any moment, then --resume: the end is that of a run left alone, bit for bit."""
import hashlib
import json
import os
import random
import shutil
import subprocess
import time

import numpy as np
import pytest
from mxnet import nd
from PIL import Image

from tests.cli import QUICK, command, main, refused, snapshot, succeed


def stamp(path):
    """What tells one state from the next: files are written beside the old ones and renamed. None if there is none."""
    return (os.stat(path).st_ino, os.stat(path).st_mtime_ns) if os.path.exists(path) else None


def wait_for_state(process, path, old):
    """Until there is another state than `old`: from then on any moment is good enough to die."""
    deadline = time.monotonic() + 60
    while stamp(path) == old and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def train_with_kills(text, folder, prefix, kills, seed, within=1):
    """Start the run, kill it `kills` times after a random while, and let the last resume finish.

    The first dies in its first epochs, each of the others when it has finished one, `within` so many seconds.
    """
    moments, path = random.Random(seed), folder / 'ckpt' / (prefix + '.state')
    for attempt in range(kills):
        old = stamp(path)
        process = subprocess.Popen(command(text + ' --resume' * (attempt > 0)), cwd=str(folder),
                                   stdout=subprocess.DEVNULL)
        wait_for_state(process, path, old)
        time.sleep(moments.uniform(0, within))
        process.kill()
        process.wait()
    done = main(text.replace(' --plotting', '') + ' --resume', folder, alone=True)  # the run remembers that it draws
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize('optimizer', [
    '--lr_step 2 --optimizer sgd --momentum 0.9 --lr 0.03', '--lr_step 2 --optimizer adam --lr 0.001',
    '--optimizer nag --momentum 0.9 --lr 0.03 --lr_schedule cosine --lr_warmup 1 --augment affine --ema 0.99 '
    '--plotting'])
def test_a_killed_and_resumed_run_ends_like_one_left_alone(tmp_path, optimizer):
    """Of those that draw, one is enough, which averages: its pictures are of other weights than it trains."""
    flags, drawn = QUICK[:QUICK.index('--lr')] + optimizer, '--plotting' in optimizer
    text = f'--train --center_loss --prefix run --epochs 3 {flags}'
    alone, killed = tmp_path / 'alone', tmp_path / 'killed'
    alone.mkdir()
    killed.mkdir()
    succeed(text, alone, alone=True)
    printed = train_with_kills(text, killed, 'run', kills=2, seed=len(optimizer), within=1 if drawn else 0.4)
    assert 'epoch   1: ' not in printed, 'the last resume did everything again: nothing was resumed'
    expected, got = snapshot(alone), snapshot(killed)
    assert {name for name in got if not os.path.basename(name).startswith('.tmp-')} == set(expected)
    pictures = ('output/run/train.gif', 'output/run/val.gif') if drawn else ()
    for name in ('ckpt/run.params', 'output/run/results.json', *pictures):
        assert got[name] == expected[name], name


def test_second_train_resumes_with_its_centers_frozen(tmp_path):
    succeed(f'--train --center_loss --prefix run --epochs 1 {QUICK}', tmp_path)
    text = '--second_train --prefix run --epochs 3 --lr 0.01 --batch_size 64'
    succeed(text, tmp_path, alone=True)
    expected = snapshot(tmp_path)
    os.remove(tmp_path / 'ckpt' / 'run-second.state')
    os.remove(tmp_path / 'ckpt' / 'run-second.params')
    train_with_kills(text, tmp_path, 'run-second', kills=1, seed=0)
    for name in ('ckpt/run-second.params', 'output/run-second/results.json'):
        assert snapshot(tmp_path)[name] == expected[name], name


def test_a_finished_run_can_be_given_more_epochs(tmp_path):
    """Also where frames of its GIFs were lost: it says so before it goes on and at its end, and draws what is left."""
    succeed(f'--train --prefix run --epochs 1 {QUICK} --plotting', tmp_path)
    output = tmp_path / 'output' / 'run'
    os.remove(output / 'frames' / 'train-001.npz')
    done = main('--train --resume --prefix run --epochs 2', tmp_path)
    assert 'epoch   1: ' not in done.stdout and 'epoch   2: ' in done.stdout
    before, after = done.stderr.splitlines()
    lost = 'output/run/frames/train-001.npz: No such file or directory'
    assert before.startswith('main.py: warning: 1 of 1 frames of train.gif are lost, epoch 1: ')
    assert before.endswith(lost)
    assert after.startswith('main.py: warning: 1 of 2 frames of train.gif are lost, epoch 1: ')
    with Image.open(output / 'train.gif') as train, Image.open(output / 'val.gif') as val:
        assert train.n_frames == val.n_frames == 2, 'they keep in step'
    gif = (output / 'train.gif').read_bytes()
    shutil.rmtree(str(output / 'frames'))
    again = main('--train --resume --prefix run --epochs 2', tmp_path)
    assert 'epoch   ' not in again.stdout, 'nothing is left to train'
    assert 'main.py: warning: 2 of 2 frames of val.gif are lost, epoch 1, 2: ' in again.stderr
    assert (output / 'train.gif').read_bytes() == gif


def test_more_epochs_that_better_nothing_leave_a_model_that_the_same_call_can_test(tmp_path):
    """The second epoch changes nothing, so the best is still the first, made when one epoch was asked for."""
    succeed(f'--train --prefix run --epochs 1 --lr_step 1 --lr_factor 1e-9 {QUICK}', tmp_path)
    printed = succeed('--train --resume --prefix run --epochs 2 --test', tmp_path)
    assert 'epoch   2: ' in printed and 'best epoch 1' in printed and 'wrote output/run/test-softmax.json' in printed


def test_a_run_of_a_comparison_goes_on_with_its_own_settings_or_not_at_all(tmp_path):
    """As when a comparison is cut off and started again without a flag: what is not given counts too."""
    succeed(f'--train --prefix run --epochs 1 {QUICK}', tmp_path)
    again = f'--train --resume --prefix run --epochs 2 {QUICK}'
    message = refused(again.replace('--lr 0.03', '') + ' --defaults_count', tmp_path)
    assert '--lr 0.1 contradicts ckpt/run.state' in message
    succeed(again + ' --defaults_count', tmp_path)


def test_a_cosine_is_not_stretched(tmp_path):
    """It ends at 0: with more epochs, those already trained would have been others."""
    succeed(f'--train --prefix run --epochs 1 --lr_schedule cosine {QUICK}', tmp_path)
    assert 'cosine was laid out for 1' in refused('--train --resume --prefix run --epochs 2', tmp_path)


def test_a_second_training_of_a_model_that_is_gone_is_not_taken_up(tmp_path):
    """The first model is made anew, and the call is cut off before the second: --resume must not find the old one."""
    succeed(f'--train --second_train --center_loss --prefix run --epochs 1 {QUICK}', tmp_path)
    old = snapshot(tmp_path)['ckpt/run-second.params']
    succeed(f'--train --center_loss --prefix run --epochs 1 {QUICK} --seed 1', tmp_path)
    assert 'goes on from another model' in refused('--second_train --resume --prefix run', tmp_path)
    succeed('--train --second_train --resume --prefix run', tmp_path)
    resumed = snapshot(tmp_path)['ckpt/run-second.params']
    assert resumed != old
    fresh = tmp_path / 'fresh'
    fresh.mkdir()
    succeed(f'--train --second_train --center_loss --prefix run --epochs 1 {QUICK} --seed 1', fresh)
    one, other = (json.loads(snapshot(path)['output/run-second/results.json']) for path in (tmp_path, fresh))
    assert one['test'] == other['test'], 'it took other settings than the call gave'


def test_a_checkpoint_that_does_not_say_a_setting_is_refused_in_every_mode(tmp_path):
    """It was made by another version of the program, and whatever it had for that setting would be a guess."""
    both = f'--train --second_train --center_loss {QUICK} --epochs 1 --prefix run'
    succeed(both, tmp_path)
    for path in (tmp_path / 'ckpt').iterdir():
        arrays = nd.load(str(path))
        meta = json.loads(arrays['meta.json'].asnumpy().tobytes())
        del meta['config']['ema']
        text = json.dumps(meta).encode()
        for name, content in (('meta.json', text), ('meta.json.sha256', hashlib.sha256(text).digest())):
            arrays[name] = nd.array(np.frombuffer(content, np.uint8), dtype=np.uint8)
        nd.save(str(path), arrays)
    for mode, file in (('--train --resume', 'run.state'), ('--test', 'run.params'), ('--second_train', 'run.params')):
        assert refused(f'{mode} --prefix run', tmp_path) == (
            f'{os.path.join("ckpt", file)} was made by another version of this program: it does not say --ema')
