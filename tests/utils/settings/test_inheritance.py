"""What a run takes over from another."""
import pytest

import main
from tests.settings import make_config
from utils.errors import UserError
from utils.settings.config import ALL_KEYS
from utils.settings.inheritance import inherit, merged_versions, take_up


def test_a_config_is_inherited_and_a_contradiction_names_both_values():
    request = main.parse(['--test', '--network', 'lenet', '--lmbd', '2'])
    saved = {**request.config.saved(), 'feature_size': 8, 'lmbd': 1.0}
    inherited = inherit(request.config, request.explicit, saved, ['network', 'feature_size'], 'x')
    assert inherited.network.feature_size == 8 and inherited.center.lmbd == 2, 'lmbd was not among the keys'
    with pytest.raises(UserError, match=r'--lmbd 2\.0 contradicts x\.params, which was made with --lmbd 1\.0'):
        inherit(request.config, request.explicit, saved, ALL_KEYS, 'x.params')


@pytest.mark.parametrize('key', sorted({*ALL_KEYS} - {'dtype'}))
def test_a_config_that_lacks_a_setting_is_refused(key):
    config = make_config()
    saved = {other: value for other, value in config.saved().items() if other != key}
    with pytest.raises(UserError, match=f'x was made by another version of this program: it does not say --{key}$'):
        inherit(config, {}, saved, ['network'], 'x')


def test_another_dtype_is_taken_where_it_is_asked_for_and_what_is_older_had_float32():
    low = make_config(dtype='bfloat16')
    old = {key: value for key, value in low.saved().items() if key != 'dtype'}
    keys = ['network', 'dtype']
    for explicit, saved, dtype in (({}, low.saved(), 'bfloat16'), ({'dtype': 'float32'}, low.saved(), 'float32'),
                                   ({}, old, 'float32'), ({'dtype': 'bfloat16'}, old, 'bfloat16')):
        now = make_config(**explicit)
        assert inherit(now, explicit, saved, keys, 'x').training.dtype == dtype
    with pytest.raises(UserError, match=r'--dtype float32 contradicts x, which was made with --dtype bfloat16$'):
        inherit(make_config(), {'dtype': 'float32'}, low.saved(), keys, 'x', changeable=())


def test_a_run_that_changed_its_dtype_says_both():
    begun = {'stage': 'train', 'plotting': False, 'command': 'first', 'config': make_config().saved(), 'epoch': 2,
             'versions': {'threads': '1'}}
    call = {'stage': 'train', 'plotting': False, 'command': 'second', 'versions': {'threads': '1'}}
    meta, config = take_up(call, make_config(), {'dtype': 'bfloat16'}, begun, 'x')
    assert meta == {**call, 'versions': {'threads': '1', 'dtype': 'float32, bfloat16'}}
    assert config.training.dtype == 'bfloat16'
    again, _ = take_up(call, make_config(), {}, {**begun, **meta, 'config': config.saved()}, 'x')
    assert again['versions']['dtype'] == 'float32, bfloat16', 'also of what was changed before'


def test_a_resumed_run_has_the_settings_and_the_command_it_was_begun_with_unless_it_gets_more_epochs():
    made, now = make_config(lr=0.5, epochs=3), make_config(data_dir='here')
    begun = {'stage': 'train', 'plotting': True, 'command': 'first', 'config': made.saved(), 'epoch': 2,
             'versions': {'threads': '1'}}
    call = {'stage': 'train', 'plotting': False, 'command': 'second', 'versions': {'threads': '2'}}
    meta, config = take_up(call, now, {}, begun, 'x')
    assert meta == {**call, 'plotting': True, 'command': 'first', 'versions': {'threads': '1, 2'}}
    assert config == made.replaced(data_dir='here'), 'where the files are is of the call'
    meta, config = take_up(call, now, {'epochs': 4}, begun, 'x')
    assert (meta['command'], config) == ('second', made.replaced(epochs=4, data_dir='here'))
    with pytest.raises(UserError, match='--epochs must be at least 2, the epochs that x has, got 1'):
        take_up(call, now, {'epochs': 1}, begun, 'x')


def test_versions_that_differ_are_all_named():
    assert merged_versions([{'threads': '1', 'commit': None}, {'threads': '2', 'commit': None}, {'threads': '1'}]) == {
        'threads': '1, 2', 'commit': None}
    assert merged_versions([{'threads': '2'}, {'threads': '2, 1'}]) == {'threads': '2, 1'}
    assert merged_versions([]) == {}
