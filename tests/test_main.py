"""Two runs on real digits, a second training of one, and their tests: what they leave behind."""
import csv
import os

import imageio.v2 as imageio
import numpy as np
import pytest
from mxnet import nd
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from models import get_model
from tests.cli import DIGITS, main, read_json, refused, snapshot, succeed
from utils.data import load_dataset
from utils.pictures import palette
from utils.pictures.class_looks import class_colors
from utils.storage import locks

CENTER_LOSS = f'--train --center_loss --prefix center-loss --epochs 2 {DIGITS} --plotting --use_bias False'


@pytest.fixture(scope='module')
def runs(tmp_path_factory):
    """A folder with softmax trained for an epoch, center-loss for two with pictures, and center-loss a second time."""
    folder = tmp_path_factory.mktemp('runs')
    succeed(f'--train --prefix softmax --epochs 1 {DIGITS}', folder)
    succeed(CENTER_LOSS, folder, alone=True)
    succeed('--second_train --prefix center-loss --epochs 1 --lr 0.01 --batch_size 64', folder)
    return folder


def centers(folder, prefix):
    return nd.load(os.path.join(str(folder), 'ckpt', prefix + '.params')).get('center_loss.centers')


def test_training_writes_results_history_pictures_and_checkpoints(runs):
    assert [name for name in sorted(os.listdir(runs / 'output' / 'center-loss')) if not name.startswith('test-')] == [
        'curves.png', 'frames', 'history.csv', 'map.png', 'report.html', 'results.json', 'train.gif', 'val.gif']
    assert sorted(os.listdir(runs / 'ckpt')) == [f'{prefix}.{kind}' for prefix in (
        'center-loss-second', 'center-loss', 'softmax') for kind in ('params', 'state')]
    assert sorted(os.listdir(runs / 'output' / 'center-loss' / 'frames'))[:3] == [
        'test-002.npz', 'train-001.npz', 'train-001.png']


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
        printed = succeed(f'--test --prefix {prefix} --eval_method {method} --plotting --regions', runs)
    picture = imageio.imread(runs / 'output' / prefix / f'test-{method}.png')
    assert picture.shape[:2] == (960, 1920)
    for half in (picture[:, :960], picture[:, 960:]):  # training images, test images
        tinted = [(half == tint).all(axis=2).sum() > 300 for tint in palette.tint(class_colors(10))]
        assert sum(tinted) > 5, 'regions'
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


def test_the_same_seed_gives_the_same_result_file_and_another_seed_another(runs, tmp_path):
    """With the threads that a user's have, which no other test here takes."""
    succeed(CENTER_LOSS, tmp_path, alone=True)
    same, other = snapshot(runs), snapshot(tmp_path)
    for name in ('output/center-loss/results.json', 'ckpt/center-loss.params', 'output/center-loss/val.gif'):
        assert same[name] == other[name], name
    succeed(CENTER_LOSS.replace('--plotting', '--seed 1 --epochs 1'), tmp_path, alone=True)
    first, *_ = read_json(tmp_path, 'output', 'center-loss', 'results.json')['history']
    assert first['softmax_loss'] != read_json(runs, 'output', 'center-loss', 'results.json')['history'][0][
        'softmax_loss']


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
