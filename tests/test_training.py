"""--train and what goes with it in one call, end to end on real digits."""
import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios

from tests.cli import DIGITS, QUICK, command, read_json, refused, succeed


def test_a_class_layer_that_was_never_trained_is_not_judged_after_a_second_training_either(tmp_path):
    flags = f'--loss normalized_softmax+0.1*center --loss_lr 0.1 --eval_method knn --prefix run --epochs 1 {QUICK}'
    printed = succeed(f'--train --second_train --test {flags}', tmp_path)
    assert not re.search(r'accuracy by softmax|training accuracy|[:,] softmax loss', printed)
    results = json.loads((tmp_path / 'output' / 'run-second' / 'results.json').read_text())
    assert results['test']['softmax'] is None and results['test']['knn'] is not None and results['retrieval']
    printed = succeed('--test --plotting --eval_method knn --prefix run', tmp_path)
    assert 'test-knn-confusion.png' in printed and 'disagreements' not in printed, 'softmax has no answer'
    assert '--loss softtriple contradicts' in refused('--second_train --loss softtriple --prefix run', tmp_path)


def test_digits_learnt_without_softmax_are_judged_by_what_is_found(tmp_path):
    succeed(f'--train --loss arcface --epochs 1 --prefix run {QUICK}', tmp_path)
    printed = succeed('--test --plotting --prefix run', tmp_path)
    found = read_json(tmp_path, 'output', 'run', 'results.json')['retrieval']
    assert f'run: recall at 1 {found["recall_at_1"]:.4f}' in printed
    assert 'drew no confusion matrix: it needs a class layer that was trained, and --loss arcface' in printed


def test_modes_combine_in_one_call_and_select_on_test_says_so(tmp_path):
    """Also the other implementation, in more than two features, chosen on the test set as published."""
    printed = succeed(f'--train --second_train --test --center_loss --center_impl parameter --feature_size 8 '
                      f'--eval_method knn --epochs 1 --select_on test --plotting --prefix all {DIGITS}', tmp_path)
    assert 'all-second: test accuracy' in printed
    results = read_json(tmp_path, 'output', 'all', 'results.json')
    assert results['selection']['on'] == 'test' and results['config']['val_fraction'] == 0
    assert results['test']['softmax'] == results['selection']['softmax']
    assert sorted(os.listdir(tmp_path / 'output' / 'all-second')) == [
        'curves.png', 'frames', 'history.csv', 'map.png', 'report.html', 'results.json',
        'test-knn-confused.png', 'test-knn-confusion.png', 'test-knn-disagreements.png', 'test-knn.json',
        'test-knn.png', 'test.gif', 'train.gif']


def test_flags_reach_the_optimizers_the_loss_and_the_threads(tmp_path):
    """Both rates step down; lambda, the histogram and alpha change what is learnt; threads are those asked for."""
    losses = set()
    for flags in ('--epochs 1', '--epochs 1 --lmbd 0.5', '--epochs 1 --balance False', '--epochs 1 --alpha 0.1',
                  '--epochs 1 --wd 0.1', '--epochs 2 --lr 0.02 --lr_step 1 --lr_factor 0.5 --threads 1'):
        succeed(f'--train --center_loss --prefix run {QUICK} {flags}', tmp_path, alone='--threads' in flags)
        results = read_json(tmp_path, 'output', 'run', 'results.json')
        losses.add(results['history'][0]['center_loss'])
    assert len(losses) == 6, 'a flag changed nothing'
    assert [(row['lr'], row['alpha']) for row in results['history']] == [(0.02, 0.5), (0.01, 0.25)]
    assert results['versions']['threads'] == '1'


def test_a_run_made_again_without_pictures_leaves_none_of_the_earlier_ones(tmp_path):
    succeed(f'--train --test --prefix run --epochs 1 {QUICK} --plotting', tmp_path)
    assert 'val.gif' in os.listdir(tmp_path / 'output' / 'run')
    succeed(f'--train --prefix run --epochs 1 {QUICK} --seed 1', tmp_path)
    assert sorted(os.listdir(tmp_path / 'output' / 'run')) == ['frames', 'history.csv', 'results.json']
    assert os.listdir(tmp_path / 'output' / 'run' / 'frames') == []


def test_a_terminal_gets_a_bar_with_loss_and_speed(tmp_path):
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('4H', 40, 100, 0, 0))  # 40 rows of 100 columns
    process = subprocess.Popen(command(f'--train --prefix run --epochs 1 {DIGITS}'), cwd=str(tmp_path), stdout=terminal,
                               stderr=terminal)
    os.close(terminal)
    seen = b''
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while part := os.read(master, 65536):
            seen += part
    assert process.wait() == 0
    os.close(master)
    assert re.search(rb'epoch 1/1: .*/3600 .*img/s, loss=\d', seen)
