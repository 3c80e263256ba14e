"""Which runs of a comparison are finished, by their files, some of which may be missing."""

import pytest

import main
from tests.settings import make_config
from tests.utils.comparison.made import make_comparison, write_run
from utils.comparison.plan import Step, plan
from utils.errors import UserError


def test_a_finished_run_stays_so_whatever_its_config_says_of_what_changes_nothing_in_it(tmp_path):
    comparison = make_comparison(tmp_path)
    (step,) = plan(main.parse(['--compare', '--runs', 'softmax', '--seeds', '0']).comparison)[1]
    made = make_config(center_update='paper', per_class=9).saved()
    folder = tmp_path / 'both' / 'runs' / 'softmax-s0'
    for config, finished in ((made, True), ({**made, 'lr': 0.2}, False)):
        write_run(folder, **config, accuracy=0.9)
        if finished:
            assert comparison.complete([step]) == {}, 'there is nothing to make'
        else:
            with pytest.raises(UserError, match=r'softmax-s0 was made with --lr 0\.2, and now it is 0\.1'):
                comparison.complete([step])


def test_pictures_cannot_be_added_to_runs_that_are_finished(tmp_path):
    """Their features of every epoch are gone: said before another run is made, whether a first or a second one."""
    comparison = make_comparison(tmp_path)
    for prefix, mode in (('softmax-s0', 'train'), ('center-s0-second', 'second_train')):
        write_run(tmp_path / 'both' / 'runs' / prefix, accuracy=0.9, **make_config().saved())
        step = Step(prefix, {mode: True, 'prefix': prefix})
        assert comparison.complete([step]) == {}
        with pytest.raises(UserError, match=f'{prefix} was made without --plotting.*choose another --prefix'):
            comparison.complete([Step(prefix, {**step.flags, 'plotting': True})])
