"""What docs/extending.md adds works as it stands there: in a copy of the project, through main.py and its own tests."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from tests.cli import ROOT

BLOCK = re.compile(r'`([^`\n]+)`:\n\n```(python|diff)\n(.*?)```\n', re.DOTALL)


def page():
    with open(os.path.join(ROOT, 'docs', 'extending.md'), encoding='utf-8') as file:
        return file.read()


def patched(text, diff):
    """`text` with a change. In each part, lines with - are there before, those with + after, all others both times."""
    for part in re.split(r'^@@\n', diff, flags=re.MULTILINE):
        before, after = (''.join(line[line != '\n':] for line in part.splitlines(True) if line[0] in ' \n' + sign)
                         for sign in '-+')
        assert before != after and text.count(before) == 1, f'expected once, got {text.count(before)} times:\n{before}'
        text = text.replace(before, after)
    return text


@pytest.fixture(scope='module')
def house(tmp_path_factory):
    """A copy of the project to which all that the page shows has been added."""
    folder = tmp_path_factory.mktemp('house')
    for name in ('center_loss', 'models', 'utils', 'tests'):
        shutil.copytree(os.path.join(ROOT, name), str(folder / name), ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('main.py', 'pyproject.toml'):
        shutil.copy(os.path.join(ROOT, name), str(folder))
    for path, kind, text in BLOCK.findall(page()):
        target = folder / path
        assert target.exists() == (kind == 'diff'), path
        target.write_text(patched(target.read_text(encoding='utf-8'), text) if kind == 'diff' else text,
                          encoding='utf-8')
    return folder


def test_every_block_of_code_says_where_it_goes():
    assert len(BLOCK.findall(page())) == page().count('```python\n') + page().count('```diff\n') > 8


def python(house, *argv):
    done = subprocess.run([sys.executable, *argv], cwd=str(house), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_code_has_the_style_of_the_house(house):
    python(house, '-m', 'ruff', 'check', '--no-cache', 'center_loss', 'models', 'utils')


def test_the_loss_the_miner_and_the_metric_agree_with_their_oracles(house):
    own = 'worst_class or hard_triplets or wrong_order and oracle or proxy_nca and (oracle or module)'
    printed = python(house, '-m', 'pytest', '-n', '0', '-p', 'no:cacheprovider', 'tests/test_doctests.py',
                     'tests/center_loss/metric/test_values.py', 'tests/utils/evaluation/test_worst_class.py',
                     '-k', f'{own} or every_loss or every_miner')
    assert re.search(r'^\d+ passed, \d+ deselected', printed, re.MULTILINE), printed


def test_all_of_them_work_in_one_comparison(house):
    (lines,) = re.findall(r'```console\npython (main\.py .*?)```', page(), re.DOTALL)
    python(house, *shlex.split(lines.replace('\\\n', ' ')))
    folder = house / 'output' / 'extended'
    rows = json.loads((folder / 'table.json').read_text())['rows']
    assert [(row['run'], row['seeds']) for row in rows] == [
        ('warm', 1), ('softmax+0.1*proxy_nca+0.1*triplet:miner=wrong_order', 1)]
    assert all(0 <= row['worst_class']['mean'] <= row['softmax']['mean'] for row in rows)
    assert '| worst class, % |' in (folder / 'table.md').read_text()
    config = json.loads((folder / 'runs' / 'warm-s0' / 'results.json').read_text())['config']
    assert {key: config[key] for key in ('dataset', 'network', 'lmbd_warmup')} == {
        'dataset': 'digits8', 'network': 'mlp', 'lmbd_warmup': 1.0}
