"""What a row of history.csv, and results.json, say of an epoch."""
import numpy as np
import pytest

from tests.utils.training.cases import DIRECTIONS, Case
from utils.evaluation.evaluator import Evaluator
from utils.evaluation.judging import MOST_LISTED
from utils.evaluation.outputs import Outputs
from utils.training.history import epoch_row
from utils.training.loop import EpochLog


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


def test_without_a_class_layer_a_run_is_judged_by_what_is_found(tmp_path):
    case = Case(tmp_path, 'recall_at_1', judged_by=('retrieval',))
    case.end_epoch(1)
    row, results = case.run.history[0], case.results()
    assert [row[key] for key in ('softmax_loss', 'train_accuracy', 'softmax')] == [None] * 3
    assert row['recall_at_1'] == results['retrieval']['recall_at_1'] == 1.0 and results['test']['softmax'] is None


@pytest.mark.parametrize('count', [MOST_LISTED, MOST_LISTED + 1])
def test_a_row_lists_no_more_classes_than_can_be_read(count):
    outputs = Outputs.of(np.zeros((4, count)), np.ones((4, 2)), np.array([0, 1, 2, count - 1]))
    row = epoch_row(1, EpochLog(1.5, 0.5, 0.25, (), 60, 2.0), [0.3, 0.2], Evaluator(outputs), None, None)
    assert ('radius_0' in row) == (f'angle_{count - 1}' in row) == (count == MOST_LISTED)


@pytest.mark.parametrize('count', [MOST_LISTED, MOST_LISTED + 1])
def test_results_name_no_more_classes_than_can_be_read(tmp_path, count):
    case = Case(tmp_path)
    case.run._store.meta = {**case.run._store.meta, 'class_names': ['x'] * count}
    case.end_epoch(1)
    assert ('class_names' in case.results()) == (count == MOST_LISTED)
