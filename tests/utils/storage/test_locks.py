"""Who writes the files of a run holds its name; the kernel lets go of it when the process is gone."""
import os
import subprocess
import sys

import pytest

from tests.cli import ROOT
from utils.errors import UserError
from utils.storage import locks

HOLD = 'import sys\nfrom utils.storage import locks\n' \
       'with locks.held(sys.argv[1:], ["run"]): print(flush=True) or input()'


def hold(*folders):
    """A process that holds the name run in `folders`."""
    process = subprocess.Popen([sys.executable, '-c', HOLD, *map(str, folders)], cwd=ROOT, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == '\n'
    return process


def try_to_hold(*folders, names=('run',)):
    with locks.held(list(map(str, folders)), names):
        return [name for folder in folders for name in os.listdir(folder)]


def test_a_second_is_refused_with_the_process_until_the_first_is_gone_even_if_it_was_killed(tmp_path):
    with hold(tmp_path / 'ckpt', tmp_path / 'out') as first:
        for folders in ('ckpt', 'other'), ('other', 'out'):  # either is enough
            with pytest.raises(UserError, match=fr'run is being written by process {first.pid}: wait '):
                try_to_hold(*(tmp_path / folder for folder in folders))
        assert try_to_hold(tmp_path / 'out', names=['run-second']) == ['.run.lock', '.run-second.lock']
        first.kill()
    assert os.listdir(tmp_path / 'out') == ['.run.lock']
    assert try_to_hold(tmp_path / 'ckpt', tmp_path / 'out') == ['.run.lock'] * 2
    assert os.listdir(tmp_path / 'out') == os.listdir(tmp_path / 'ckpt') == []


def test_the_same_folder_by_two_names_is_held_once(tmp_path):
    (tmp_path / 'link').symlink_to(tmp_path)
    assert sorted(try_to_hold(tmp_path, tmp_path / 'link')) == ['.run.lock', '.run.lock', 'link', 'link']


def test_what_is_held_without_anything_written_leaves_no_folder(tmp_path):
    with locks.held([str(tmp_path / 'a')], []):
        assert os.listdir(tmp_path) == []
    with locks.held([str(tmp_path / 'a' / 'b')], ['run']):
        assert os.listdir(tmp_path / 'a' / 'b') == ['.run.lock']
    assert os.listdir(tmp_path) == []
    with pytest.raises(KeyError), locks.held([str(tmp_path / 'a' / 'b'), str(tmp_path / 'c')], ['run']):
        (tmp_path / 'c' / 'file').write_text('')
        raise KeyError
    assert os.listdir(tmp_path) == ['c'] and os.listdir(tmp_path / 'c') == ['file']


def test_a_folder_that_takes_no_lock_is_named(tmp_path):
    (tmp_path / '.run.lock').mkdir()
    with pytest.raises(UserError, match=f'cannot write to {tmp_path}: Is a directory'):
        try_to_hold(tmp_path)
