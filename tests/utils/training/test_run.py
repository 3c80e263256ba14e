"""What a run looks at after an epoch, what it keeps and reports, and what it warns of."""
import json
import os

import mxnet as mx
import numpy as np
import pytest
from mxnet import gluon, nd

from center_loss import get_loss
from utils.data.dataset import Split
from utils.data.splits import fixed_sample
from utils.errors import UserError
from utils.storage import checkpoint
from utils.storage.run_paths import RunPaths
from utils.training.averaging import Average
from utils.training.loop import DivergenceError, EpochLog
from utils.training.metric_losses import MetricLosses
from utils.training.optimizers import make_trainer
from utils.training.run import Run
from utils.training.wording import collapse_warning, shrink_warning

DIRECTIONS = np.array([[1, 0], [0, 1], [-1, -1]], np.float32)  # of the classes, in images, features and class layer
LABELS = np.array([0, 0, 1, 1, 2, 2], np.int32)
JUDGE = Split((DIRECTIONS[LABELS] + np.tile([[0.1, 0], [-0.1, 0]], (3, 1))).astype(np.float32).reshape(6, 1, 1, 2),
              LABELS)
EVERYTHING_RIGHT = np.eye(2, dtype=np.float32)
META = {'config': {}, 'command': 'python main.py', 'stage': 'train', 'plotting': False}


class Net(gluon.Block):
    """Two pixels -> two features -> three logits."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.features = gluon.nn.Dense(2, use_bias=False, in_units=2)
            self.output = gluon.nn.Dense(3, use_bias=False, in_units=2)
        self.initialize()
        self.output.weight.set_data(nd.array(DIRECTIONS))

    def forward(self, images):
        features = self.features(images)
        return self.output(features), features


class Case:
    """A run over JUDGE whose epochs end with the weights and centres that a test says."""

    def __init__(self, folder, select_by='softmax', centers_move=True, average=False, metric_losses=None,
                 judged_by=('classes',)):
        self.net, self.center_loss = Net(), get_loss('parameter', num_classes=3, feature_size=2)
        self.center_loss.initialize(mx.init.Zero())
        if not centers_move:
            self.center_loss.collect_params().setattr('grad_req', 'null')
        trainers = [make_trainer(block.collect_params(), 'sgd', 0.1) for block in (self.net, self.center_loss)]
        self.put(0 * EVERYTHING_RIGHT)
        self.average = Average([self.net, self.center_loss], 0.5) if average else None
        self.paths = RunPaths(str(folder / 'ckpt'), str(folder / 'out'), 'run')
        self.run = Run(self.paths, META, self.net, self.center_loss, trainers, ('val', JUDGE), select_by, mx.cpu(),
                       average=self.average, metric_losses=metric_losses, judged_by=judged_by)

    def put(self, weight, centers=((0, 0),) * 3):
        self.net.features.weight.set_data(nd.array(weight))
        (param,) = self.center_loss.collect_params().values()
        param.set_data(nd.array(centers))

    def end_epoch(self, number, weight=EVERYTHING_RIGHT, **centers):
        self.put(weight, **centers)
        if self.average:
            self.average.update()
        self.run.after_epoch(number, EpochLog(1.5, 0.5, 0.25, (0.7,), 60, 2.0), [0.3, 0.2])

    def saved_weight(self):
        return checkpoint.load(self.paths.best).arrays['features.weight']

    def results(self):
        self.run.finish(JUDGE, JUDGE)
        with open(self.paths.output('results.json'), encoding='utf-8') as file:
            return json.load(file)


def test_of_equally_accurate_epochs_the_one_with_the_smallest_loss_is_kept_and_judged(tmp_path):
    """Everything is right in all but the third; the longer the features, the smaller the loss."""
    case = Case(tmp_path)
    for number, scale in enumerate((1, 3, -9, 2), 1):
        case.end_epoch(number, scale * EVERYTHING_RIGHT)
        if number == 3:
            state, case = checkpoint.load(case.paths.state), Case(tmp_path)
            case.run.resume(state)
    np.testing.assert_array_equal(case.saved_weight(), 3 * EVERYTHING_RIGHT)
    results = case.results()
    logits = 3 * JUDGE.images.reshape(6, 2) @ DIRECTIONS.T
    loss = gluon.loss.SoftmaxCrossEntropyLoss()(nd.array(logits), nd.array(LABELS)).mean().asscalar()
    assert results['selection'] == {'on': 'val', 'by': 'softmax', 'epoch': 2, 'accuracy': 1.0,
                                    'ties_by': 'cross_entropy', 'loss': pytest.approx(float(loss), rel=1e-5)}
    assert results['test']['intra'] == pytest.approx(0.3, rel=1e-5), 'of the second epoch: three times 0.1'


def test_a_checkpoint_that_another_has_replaced_is_not_reported_as_the_run_s_own(tmp_path):
    case, other = Case(tmp_path), Net()
    case.end_epoch(1)
    checkpoint.save(case.paths.best, {**META, 'epoch': 1}, other, case.center_loss)
    with pytest.raises(UserError, match=r'ckpt/run\.params is not what this run saved after epoch 1: something else'):
        case.results()
    assert not os.path.exists(case.paths.output('results.json'))


def test_how_far_centres_moved_is_since_the_epoch_before_also_across_a_resume(tmp_path):
    case = Case(tmp_path)
    case.end_epoch(1, centers=((3, 4), (0, 0), (0, 0)))
    case.end_epoch(2, centers=((3, 4), (0, 6), (0, 0)))
    resumed = Case(tmp_path)
    assert resumed.run.resume(checkpoint.load(case.paths.state)) == 3
    resumed.end_epoch(3, centers=((3, 4), (0, 6), (0, 9)))
    assert [row['center_moved'] for row in resumed.run.history] == pytest.approx([5 / 3, 6 / 3, 9 / 3])


def test_with_an_average_it_is_the_average_that_is_judged_and_saved_and_moves(tmp_path):
    """After the first steps it holds 2/11 of the old value, then 3/12."""
    case, wanted = Case(tmp_path, average=True), 0
    for number, old in ((1, 2 / 11), (2, 3 / 12)):
        if number == 2:  # as after a resume
            state, case = checkpoint.load(case.paths.state), Case(tmp_path, average=True)
            case.run.resume(state)
        case.end_epoch(number, number * EVERYTHING_RIGHT, centers=((number, 0),) * 3)
        before, wanted = wanted, old * wanted + (1 - old) * number
        assert case.run.history[-1]['center_moved'] == pytest.approx(wanted - before, rel=1e-5)
        np.testing.assert_allclose(case.saved_weight(), wanted * EVERYTHING_RIGHT, rtol=1e-5)
        np.testing.assert_array_equal(case.net.features.weight.data().asnumpy(), number * EVERYTHING_RIGHT)


def test_a_row_says_what_the_epoch_was(tmp_path):
    case = Case(tmp_path)
    case.end_epoch(1, centers=DIRECTIONS)
    row = case.run.history[0]
    assert {key: row[key] for key in ('epoch', 'softmax_loss', 'center_loss', 'train_accuracy', 'softmax', 'knn', 'lr',
                                      'alpha', 'seconds', 'collapsed_pairs')} == {
        'epoch': 1, 'softmax_loss': 1.5, 'center_loss': 0.5, 'train_accuracy': 0.25, 'softmax': 1.0, 'knn': 1.0,
        'lr': 0.3, 'alpha': 0.2, 'seconds': 2.0, 'collapsed_pairs': 0}
    assert (row['radius_2'], row['angle_2']) == pytest.approx((2 ** 0.5, 225))
    assert 'recall_at_1' not in row
    frozen = Case(tmp_path, centers_move=False)
    frozen.end_epoch(1)
    assert frozen.run.history[0]['alpha'] is None
    results = case.results()
    assert 'seconds' not in results['history'][0], 'the same run writes the same results'
    radii = 1, 1, 2 ** 0.5
    assert results['ring_score'] == pytest.approx({'radius_cv': np.std(radii) / np.mean(radii), 'smallest_gap': 90})


def test_what_tells_no_classes_apart_is_judged_by_what_is_found(tmp_path):
    case = Case(tmp_path, 'recall_at_1', judged_by=('retrieval',))
    case.end_epoch(1)
    row, results = case.run.history[0], case.results()
    assert [row[key] for key in ('softmax_loss', 'train_accuracy', 'softmax')] == [None] * 3
    assert row['recall_at_1'] == results['retrieval']['recall_at_1'] == 1.0 and results['test']['softmax'] is None


def test_what_an_earlier_run_of_the_name_left_goes_when_the_first_epoch_ends_and_only_then(tmp_path):
    case = Case(tmp_path / '[a]')
    old = [case.paths.output(*names) for names in (
        ('results.json',), ('test-knn.json',), ('val.gif',), ('curves.png',), ('frames', 'val-001.npz'))]
    os.makedirs(case.paths.output('frames'))
    for number in (1, 2):
        for path in [*old, case.paths.output('notes.txt')]:
            open(path, 'w').close()
        if number == 1:
            case.run.begin()
            assert checkpoint.load(case.paths.state).meta['epoch'] == 0
        assert all(map(os.path.exists, old))
        case.end_epoch(number)
        assert [os.path.exists(path) for path in old] == [number == 2] * 5
    assert os.path.exists(case.paths.output('notes.txt'))


def test_classes_that_stay_on_top_of_each_other_are_warned_of_once_centres_have_settled(tmp_path, capsys):
    """In epochs 1 to 3 all features are one point; in 4 and 6 nothing is, in 5 all again."""
    case = Case(tmp_path)
    for number, scale in enumerate((0, 0, 0, 1, 0, 1), 1):
        case.end_epoch(number, scale * EVERYTHING_RIGHT)
    said = [line.split(':')[0] for line in capsys.readouterr().out.splitlines()]
    assert said == ['epoch   1', 'epoch   2', 'epoch   3', 'warning', 'epoch   4', 'epoch   5', 'epoch   6']
    assert [row['collapsed_pairs'] for row in case.run.history] == [3, 3, 3, 0, 3, 0]
    case.end_epoch(7, 0 * EVERYTHING_RIGHT)
    resumed = Case(tmp_path / 'other')
    resumed.run.resume(checkpoint.load(case.paths.state))
    assert 'warning' not in capsys.readouterr().out
    resumed.end_epoch(8, 0 * EVERYTHING_RIGHT)
    assert 'warning: classes closer than their own spread' in capsys.readouterr().out


@pytest.mark.parametrize('scale, warned', [(1e-4, 1), (1, 0)])
def test_features_that_all_point_the_same_way_are_warned_of(tmp_path, capsys, scale, warned):
    losses = MetricLosses([('triplet', 1.0, get_loss('triplet', miner='batch_all'))])
    case = Case(tmp_path, metric_losses=losses)
    case.run._judge = JUDGE._replace(images=JUDGE.images * scale + 1)
    case.end_epoch(1)
    assert case.run.history[0]['triplet_loss'] == 0.7
    assert capsys.readouterr().out.count('warning: features of different classes point the same way') == warned


def test_logits_that_are_no_numbers_end_the_run_before_anything_is_replaced(tmp_path):
    case = Case(tmp_path)
    case.end_epoch(1)
    with pytest.raises(DivergenceError):
        case.end_epoch(2, np.inf * np.ones((2, 2)))
    assert checkpoint.load(case.paths.state).meta['epoch'] == 1 and len(case.run.history) == 1


def test_the_state_of_a_run_with_other_optimizers_is_no_state_of_this_one(tmp_path):
    case = Case(tmp_path)
    case.end_epoch(1)
    with pytest.raises(UserError, match=r'run\.params is not the state of a run'):
        case.run.resume(checkpoint.load(case.paths.best))


def test_what_is_drawn_are_the_same_images_at_most_ten_thousand_of_all_classes():
    """Photos lie in the order of their classes: the first ones would all be of one."""
    sample = fixed_sample(12_000, 10_000)
    assert len(set(sample)) == 10_000 and max(sample) < 12_000
    np.testing.assert_array_equal(sample, fixed_sample(12_000, 10_000))
    assert sorted(fixed_sample(50, 10_000)) == list(range(50))
    by_class = np.repeat(np.arange(10), 1_200)
    assert np.bincount(by_class[fixed_sample(12_000, 500)]).min() > 20


def test_the_warning_of_a_collapse_names_classes_and_what_to_do():
    text = collapse_warning([(3, 5)])
    assert '3 and 5' in text and '--lmbd_warmup' in text and '...' not in text
    assert collapse_warning([(0, i) for i in range(1, 9)]).count(' and ') == 5


def test_the_warning_of_triplets_that_are_too_hard_says_how_far_it_went_and_what_to_do():
    assert '(mean distance 0.0123 of 2)' in shrink_warning(0.01234) and 'miner=semi_hard' in shrink_warning(0.01)
