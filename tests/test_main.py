"""The modes of main.py, end to end on real digits, and what they leave behind."""
import contextlib
import csv
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios

import imageio.v2 as imageio
import numpy as np
import pytest
from mxnet import nd
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from models import get_model
from tests.cli import QUICK, ROOT, command, main, parse, refused, snapshot, succeed
from utils.data import load_dataset
from utils.storage import locks


@pytest.fixture(scope='module')
def runs(tmp_path_factory):
    """A folder in which softmax and center-loss were trained for two epochs, and center-loss a second time."""
    folder = tmp_path_factory.mktemp('runs')
    succeed(f'--train --prefix softmax --epochs 2 {QUICK} --plotting', folder)
    succeed(f'--train --center_loss --prefix center-loss --epochs 2 {QUICK} --plotting --use_bias False', folder)
    succeed('--second_train --prefix center-loss --epochs 2 --lr 0.01 --batch_size 64', folder)
    return folder


def read_json(folder, *path):
    with open(os.path.join(str(folder), *path)) as file:
        return json.load(file)


def centers(folder, prefix):
    return nd.load(os.path.join(str(folder), 'ckpt', prefix + '.params')).get('center_loss.centers')


def test_a_class_layer_that_was_never_trained_is_not_judged_after_a_second_training_either(tmp_path):
    flags = f'--loss normalized_softmax+0.1*center --loss_lr 0.1 --eval_method knn --prefix run --epochs 1 {QUICK}'
    printed = succeed(f'--train --second_train --test {flags}', tmp_path)
    assert not re.search(r'accuracy by softmax|training accuracy|[:,] softmax loss', printed)
    results = json.loads((tmp_path / 'output' / 'run-second' / 'results.json').read_text())
    assert results['test']['softmax'] is None and results['test']['knn'] is not None and results['retrieval']
    assert '--loss softtriple contradicts' in refused('--second_train --loss softtriple --prefix run', tmp_path)


def test_training_writes_results_history_pictures_and_checkpoints(runs):
    assert [name for name in sorted(os.listdir(runs / 'output' / 'center-loss')) if not name.startswith('test-')] == [
        'curves.png', 'frames', 'history.csv', 'results.json', 'train.gif', 'val.gif']
    assert sorted(os.listdir(runs / 'ckpt')) == [f'{prefix}.{kind}' for prefix in (
        'center-loss-second', 'center-loss', 'softmax') for kind in ('params', 'state')]
    assert sorted(os.listdir(runs / 'output' / 'center-loss' / 'frames'))[:2] == ['train-001.npz', 'train-001.png']


def test_a_history_row_an_epoch(runs):
    with open(runs / 'output' / 'center-loss' / 'history.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [row['epoch'] for row in rows] == ['1', '2']
    assert list(rows[0])[:15] == [
        'epoch', 'softmax_loss', 'center_loss', 'train_accuracy', 'softmax', 'knn', 'intra', 'inter',
        'intra_inter_ratio', 'center_offset', 'center_moved', 'collapsed_pairs', 'lr', 'alpha', 'seconds']
    assert list(rows[0])[15:] == [f'{value}_{label}' for label in range(10) for value in ('radius', 'angle')]
    assert float(rows[1]['softmax_loss']) < float(rows[0]['softmax_loss'])
    assert all(float(rows[0][key]) > 0 for key in rows[0] if key != 'collapsed_pairs')


def test_results_name_command_config_versions_selection_and_test_accuracy(runs):
    results = read_json(runs, 'output', 'center-loss', 'results.json')
    assert results['command'].startswith('python main.py --train --center_loss --prefix center-loss')
    assert results['config']['feature_use_bias'] is False and results['config']['momentum'] == 0.9
    assert results['versions']['mxnet'] == '1.9.1'
    selection, accuracies = results['selection'], [row['softmax'] for row in results['history']]
    assert selection.pop('loss') > 0 and accuracies[selection['epoch'] - 1] == max(accuracies)
    assert selection == {'on': 'val', 'by': 'softmax', 'softmax': max(accuracies), 'ties_by': 'cross_entropy',
                         'epoch': selection['epoch']}
    assert results['test']['softmax'] > 0.5 and results['test']['knn'] > 0.5, 'it must have learnt something'


def test_center_loss_off_saves_no_centers_and_leaves_knn_empty(runs):
    assert centers(runs, 'softmax') is None
    assert read_json(runs, 'output', 'softmax', 'results.json')['test']['knn'] is None


def test_second_train_writes_beside_the_first_and_keeps_its_centers(runs):
    np.testing.assert_array_equal(centers(runs, 'center-loss-second').asnumpy(), centers(runs, 'center-loss').asnumpy())
    first, second = (read_json(runs, 'output', prefix, 'results.json') for prefix in (
        'center-loss', 'center-loss-second'))
    assert second['stage'] == 'second_train' and second['selection']['by'] == 'knn'
    assert second['config']['feature_use_bias'] is False, 'the network is the first one\'s'
    assert second['history'][-1]['intra'] < first['history'][-1]['intra'], 'center loss alone must compact'
    assert all(row['alpha'] is None for row in second['history'])


@pytest.mark.parametrize('prefix, method, key', [('center-loss', 'softmax', 'softmax'), ('center-loss', 'knn', 'knn'),
                                                 ('center-loss-second', 'knn', 'knn'),
                                                 ('softmax', 'softmax', 'softmax')])
def test_testing_needs_only_the_prefix_and_agrees_with_training(runs, prefix, method, key):
    with locks.held([str(runs / 'ckpt'), str(runs / 'output')], [prefix]):  # its training stops no reader
        printed = succeed(f'--test --prefix {prefix} --eval_method {method} --plotting', runs)
    assert imageio.imread(runs / 'output' / prefix / f'test-{method}.png').shape[:2] == (480, 480)
    report = read_json(runs, 'output', prefix, f'test-{method}.json')
    confusion = np.array(report['confusion_matrix'])
    assert confusion.sum() == 1000 and np.trace(confusion) / 1000 == report['accuracy']
    np.testing.assert_allclose(report['per_class_accuracy'], np.diag(confusion) / confusion.sum(axis=1))
    assert report['accuracy'] == read_json(runs, 'output', prefix, 'results.json')['test'][key]
    assert f'{report["accuracy"]:.4f} by {method}' in printed


def test_neighbors_vote_with_the_features_of_all_training_images(runs):
    """As scikit-learn does with the same features."""
    succeed('--test --prefix center-loss --eval_method neighbors --neighbors 3', runs)
    data = load_dataset('mnist5k')
    net = get_model('lenet', num_classes=10, feature_size=2, feature_use_bias=False, output_use_bias=False)
    net.initialize()
    net(nd.zeros((1, 1, 28, 28)))
    net.load_parameters(str(runs / 'ckpt' / 'center-loss.params'), ignore_extra=True)
    train, test = (net(nd.array(split.images))[1].asnumpy() for split in (data.train, data.test))
    oracle = KNeighborsClassifier(3).fit(train, data.train.labels).score(test, data.test.labels)
    found = read_json(runs, 'output', 'center-loss', 'test-neighbors.json')
    assert found['accuracy'] == pytest.approx(oracle, abs=0.003), 'votes may tie'


def test_softmax_gets_its_nearest_class_mean_beside_the_others_centers(runs):
    """As scikit-learn's nearest centroid of the images it was trained on, without those held out."""
    data = load_dataset('mnist5k')
    learn, _ = data.for_selection('val', 0.1, 0)
    net = get_model('lenet', num_classes=10, feature_size=2)
    net.load_parameters(str(runs / 'ckpt' / 'softmax.params'), ignore_extra=True)
    train, test = (net(nd.array(split.images))[1].asnumpy() for split in (learn, data.test))
    oracle = NearestCentroid().fit(train, learn.labels).score(test, data.test.labels)
    found = read_json(runs, 'output', 'softmax', 'results.json')['test']
    assert found['knn_means'] == pytest.approx(oracle, abs=0.002) and found['knn'] is None, 'nearly equal distances'
    assert read_json(runs, 'output', 'center-loss', 'results.json')['test']['knn_means'] is None, 'it has centres'


def test_digits_learnt_without_softmax_are_judged_by_what_is_found(tmp_path):
    succeed(f'--train --loss arcface --epochs 1 --prefix run {QUICK}', tmp_path)
    printed = succeed('--test --prefix run', tmp_path)
    found = read_json(tmp_path, 'output', 'run', 'results.json')['retrieval']
    assert f'run: recall at 1 {found["recall_at_1"]:.4f}' in printed


def test_the_same_seed_gives_the_same_result_file_and_another_seed_another(runs, tmp_path):
    again = f'--train --center_loss --prefix center-loss --epochs 2 {QUICK} --plotting --use_bias False'
    succeed(again, tmp_path)
    same, other = snapshot(runs), snapshot(tmp_path)
    for name in ('output/center-loss/results.json', 'ckpt/center-loss.params', 'output/center-loss/val.gif'):
        assert same[name] == other[name], name
    succeed(again + ' --seed 1', tmp_path)
    assert snapshot(tmp_path)['ckpt/center-loss.params'] != same['ckpt/center-loss.params']


def test_modes_combine_in_one_call_and_select_on_test_says_so(tmp_path):
    """Also the other implementation, in more than two features, chosen on the test set as published."""
    printed = succeed(f'--train --second_train --test --center_loss --center_impl parameter --feature_size 8 '
                      f'--eval_method knn --epochs 1 --select_on test --plotting --prefix all {QUICK}', tmp_path)
    assert 'all-second: test accuracy' in printed
    results = read_json(tmp_path, 'output', 'all', 'results.json')
    assert results['selection']['on'] == 'test' and results['config']['val_fraction'] == 0
    assert results['test']['softmax'] == results['selection']['softmax']
    assert sorted(os.listdir(tmp_path / 'output' / 'all-second')) == [
        'curves.png', 'frames', 'history.csv', 'results.json', 'test-knn.json', 'test-knn.png', 'test.gif', 'train.gif']


def test_use_gpu_without_a_gpu_warns_in_one_line_and_goes_on(runs):
    done = main('--test --prefix softmax --use_gpu True', runs)
    assert done.returncode == 0
    assert done.stderr == 'main.py: warning: --use_gpu True, but MXNet finds no GPU; using the CPU\n'


def test_a_flag_that_contradicts_the_checkpoint_names_both_values(runs):
    assert refused('--test --prefix center-loss --feature_size 3', runs) == (
        f'--feature_size 3 contradicts {os.path.join("ckpt", "center-loss.params")}, '
        'which was made with --feature_size 2')
    assert '--lmbd 2.0 contradicts' in refused('--test --prefix center-loss --lmbd 2', runs)
    assert '--feature_use_bias True contradicts' in refused('--second_train --prefix center-loss --use_bias True', runs)
    assert '--lr 0.5 contradicts' in refused('--test --prefix center-loss --lr 0.5', runs)
    assert '--seed 1 contradicts' in refused('--second_train --prefix center-loss --seed 1', runs)
    assert '--epochs must be at least 2' in refused('--train --resume --prefix center-loss --epochs 1', runs)
    assert '--lr 0.5 contradicts' in refused('--train --resume --prefix center-loss --lr 0.5', runs)
    assert '--plotting cannot be added' in refused('--second_train --resume --prefix center-loss --plotting', runs)
    assert 'was made by --second_train' in refused('--train --resume --prefix center-loss-second', runs)


def test_a_model_without_centers_says_what_it_lacks(runs):
    before = snapshot(runs)
    message = refused('--test --prefix softmax --eval_method knn', runs)
    assert 'trained without --center_loss; test.knn_means in its results.json is' in message
    assert 'trained without --center_loss' in refused('--second_train --prefix softmax', runs)
    assert snapshot(runs) == before


def test_flags_reach_the_optimizers_the_loss_and_the_threads(tmp_path):
    """Both rates step down; lambda, the histogram and alpha change what is learnt; threads are those asked for."""
    losses = set()
    for flags in ('--epochs 1', '--epochs 1 --lmbd 0.5', '--epochs 1 --balance False', '--epochs 1 --alpha 0.1',
                  '--epochs 1 --wd 0.1', '--epochs 2 --lr 0.02 --lr_step 1 --lr_factor 0.5 --threads 1'):
        succeed(f'--train --center_loss --prefix run {QUICK} {flags}', tmp_path)
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
    process = subprocess.Popen(command(f'--train --prefix run --epochs 1 {QUICK}'), cwd=str(tmp_path), stdout=terminal,
                               stderr=terminal)
    os.close(terminal)
    seen = b''
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while part := os.read(master, 65536):
            seen += part
    assert process.wait() == 0
    os.close(master)
    assert re.search(rb'epoch 1/1: .*/3600 .*img/s, loss=\d', seen)


def published_lines():
    """The command lines of the README that the published programs document, but for their downloads and length."""
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        text = file.read()
    return [line.strip()[len('python main.py '):] for line in text.splitlines()
            if line.startswith('    python main.py') and '--prefix=' in line]  # they write it with =, we do not


def test_the_readme_has_the_nine_published_lines_and_all_are_understood():
    lines = published_lines()
    assert len(lines) == 9
    for line in lines:
        request = parse(line)
        assert request.typed['prefix'] == request.paths.prefix in ('softmax', 'softmax-loss', 'center-loss')
        assert '--epochs' not in line or request.config.training.epochs == 30


def test_the_published_lines_run_on_full_mnist(mnist_dir, tmp_path):
    """Shortened to one epoch of LeNet; they train before they test, in the order of the README."""
    for line in published_lines():
        short = re.sub(r'--epochs \d+', '--epochs 1', line)
        if '--train' in short:
            short += ' --network lenet' + ('' if '--epochs' in short else ' --epochs 1')
        done = main(f'{short} --data_dir {mnist_dir} --offline', tmp_path)
        assert done.returncode == 0, (line, done.stderr)
