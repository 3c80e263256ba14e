"""What the README says is so: its example runs on an installed library, its figures are those of committed results."""
import json
import os
import re
import subprocess
import sys

import pytest

from tests.cli import ROOT


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


def test_the_example_runs_on_the_library_installed_from_the_checkout_alone(tmp_path):
    """Into an empty folder, from which neither `models` nor `utils` can be imported."""
    subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--no-build-isolation',
                    '--target', str(tmp_path / 'site'), ROOT], check=True, capture_output=True)
    example = re.search(r'```python\n(.*?)```', read('README.md'), re.DOTALL).group(1)
    assert len(example.strip().splitlines()) == 12
    check = ('\nimport center_loss, numpy, sys\nassert numpy.isfinite(loss.asnumpy()).all() and loss.shape == (128,)\n'
             'assert abs(center.centers.asnumpy()).max() > 0\nprint(center_loss.__file__, "utils" in sys.modules)')
    answer = subprocess.run([sys.executable, '-c', example + check], cwd=str(tmp_path), capture_output=True, text=True,
                            check=True, env={**os.environ, 'PYTHONPATH': str(tmp_path / 'site')})
    assert answer.stdout.strip() == f'{tmp_path}/site/center_loss/__init__.py False'


def test_every_local_link_and_picture_of_the_readme_is_there():
    links = re.findall(r'\]\(([^)]+)\)', read('README.md'))
    assert len(links) > 5
    for link in links:
        assert os.path.exists(os.path.join(ROOT, link)), link


@pytest.mark.parametrize('run', ['mnist-bias-True', 'mnist-bias-False'])
def test_the_table_of_the_readme_is_that_of_the_committed_results(run):
    results = json.loads(read('output', 'reference', run, 'results.json'))
    test, epoch = results['test'], results['selection']['epoch']
    row = f'| {run} | {test["softmax"]:.4f} | {test["knn"]:.4f} | {epoch} |'
    assert row in read('README.md')
    assert results['command'].split(' --data_dir ')[0] in read('README.md')


def test_the_gpu_requirements_are_the_cpu_ones_but_for_mxnet_and_cuda():
    def packages(name):
        lines = [line.split('#')[0].strip() for line in read(name).splitlines()]
        return {line for line in lines if line and not re.match(r'mxnet|nvidia-', line)}
    assert packages('requirements.txt') == packages('requirements-gpu.txt')
    assert 'mxnet==1.9.1' in read('requirements.txt') and 'mxnet-cu112==1.9.1' in read('requirements-gpu.txt')


@pytest.mark.parametrize('run', ['softmax', 'center', 'parameter', 'dense', 'paper'])
def test_the_table_of_variants_is_that_of_the_committed_comparisons(run):
    cells = []
    for bias in ('False', 'True'):
        table = read('output', 'reference', f'mnist5k-lenet-bias-{bias}', 'table.md')
        (row,) = [line for line in table.splitlines() if line.startswith(f'| {run} |')]
        cells += [cell.strip() for cell in row.split('|')[3:5]]
        command = json.loads(read('output', 'reference', f'mnist5k-lenet-bias-{bias}', 'table.json'))['command']
        assert command.replace(f'bias-{bias}', 'bias-False').replace(f'use_bias {bias}', 'use_bias False') in read(
            'README.md')
    assert f'| {run} | ' + ' | '.join(cells) + ' |' in read('README.md')
