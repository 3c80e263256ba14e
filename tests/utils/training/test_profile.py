"""What a training spends its time on."""
import json
import os
import stat

from mxnet import nd

from utils.training.profile import PARTS, Profile, unmeasured


class Clock:
    """Tells what time it is, which a test decides."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def spend(part, clock, seconds):
    with part:
        nd.dot(nd.ones((2, 2)), nd.ones((2, 2)))
        clock.now += seconds


def written(profile, tmp_path):
    profile.write(str(tmp_path / 'profile.json'), 'main.py', {})
    return json.loads((tmp_path / 'profile.json').read_text())


def test_parts_are_added_up_and_what_is_in_none_is_other(tmp_path):
    clock = Clock()
    profile = Profile(clock)
    for seconds, part in enumerate((*PARTS, 'evaluation')):
        spend(profile.part(part), clock, seconds)
    clock.now += 9
    found = written(profile, tmp_path)
    assert found['seconds'] == {'data': 0, 'forward': 1, 'backward': 2, 'update': 3, 'evaluation': 4 + 6, 'drawing': 5,
                                'other': 9}
    assert found['shares'] == {part: seconds / 30 for part, seconds in found['seconds'].items()}


def test_operators_are_those_of_fifty_steps_after_the_first_and_of_nothing_beside_them(tmp_path):
    clock = Clock()
    for steps, counted in ((1, 0), (2, 1), (60, 50), (3, 2)):  # one run after another, as --second_train is
        profile = Profile(clock)
        for _ in range(steps):
            for part in ('data', 'forward', 'backward', 'evaluation'):
                spend(profile.part(part), clock, 1)
            spend(unmeasured('forward'), clock, 1)
        found = written(profile, tmp_path)
        calls = {operator['name']: operator['calls'] for operator in found['operators']}
        assert (found['steps'], calls.get('dot', 0)) == (steps, 2 * counted)
        assert abs(sum(operator['share'] for operator in found['operators']) - bool(counted)) < 1e-9


def test_what_fails_inside_a_part_is_not_swallowed_and_counts(tmp_path):
    clock = Clock()
    profile = Profile(clock)
    try:
        with profile.part('drawing'):
            clock.now += 2
            raise KeyError
    except KeyError:
        assert written(profile, tmp_path)['seconds']['drawing'] == 2
    else:
        raise AssertionError


def test_it_removes_no_file_but_its_own(tmp_path):
    """MXNet unlinks the file that its trace would go to: of root's, the null device itself."""
    before = os.lstat(os.devnull).st_ino
    profile = Profile()
    spend(profile.part('forward'), Clock(), 1)
    written(profile, tmp_path)
    now = os.lstat(os.devnull)
    assert now.st_ino == before and stat.S_ISCHR(now.st_mode)
