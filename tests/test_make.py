"""make, on machines with other Pythons than this one."""
import os
import shutil
import subprocess
import sys

import pytest

from tests.cli import ROOT

pytestmark = pytest.mark.skipif(shutil.which('make') is None, reason='make is not installed')


def make_demo(folder, pythons):
    """Run `make demo` where the PATH has nothing but what make needs and `pythons`, {name: minor version of Python 3}.

    Each is this Python, told that it is another version, and stops when it is asked for a venv. Returns the name of the
    one that was asked, or None, and the finished process.
    """
    tools = folder / 'bin'
    tools.mkdir()
    for name in ('make', 'sh', 'touch'):
        os.symlink(shutil.which(name), tools / name)
    for name, minor in pythons.items():
        (tools / name).write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} -c '
                                  f'"import sys; sys.version_info = (3, {minor}, 0); $2"\n'
                                  f'echo {name} > {folder}/asked\nexit 1\n')
        (tools / name).chmod(0o755)
    for name in ('Makefile', 'requirements.txt'):
        shutil.copy(os.path.join(ROOT, name), str(folder / name))
    done = subprocess.run(['make', 'demo'], cwd=str(folder), capture_output=True, text=True, env={'PATH': str(tools)})
    asked = folder / 'asked'
    return asked.read_text().strip() if asked.exists() else None, done


@pytest.mark.parametrize('pythons, chosen', [
    ({'python3': 8}, 'python3'), ({'python3': 10, 'python3.12': 12}, 'python3'),
    ({'python3': 14, 'python3.9': 9, 'python3.13': 13}, 'python3.13')])
def test_it_takes_the_machines_own_python_or_else_the_newest_that_fits(tmp_path, pythons, chosen):
    assert make_demo(tmp_path, pythons)[0] == chosen


@pytest.mark.parametrize('pythons', [{'python3': 7}, {'python3': 14}, {}])
def test_without_a_python_that_mxnet_runs_on_it_says_how_to_get_one(tmp_path, pythons):
    asked, done = make_demo(tmp_path, pythons)
    assert asked is None and done.returncode != 0
    assert 'This needs Python 3.8 to 3.13 with venv' in done.stderr and 'python3-venv' in done.stderr
    assert 'uv venv --seed --python 3.13 .venv' in done.stderr
    assert 'Traceback' not in done.stderr and not (tmp_path / '.venv').exists()
