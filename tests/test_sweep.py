"""The sweep sees what it is there to see, and a few of its cases run."""
import os
import stat

import pytest

import main
from tests.sweep import damaged
from tests.sweep.child import Ended, Runner
from tests.sweep.lines import Generator
from tests.sweep.run import find_faults

ERROR = 'main.py: error: --epochs must be above 0\n'


@pytest.mark.parametrize('status, err, argv, expected', [
    (0, '', [], []),
    (0, 'main.py: warning: left out photo x\n', [], []),
    (2, ERROR, [], []),
    (2, 'main.py: warning: left out photo x\n' + ERROR, [], []),
    (1, '', ['--compare'], []),
    (130, '\nmain.py: interrupted\n', [], []),
    (1, '', ['--train'], ['other fault']),
    (2, '', [], ['other fault']),
    (2, 2 * ERROR, [], ['other fault']),
    (0, ERROR, [], ['other fault']),
    (1, 'Traceback (most recent call last):\n', ['--train'], ['traceback']),
    (2, 'Exception ignored in: <file>\n' + ERROR, [], ['traceback']),
    (-11, '', [], ['crash']),
    (None, '', [], ['hang']),
])
def test_every_bad_end_is_a_fault_and_no_good_one(status, err, argv, expected):
    assert [kind for kind, _ in find_faults(Ended(status, '', err, 1.0), argv)] == expected


def test_a_traceback_in_the_log_of_a_run_is_one():
    ((kind, _),) = find_faults(Ended(1, '', '', 1.0), ['--compare'], ['epoch 1\nTraceback (most recent call last):\n'])
    assert kind == 'traceback'


def test_a_case_over_the_limit_is_stopped(tmp_path):
    assert Runner(str(tmp_path), limit=0.001).alone(['--help'], str(tmp_path)).status is None


def test_lines_that_the_flags_alone_refuse_end_with_one_line(tmp_path, capsys):
    generator, runner = Generator(0), Runner(str(tmp_path), limit=60)
    assert generator.line(5) == Generator(0).line(5) != Generator(1).line(5)
    refused = []
    for number in range(100):
        argv = generator.line(number)[0]
        try:
            main.parse(argv)
        except SystemExit as error:
            refused += [argv] * (error.code == 2)
    capsys.readouterr()
    assert len(refused) > 30
    for argv in refused[:8]:
        ended = runner.alone(argv, str(tmp_path))
        assert (ended.status, ended.out, find_faults(ended, argv)) == (2, '', []), argv


def test_every_way_to_damage_every_kind_of_file_leaves_another_file(tmp_path):
    content = b'{"epoch": 10, "history": [1, 2]}' + bytes(8)
    for pattern in {pattern for kind in damaged.KINDS for pattern in kind.paths}:
        path = tmp_path / pattern.replace('*', 'x')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    done = set()
    for number in range(20 * len(damaged.KINDS)):
        argv, kind, name, damage = damaged.case(0, number, str(tmp_path))
        damage(str(tmp_path))
        way, _, path = name.partition(': ')
        assert '{}' not in argv
        assert not stat.S_ISREG(os.lstat(tmp_path / path).st_mode) or (tmp_path / path).read_bytes() != content, name
        os.rmdir(tmp_path / path) if way == 'folder' else os.remove(tmp_path / path)
        (tmp_path / path).write_bytes(content)
        done.add((kind, way))
    assert {kind for kind, _ in done} == {kind.name for kind in damaged.KINDS}
    assert {'folder', 'pipe', 'endless', 'loop', 'empty', 'flip', 'cut', 'zeros', 'text'} <= {way for _, way in done}
