"""The files of a run: which replace others when, and which are not taken for its own."""
import os

import numpy as np
import pytest

from tests.utils.training.cases import META, Case, Net
from utils.errors import UserError
from utils.storage import checkpoint
from utils.training.loop import DivergenceError


def test_a_checkpoint_that_another_has_replaced_is_not_reported_as_the_run_s_own(tmp_path):
    case, other = Case(tmp_path), Net()
    case.end_epoch(1)
    checkpoint.save(case.paths.best, {**META, 'epoch': 1}, other, case.center_loss)
    with pytest.raises(UserError, match=r'ckpt/run\.params is not what this run saved after epoch 1: something else'):
        case.results()
    assert not os.path.exists(case.paths.output('results.json'))


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
