"""The settings of a run: frozen, in groups, and the same as JSON."""
import dataclasses
import json

import pytest

from tests.settings import make_config
from utils.settings.config import ALL_KEYS, FIRST_KEYS, Config


def test_json_gives_the_same_config_back():
    config = make_config(loss='softmax+0.5*arcface', loss_lr=0.1, split_seed=3, gpus=[0, 1])
    saved = json.loads(json.dumps(config.saved()))
    assert Config.of({**make_config().flat(), **saved, 'gpus': [0, 1]}) == config
    assert list(saved) == list(ALL_KEYS)


def test_what_is_of_the_machine_is_not_saved():
    one, other = make_config(data_dir='here', workers=3, threads=1), make_config(data_dir='there')
    assert one.saved() == other.saved() and one != other


def test_nothing_changes_in_place():
    config = make_config()
    for group in dataclasses.fields(config):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(config, group.name, None)
        first = dataclasses.fields(getattr(config, group.name))[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(getattr(config, group.name), first, None)
    assert config.replaced(lr=7.0).training.lr == 7 and config.training.lr == 0.1


def test_only_settings_can_be_replaced():
    with pytest.raises(TypeError, match='expected settings, got eval_method, learning_rate'):
        make_config(learning_rate=1, eval_method='knn', lr=2)


def test_no_setting_is_of_two_groups():
    names = [field.name for group in dataclasses.fields(Config) for field in dataclasses.fields(group.type)]
    assert len(names) == len(set(names)) == len(make_config().flat())
    assert set(FIRST_KEYS) < set(ALL_KEYS) < set(names)


@pytest.mark.parametrize('loss, split, by', [('softmax', 'official', 'softmax'), ('arcface', 'official', 'recall_at_1'),
                                             ('softmax', 'zero_shot', 'recall_at_1')])
def test_an_epoch_is_chosen_by_accuracy_where_trained_classes_are_judged(loss, split, by):
    config = make_config(loss=loss, split=split)
    assert config.selected_by == by
    assert (config.lacking('softmax') is None) == (by == 'softmax')
    assert (config.lacking('neighbors') is None) == (split == 'official')
