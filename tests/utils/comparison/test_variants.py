"""Runs with flags of their own: what they are called, and which flags arrive."""
import pytest

import main
from tests.utils.comparison.planned import planned
from utils.comparison.plan import plan
from utils.errors import UserError
from utils.settings.flags import to_argv


def test_a_run_may_have_flags_of_its_own():
    rows, settings = planned('--runs softmax,center+second@lr=0.01@lmbd=3,paper@lmbd=2,arcface@use_bias=False '
                             '--seeds 0 --lr 0.05 --batch_size 100')
    assert [row.name for row in rows] == ['softmax', 'center+second@lr=0.01@lmbd=3', 'paper@lmbd=2',
                                          'arcface@use_bias=False']
    found = [(config['lr'], config['lmbd'], config['output_use_bias']) for config in settings.values()]
    assert found == [(0.05, 1, True), (0.01, 3, True), (0.01, 3, True), (0.05, pytest.approx(0.2), True),
                     (0.05, 1, False)]
    assert list(settings)[2] == 'center_lr_0.01_lmbd_3-s0-second'
    _, settings = planned('--runs softmax@use_bias=False@feature_use_bias=True,unbalanced@num_classes=21 --seeds 0 '
                          '--dataset cub200 --network efficientnet_lite0')
    assert [(config['feature_use_bias'], config['output_use_bias']) for config in settings.values()] == [
        (True, False), (True, True)]


@pytest.mark.parametrize('run', ['.5*center+softmax', 'softmax@classes=-x', 'softmax@classes=a..b',
                                 'softmax@classes=' + 'Sparrow|' * 60])
def test_whatever_a_run_is_called_its_files_have_a_name_and_its_flags_arrive(run):
    request = main.parse(['--compare', '--runs', run, '--seeds', '0', '--dataset', 'cub200', '--network',
                          'efficientnet_lite0', '--data_dir=-folder', '--prefix', 'both'])
    (step,) = plan(request.comparison)[1]
    made = main.parse(to_argv(step.flags, request.scopes))
    assert made.paths.prefix == step.prefix and len(step.prefix) < 200
    assert made.config.machine.data_dir == '-folder'
    assert made.config.data.classes == (run.partition('@classes=')[2] or None)


def test_two_runs_with_long_names_have_files_of_their_own():
    _, settings = planned(f'--runs {",".join("softmax@classes=" + 300 * "x" + end for end in "ab")} --seeds 0 '
                          '--dataset cub200 --network efficientnet_lite0')
    assert sorted(config['classes'][-1] for config in settings.values()) == ['a', 'b']


@pytest.mark.parametrize('text, message', [
    ('paper@balance=True', 'balance=True changes nothing in the run paper@balance=True, which is balance=False'),
    ('softmax@lmbd=0.5', 'lmbd changes nothing in the run softmax@lmbd=0.5'),
    ('softmax@lr=0.1@lr=0.2', 'must name lr once'),
    ('softmax@lr=0.1 --sweep lr=0.1,0.2', 'has a lr of its own, which --sweep would change'),
    ('center+proxy_anchor:alpha=16,center+proxy_anchor@alpha=16', 'would have the name of another')])
def test_flags_of_its_own_that_a_run_would_not_be_true_to_are_refused(text, message):
    with pytest.raises(UserError, match=message):
        planned(f'--runs {text} --seeds 0')


def test_a_run_may_say_itself_what_its_recipe_fixes():
    _, settings = planned('--runs paper@balance=False,keras --seeds 0 --sweep lr=0.1')
    assert [config['balance'] for config in settings.values()] == [False, False]
    _, settings = planned('--runs keras --seeds 0 --sweep loss=softmax,arcface')
    assert [config['loss'] for config in settings.values()] == ['softmax', 'arcface']
