"""Mistakes end with one line and status 2, soon, and leave what was there as it was."""
import os
import resource
import shutil
import signal
import subprocess
import time

import pytest

from tests.cli import QUICK, ROOT, command, main, refused, snapshot, succeed

TRAIN = f'--train --center_loss --prefix model --epochs 1 {QUICK}'


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    succeed(TRAIN, folder)
    return folder


@pytest.fixture
def folder(trained, tmp_path):
    """A copy of a folder with one trained model, which must be the same after the test."""
    shutil.copytree(str(trained), str(tmp_path / 'copy'))
    before = snapshot(tmp_path / 'copy')
    yield tmp_path / 'copy'
    assert snapshot(tmp_path / 'copy') == before


@pytest.mark.parametrize('flags, message', [
    ('', 'expected at least one of the modes'),
    ('--train --epochs 0', '--epochs must be an integer from 1 to 1000000, got 0'),
    ('--test --prefix nowhere', '--test needs a trained model, and there is no ckpt/nowhere.params'),
    ('--second_train --prefix nowhere', '--second_train goes on from a model trained before'),
    ('--train --resume --prefix nowhere', '--resume found nothing to resume'),
    ('--second_train --resume --prefix model', 'nothing to resume: there is no ckpt/model-second.state'),
    ('--compare --prefix model', 'output/model holds a run'),
    ('--compare --prefix model --out_dir new', 'new/model holds a run'),  # cut off before its first epoch
])
def test_what_flags_and_file_names_tell_is_refused_without_importing_mxnet(folder, flags, message):
    code = f'import sys; sys.path.insert(0, {ROOT!r})\ntry:\n  import main; status = main.main({flags.split()!r})\n' \
           'except SystemExit as exit: status = exit.code\n' \
           'print("mxnet" in sys.modules, "numpy" in sys.modules, status)'
    done = subprocess.run([command('')[0], '-c', code], cwd=str(folder), capture_output=True, text=True)
    assert done.stderr.count('\n') == 1 and done.stderr.startswith('main.py: error: ') and message in done.stderr
    assert done.stdout == 'False False 2\n'


def test_help_needs_neither_mxnet_nor_numpy():
    code = f'import sys; sys.path.insert(0, {ROOT!r})\ntry:\n  import main; main.main(["--help"])\n' \
           'except SystemExit: print("mxnet" in sys.modules, "numpy" in sys.modules)'
    done = subprocess.run([command('')[0], '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith('False False\n')


@pytest.mark.parametrize('flags, message', [
    (f'{TRAIN} --num_classes 9', '--num_classes must be at least 10, the classes of mnist5k to train on, got 9'),
    (f'{TRAIN} --gpus 0', '--gpus expected numbers below 0 (GPUs found: 0), got 0'),
    ('--train --offline --data_dir .', '--offline is set'),
    ('--train --data_dir nowhere', '--data_dir expected a folder, got nowhere'),
    (f'{TRAIN} --out_dir ckpt/model.params', 'cannot make the folder'),
    (f'{TRAIN} --ckpt_dir output/model/results.json', 'cannot make the folder'),
    ('--test --prefix model --out_dir ckpt/model.params', 'cannot write'),
    ('--train --resume --prefix model --preset keras', '--network keras_cnn contradicts ckpt/model.state'),
    ('--train --offline --data_dir . --prefix new --loss triplet:margin=abc', '--loss triplet: margin: expected'),
    (f'--compare --runs softmax,arcface:margin=abc {QUICK}', '--loss arcface: margin: expected'),
    (f'--compare --runs softmax --sweep lmbd=0.1,1 {QUICK}', 'lmbd changes nothing in softmax'),
    ('--test --prefix model --eval_method neighbors --neighbors 4001', '--neighbors must be at most 4000'),
])
def test_what_only_the_run_can_tell_is_refused(folder, flags, message):
    assert message in refused(flags, folder)


def test_a_damaged_checkpoint_is_named(trained, tmp_path):
    shutil.copytree(str(trained / 'ckpt'), str(tmp_path / 'ckpt'))
    path = tmp_path / 'ckpt' / 'model.params'
    path.write_bytes(path.read_bytes()[:1000])
    assert 'ckpt/model.params is damaged' in refused('--test --prefix model', tmp_path)


def limit_file_size():
    """A limit on the size of a file makes writing fail half-way, as a full disk does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_a_full_disk_is_named_and_everything_stays(folder):
    assert 'cannot write to ' in refused(TRAIN, folder, preexec_fn=limit_file_size)


@pytest.fixture
def full_folder(tmp_path):
    """A file system of its own with a few kilobytes left; needs the right to mount."""
    path = tmp_path / 'full'
    path.mkdir()
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', str(path)], capture_output=True)
    if mounted.returncode:
        pytest.skip('mounting a small file system is not allowed here')
    yield path
    subprocess.run(['umount', str(path)], check=True)


@pytest.mark.parametrize('flag', ['--out_dir', '--ckpt_dir'])
def test_a_full_folder_that_exists_costs_nothing_of_an_earlier_run(folder, full_folder, flag):
    """The run's own folder is there already: making it does not fail, writing into it does."""
    (full_folder / 'model').mkdir()
    assert 'cannot write to ' in refused(f'{TRAIN} --plotting --seed 1 {flag} {full_folder}', folder)


@pytest.mark.parametrize('source, target, flags', [
    ('model.params', 'x.state', '--train --resume --prefix x'),
    ('model.state', 'x.params', '--test --prefix x'),
])
def test_one_kind_of_checkpoint_in_place_of_the_other_is_refused(trained, tmp_path, source, target, flags):
    shutil.copytree(str(trained / 'ckpt'), str(tmp_path / 'ckpt'))
    shutil.copy(str(trained / 'ckpt' / source), str(tmp_path / 'ckpt' / target))
    assert 'and is renamed' in refused(flags, tmp_path)


def test_output_that_cannot_be_written_is_no_traceback(folder):
    with open('/dev/full', 'w') as full:
        done = subprocess.run(command('--test --prefix model --out_dir other'), cwd=str(folder), stdout=full,
                              stderr=subprocess.PIPE, text=True)
    shutil.rmtree(str(folder / 'other'))
    assert done.returncode == 2 and done.stderr.startswith('main.py: error: ') and done.stderr.count('\n') == 1


def test_a_diverging_run_stops_with_a_hint_and_keeps_the_last_good_checkpoint(tmp_path):
    succeed(TRAIN, tmp_path)
    before = snapshot(tmp_path)
    message = refused('--train --prefix model --epochs 1 --dataset mnist5k --network lenet --lr 1e30', tmp_path)
    assert 'NaN or infinite in epoch 1, ' in message and 'smaller --lr' in message
    assert snapshot(tmp_path)['ckpt/model.params'] == before['ckpt/model.params']


@pytest.mark.parametrize('signum, status, word', [(signal.SIGINT, 130, 'interrupted'),
                                                  (signal.SIGTERM, 143, 'terminated')])
def test_a_stopped_run_ends_with_one_line_and_keeps_the_last_checkpoint(tmp_path, signum, status, word):
    process = subprocess.Popen(command(TRAIN.replace('--epochs 1', '--epochs 50')), cwd=str(tmp_path),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith('epoch   1: ')
    for flags in (TRAIN, f'{TRAIN} --second_train --ckpt_dir other'):
        assert f'model is being written by process {process.pid}: wait' in refused(flags, tmp_path)
    process.send_signal(signum)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    *before, last = errors.splitlines()  # a slow machine gets so far that classes are warned of
    assert last == f'main.py: {word}; the last checkpoint is ckpt/model.state, --resume goes on from it'
    assert all(line.startswith('main.py: warning: ') for line in before)
    assert os.path.exists(tmp_path / 'ckpt' / 'model.state')
    assert not [name for name in snapshot(tmp_path) if '.tmp-' in name or name.endswith('.lock')]


def test_when_training_is_over_resume_is_promised_no_more(folder):
    """Ctrl-C comes when the test that follows says its accuracy."""
    code = f'''
import sys
sys.path.insert(0, {ROOT!r})
import main
class Output:
    def write(self, text):
        if 'test accuracy' in text: raise KeyboardInterrupt
    def flush(self): pass
sys.stdout = Output()
sys.exit(main.main('--train --resume --prefix model --out_dir other --test'.split()))'''
    done = subprocess.run([command('')[0], '-c', code], cwd=str(folder), stderr=subprocess.PIPE, text=True)
    shutil.rmtree(str(folder / 'other'))
    assert (done.returncode, done.stderr) == (130, 'main.py: interrupted\n')


def test_a_new_run_does_not_wait_for_anything_before_its_first_state(tmp_path):
    """What `--resume` needs is there before the first epoch ends."""
    process = subprocess.Popen(command(TRAIN), cwd=str(tmp_path), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not os.path.exists(tmp_path / 'ckpt' / 'model.state') and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not os.path.exists(tmp_path / 'ckpt' / 'model.params')
    done = main('--train --resume --prefix model', tmp_path)
    assert done.returncode == 0 and 'epoch   1: ' in done.stdout, done.stderr
