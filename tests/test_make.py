"""make, on a machine whose only Python is too new."""
import os
import shutil
import subprocess

import pytest

from tests.cli import ROOT


@pytest.mark.skipif(shutil.which('make') is None, reason='make is not installed')
def test_without_a_python_that_mxnet_runs_on_it_says_how_to_get_one(tmp_path):
    """A Python that fails the version check stands for a newer one; the PATH has nothing else but what make needs."""
    tools = tmp_path / 'bin'
    tools.mkdir()
    for name in ('make', 'sh', 'touch'):
        os.symlink(shutil.which(name), tools / name)
    (tools / 'python3').write_text('#!/bin/sh\nexit 1\n')
    (tools / 'python3').chmod(0o755)
    for name in ('Makefile', 'requirements.txt'):
        shutil.copy(os.path.join(ROOT, name), str(tmp_path / name))
    done = subprocess.run(['make', 'demo'], cwd=str(tmp_path),
                          capture_output=True, text=True, env={'PATH': str(tools)})
    assert done.returncode != 0
    assert 'This needs Python 3.8 to 3.11' in done.stderr and 'uv venv --seed --python 3.11 .venv' in done.stderr
    assert 'Traceback' not in done.stderr and not (tmp_path / '.venv').exists()
