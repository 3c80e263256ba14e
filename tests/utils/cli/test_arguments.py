"""The command line: what is understood, what is refused, and with which words."""
import pytest

from tests.cli import parse
from utils.settings.presets import PRESETS


def test_what_a_preset_says_of_another_implementation_is_not_written_down_as_if_it_had_been_done():
    best = parse('--train --preset best --center_impl dense').config.center
    assert (best.center_update, best.balance, best.lmbd) == ('autograd', True, 1.0)


def test_defaults_are_the_published_ones():
    request = parse('--train')
    expected = {'epochs': 10, 'lr': 0.1, 'lr_step': 10, 'lr_factor': 0.1, 'wd': 1e-4, 'lmbd': 1.0, 'alpha': 0.5,
                'batch_size': 128, 'num_classes': 10, 'feature_size': 2, 'center_loss': False, 'balance': True,
                'use_gpu': False, 'gpus': None, 'dataset': 'mnist', 'network': 'lenet_plus',
                'center_impl': 'embedding', 'loss': 'softmax'}
    settings = request.config.flat()
    assert {key: settings[key] for key in expected} == expected
    assert request.paths == ('ckpt', 'output', 'softmax') and not request.plotting
    assert request.evaluation.eval_method == 'softmax'


@pytest.mark.parametrize('text, value', [('True', True), ('False', False), ('false', False), ('0', False)])
def test_use_gpu_false_means_false(text, value):
    assert parse(f'--train --use_gpu {text}').config.machine.use_gpu is value


def test_use_bias_sets_both_layers_and_each_layers_flag_wins():
    def biases(text):
        network = parse('--train ' + text).config.network
        return network.feature_use_bias, network.output_use_bias
    assert biases('') == (True, True)
    assert biases('--use_bias False') == (False, False)
    assert biases('--use_bias False --output_use_bias True') == (False, True)
    assert biases('--feature_use_bias False') == (False, True)


def test_typed_is_what_the_command_line_says_and_explicit_what_that_means():
    request = parse('--test --lmbd 1 --use_bias False --offline')
    assert request.modes == ('test',)
    assert request.typed == {'lmbd': 1.0, 'use_bias': False, 'offline': True}
    assert request.explicit == {'lmbd': 1.0, 'feature_use_bias': False, 'output_use_bias': False}


def test_a_center_term_says_what_two_flags_say_and_no_more_is_explicit():
    assert parse('--train --loss softmax+0.2*center').explicit == {'loss': 'softmax', 'center_loss': True, 'lmbd': 0.2}
    assert parse('--train --loss arcface --center_loss').explicit == {'loss': 'arcface', 'center_loss': True}


def test_explicit_holds_what_a_preset_says_too_but_for_its_epochs():
    request = parse('--train --preset keras --lr 0.5')
    assert {**PRESETS['keras'], 'lr': 0.5}.items() - request.explicit.items() == {('epochs', 10)}
    assert parse('--train --preset best --output_use_bias True').explicit['output_use_bias'] is True
    assert parse('--train --preset best').explicit['feature_use_bias'] is False
    assert parse('--train --preset best --center_impl dense').explicit['center_update'] == 'autograd'


def test_what_changes_nothing_in_another_implementation_is_still_compared_with_the_checkpoint():
    request = parse('--test --center_impl dense --center_update paper')
    assert request.explicit == {'center_impl': 'dense', 'center_update': 'paper'}


def test_gpus_is_a_list_of_numbers():
    assert parse('--train --gpus 0,1').config.machine.gpus == [0, 1]


def test_selecting_on_test_trains_on_everything_unless_told_otherwise():
    assert parse('--train').config.data.val_fraction == 0.1
    assert parse('--train --select_on test').config.data.val_fraction == 0
    assert parse('--train --select_on test --val_fraction 0.2').config.data.val_fraction == 0.2


def test_help_groups_the_flags_and_shows_every_default(capsys):
    with pytest.raises(SystemExit) as exit:
        parse('--help')
    text = capsys.readouterr().out
    assert exit.value.code == 0
    for group in ('mode', 'run', 'data', 'network', 'loss', 'training', 'test', 'machine'):
        assert f'\n{group}' in text
    flags = [part.split()[0] for part in text.split('\n  --')[1:]]
    shown = [part for part in text.split('\n  --')[1:] if '(default: ' in ' '.join(part.split())]
    assert len(flags) > 35 and len(shown) == len(flags)


def test_a_preset_sets_its_flags_and_any_flag_given_wins():
    request = parse('--train --preset paper --lmbd 0.5')
    center = request.config.center
    assert (center.center_loss, center.center_update, center.balance, center.lmbd) == (True, 'paper', False, 0.5)
    assert request.typed == {'preset': 'paper', 'lmbd': 0.5}


@pytest.mark.parametrize('name', PRESETS)
def test_every_preset_is_made_of_flags_that_exist_and_help_shows_them(name, capsys):
    config = parse(f'--train --preset {name}').config
    made = {**config.flat(), 'use_bias': config.network.feature_use_bias}
    assert {key: made[key] for key in PRESETS[name]} == PRESETS[name]
    with pytest.raises(SystemExit):
        parse('--help')
    text = capsys.readouterr().out
    assert all(f'--{key}' in text.split(f'\n  {name}: ')[1].splitlines()[0] for key in PRESETS[name])
