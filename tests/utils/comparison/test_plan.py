"""Which runs a comparison takes, and with which flags."""
import pytest

import main
from tests.settings import steps_of
from tests.utils.comparison.planned import planned
from utils.cli.arguments import parse
from utils.comparison.plan import plan
from utils.errors import UserError
from utils.settings.flags import to_argv
from utils.settings.recipes import RUNS


def test_every_run_and_seed_is_made_once_and_a_second_training_shares_its_first():
    rows, settings = planned('--runs softmax,center,center+second --seeds 3,4 --epochs 2')
    assert [(row.name, row.prefixes) for row in rows] == [
        ('softmax', ['softmax-s3', 'softmax-s4']), ('center', ['center-s3', 'center-s4']),
        ('center+second', ['center-s3-second', 'center-s4-second'])]
    assert list(settings) == ['softmax-s3', 'softmax-s4', 'center-s3', 'center-s4', 'center-s3-second',
                              'center-s4-second']
    assert settings['center-s4']['seed'] == 4 and settings['center-s4']['epochs'] == 2


def test_split_seeds_are_crossed_with_seeds_and_rows_stay():
    zero_shot = '--dataset cub200 --network efficientnet_lite0 --split zero_shot'
    rows, settings = planned(f'--runs softmax,arcface --seeds 3,4 --split_seeds 0,7 {zero_shot}')
    assert rows[1].prefixes == ['arcface-split0-s3', 'arcface-split0-s4', 'arcface-split7-s3', 'arcface-split7-s4']
    assert {(config['split_seed'], config['seed']) for config in settings.values()} == {(0, 3), (0, 4), (7, 3), (7, 4)}
    assert len(settings) == 8


def test_one_run_of_a_row_is_drawn():
    line = ('--compare --runs softmax,arcface --seeds 4,3 --split_seeds 1,0 --split zero_shot --dataset cub200 '
            '--data_dir x --network efficientnet_lite0 --plotting')
    _, steps = plan(parse(line.split()).comparison)
    assert [step.prefix for step in steps if step.flags.get('plotting')] == ['softmax-split1-s4', 'arcface-split1-s4']


def test_what_goes_with_pictures_is_said_of_the_run_that_is_drawn_alone():
    line = '--compare --runs softmax,arcface --seeds 0,1 --plotting --picture_format svg --regions'
    request = parse(line.split())
    steps = {step.prefix: step.flags for step in steps_of(request)}
    drawing = {name: {*flags} & {'plotting', 'picture_format', 'regions'} for name, flags in steps.items()}
    assert drawing == {'softmax-s0': {'plotting', 'picture_format', 'regions'}, 'softmax-s1': set(),
                       'arcface-s0': {'plotting', 'picture_format'}, 'arcface-s1': set()}
    for flags in steps.values():
        parse(to_argv(flags, request.scopes))


def test_all_runs_but_keras_have_the_same_network_batches_and_training():
    _, settings = planned(f'--runs {",".join(RUNS)} --seeds 0 --use_bias False --lr 0.03')
    shared = {key: settings['softmax-s0'][key] for key in (
        'network', 'feature_size', 'feature_use_bias', 'output_use_bias', 'batch_size', 'optimizer', 'lr', 'seed')}
    for prefix, config in settings.items():
        same = {key: config[key] for key in shared} == shared
        assert same == (not prefix.startswith('keras')), prefix


@pytest.mark.parametrize('run', ['center', 'unbalanced', 'parameter', 'dense', 'function', 'paper'])
def test_all_losses_pull_a_feature_equally_hard(run):
    """Gradient of a feature for a class of B/C samples: lambda / n, lambda or 2 lambda (docs/losses.md)."""
    _, settings = planned(f'--runs {run} --seeds 0 --lmbd 2 --batch_size 50')
    config = settings[f'{run}-s0']
    if config['center_impl'] == 'dense':
        pull = 2 * config['lmbd']
    elif config['center_impl'] == 'function' or not config['balance']:
        pull = config['lmbd']
    else:
        pull = config['lmbd'] / 5
    assert pull == pytest.approx(0.4)


def test_a_sweep_makes_every_run_for_each_value():
    rows, settings = planned('--runs center,paper --seeds 0 --sweep lmbd=0.1,1 --batch_size 100')
    assert [(row.name, row.baseline) for row in rows] == [
        ('center, lmbd=0.1', None), ('center, lmbd=1.0', 'center, lmbd=0.1'),
        ('paper, lmbd=0.1', 'center, lmbd=0.1'), ('paper, lmbd=1.0', 'center, lmbd=1.0')]
    assert {prefix: config['lmbd'] for prefix, config in settings.items()} == pytest.approx({
        'center-lmbd-0.1-s0': 0.1, 'center-lmbd-1.0-s0': 1.0, 'paper-lmbd-0.1-s0': 0.01, 'paper-lmbd-1.0-s0': 0.1})


def test_a_sweep_of_two_flags_changes_one_at_a_time():
    """A name and = begin the next flag, but not within the value of a loss."""
    rows, settings = planned('--runs center --seeds 0 --sweep lmbd=0.1,1,alpha=0.2')
    assert [row.name for row in rows] == ['center, lmbd=0.1', 'center, lmbd=1.0', 'center, alpha=0.2']
    assert [(config['lmbd'], config['alpha']) for config in settings.values()] == [(0.1, 0.5), (1, 0.5), (1, 0.2)]
    assert [row.variant.change for row in rows] == [('lmbd', 0.1), ('lmbd', 1), ('alpha', 0.2)]
    rows, _ = planned('--runs keras --seeds 0 --sweep loss=softmax,softmax+triplet:margin=0.2')
    assert [row.variant.change for row in rows] == [('loss', 'softmax'), ('loss', 'softmax+triplet:margin=0.2')]


def test_in_a_sweep_of_two_flags_a_row_is_compared_with_one_that_is_one_thing_apart():
    rows, _ = planned('--runs center,paper --seeds 0 --sweep lmbd=0.1,1,alpha=0.2,0.4,0.6')
    assert {row.name: row.baseline for row in rows} == {
        'center, lmbd=0.1': None, 'center, lmbd=1.0': 'center, lmbd=0.1',
        'center, alpha=0.2': None, 'center, alpha=0.4': 'center, alpha=0.2', 'center, alpha=0.6': 'center, alpha=0.2',
        **{f'paper, {change}': f'center, {change}'
           for change in ('lmbd=0.1', 'lmbd=1.0', 'alpha=0.2', 'alpha=0.4', 'alpha=0.6')}}
    rows, _ = planned('--runs softmax,center --seeds 0 --sweep lr=0.1,0.2,lmbd=0.1,1')
    assert {row.name: row.baseline for row in rows} == {
        'softmax, lr=0.1': None, 'softmax, lr=0.2': 'softmax, lr=0.1', 'softmax': None,
        'center, lr=0.1': 'softmax, lr=0.1', 'center, lr=0.2': 'softmax, lr=0.2',
        'center, lmbd=0.1': 'softmax', 'center, lmbd=1.0': 'softmax'}


@pytest.mark.parametrize('given', ['--preset best', '--lmbd 0.1', '--preset keras --dataset mnist5k'])
def test_a_run_is_what_its_name_says_whatever_the_comparison_is_given(given):
    _, settings = planned(f'--runs softmax,center,arcface,softmax+0.3*center --seeds 0 {given}')
    found = [(config['loss'], config['center_loss'], config['lmbd']) for config in settings.values()]
    assert [(loss, center) for loss, center, _ in found] == [
        ('softmax', False), ('softmax', True), ('arcface', False), ('softmax', True)]
    assert found[1][2] == {'--preset best': 1.0, '--lmbd 0.1': 0.1}.get(given, 0.4) and found[3][2] == 0.3


@pytest.mark.parametrize('text', [
    '--runs paper --ablate center_update=autograd', '--runs unbalanced --ablate balance=True',
    '--runs softtriple --ablate loss=arcface', '--runs softmax --sweep loss=arcface'])
def test_a_change_that_the_run_would_undo_is_refused(text):
    run, flag = text.split()[1], text.split()[3].partition('=')[0]
    with pytest.raises(UserError, match=f'--{flag} changes nothing in {run}: {run} is {flag}='):
        planned(text + ' --seeds 0')


def test_a_flag_that_makes_a_run_what_it_is_stays_in_it_and_changes_in_the_others():
    rows, settings = planned('--runs center,unbalanced --seeds 0 --sweep balance=True,False')
    assert [(row.name, row.baseline) for row in rows] == [
        ('center, balance=True', None), ('center, balance=False', 'center, balance=True'),
        ('unbalanced', 'center, balance=True')]
    assert [config['balance'] for config in settings.values()] == [True, False, False]


def test_a_run_in_which_a_swept_flag_changes_nothing_is_made_once_and_stands_beside_all():
    rows, _ = planned('--runs softmax,center,softmax+0.1*center --seeds 0,1 --sweep alpha=0.1,0.5')
    assert [(row.name, row.baseline) for row in rows] == [
        ('softmax', None), ('center, alpha=0.1', 'softmax'), ('center, alpha=0.5', 'softmax'),
        ('softmax+0.1*center, alpha=0.1', 'softmax'), ('softmax+0.1*center, alpha=0.5', 'softmax')]
    rows, steps = planned('--runs center,softmax --seeds 0 --ablate alpha=0.1')
    assert [(row.name, row.baseline) for row in rows] == [
        ('center', None), ('center, alpha=0.1', 'center'), ('softmax', 'center')]
    assert len(steps) == 3


@pytest.mark.parametrize('text', [
    '--runs center,softmax --sweep lmbd=0.1,1', '--runs softmax,center --sweep lmbd=0.1,1',
    '--runs softtriple,softmax --sweep loss_lr=0.1,1',
    '--runs center,softmax+0.1*center,softmax --ablate lmbd=0.1,lr=1,alpha=0.1'])
def test_every_row_stands_beside_one_that_is_there(text):
    rows, _ = planned(text + ' --seeds 0')
    assert rows[0].baseline is None and {row.baseline for row in rows[1:]} <= {row.name for row in rows}


@pytest.mark.parametrize('text', ['--runs softmax --sweep lmbd=0.1,1', '--runs softmax,triplet --ablate loss_lr=1',
                                  '--runs softmax,arcface --ablate lr=0.2,balance=False'])
def test_a_change_of_nothing_in_any_run_is_refused(text):
    with pytest.raises(UserError, match=r'(lmbd|loss_lr|balance) changes nothing in softmax'):
        planned(text + ' --seeds 0')


def test_a_run_may_be_a_loss():
    _, settings = planned('--runs arcface,softmax+0.01*center+softtriple:centers_per_class=2 --seeds 0 --loss_lr 0.1')
    assert list(settings) == ['arcface-s0', 'softmax_0.01_center_softtriple_centers_per_class_2-s0']
    first, second = settings.values()
    assert (first['loss'], first['center_loss'], first['loss_lr']) == ('arcface', False, 0.1)
    assert (second['loss'], second['center_loss'], second['lmbd']) == (
        'softmax+softtriple:centers_per_class=2', True, 0.01)


def test_a_rate_of_losses_goes_to_those_that_learn():
    _, settings = planned('--runs softmax,triplet,arcface --seeds 0 --loss_lr 0.1')
    assert [config['loss_lr'] for config in settings.values()] == [None, None, 0.1]


def test_an_ablation_makes_every_run_as_it_is_and_with_each_change_alone():
    rows, settings = planned('--runs center --seeds 0 --ema 0.9 --lr 0.03 --use_bias True '
                             '--ablate ema=0,lr=0.1,use_bias=False')
    assert [row.name for row in rows] == ['center', 'center, ema=0.0', 'center, lr=0.1', 'center, use_bias=False']
    assert [(config['ema'], config['lr'], config['output_use_bias']) for config in settings.values()] == [
        (0.9, 0.03, True), (0, 0.03, True), (0.9, 0.1, True), (0.9, 0.03, False)]


def test_a_swept_flag_that_is_no_lambda_is_swept_for_all():
    _, settings = planned('--runs softmax,keras --seeds 0 --sweep lr=0.1,0.2')
    assert [config['lr'] for config in settings.values()] == [0.1, 0.2, 0.1, 0.2]


def test_a_changed_run_is_compared_with_the_same_unchanged_and_that_with_the_first():
    rows, _ = planned('--runs softmax,center --seeds 0 --ablate ema=0.5')
    assert [(row.name, row.baseline) for row in rows] == [
        ('softmax', None), ('softmax, ema=0.5', 'softmax'), ('center', 'softmax'), ('center, ema=0.5', 'center')]


def test_a_run_of_center_alone_is_refused(capsys):
    with pytest.raises(SystemExit):
        main.parse(['--compare', '--runs', 'softmax,0.5*center'])
    assert '--runs must be one of softmax' in capsys.readouterr().err
