"""What the README says is so: its example runs on an installed library, its figures are those of committed results."""
import json
import os
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import ttest_rel

from benchmarks.reference import COMPARISONS, flags_of, renew
from tests.cli import ROOT


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


def test_the_example_runs_on_the_library_installed_from_the_checkout_alone(tmp_path):
    """Into an empty folder, from which neither `models` nor `utils` can be imported."""
    subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--no-build-isolation',
                    '--target', str(tmp_path / 'site'), ROOT], check=True, capture_output=True)
    assert (tmp_path / 'site' / 'center_loss' / 'py.typed').is_file()  # without it no checker reads the annotations
    example = re.search(r'```python\n(.*?)```', read('README.md'), re.DOTALL).group(1)
    assert len([line for line in example.splitlines() if line.strip()]) == 15
    check = ('\nimport center_loss, numpy, sys\nassert numpy.isfinite(loss.asnumpy()).all() and loss.shape == (128,)\n'
             'assert abs(center.centers.asnumpy()).max() > 0\nprint(center_loss.__file__, "utils" in sys.modules)')
    answer = subprocess.run([sys.executable, '-c', example + check], cwd=str(tmp_path), capture_output=True, text=True,
                            check=True, env={**os.environ, 'PYTHONPATH': str(tmp_path / 'site')})
    assert answer.stdout.strip() == f'{tmp_path}/site/center_loss/__init__.py False'


def headings(text):
    """The names under which GitHub links to the headings of a page."""
    return [re.sub(r'[^\w -]', '', line.lstrip('#').strip().lower()).replace(' ', '-')
            for line in text.splitlines() if re.match('#+ ', line)]


@pytest.mark.parametrize('page', ['README.md', 'docs/results.md', 'docs/extending.md', 'CONTRIBUTING.md'])
def test_every_local_link_and_picture_is_there(page):
    links = re.findall(r'\]\(([^)]+)\)', read(page))
    assert links
    for link in links:
        path, _, heading = link.partition('#')
        if not link.startswith('https://'):
            there = os.path.join(os.path.dirname(page), path) if path else page
            assert os.path.exists(os.path.join(ROOT, there)), link
            assert not heading or heading in headings(read(there)), link


def test_the_results_are_those_of_the_committed_comparisons():
    text = read('docs', 'results.md')
    assert renew(text) == text, 'renew it by: python -m benchmarks.reference'


_CENTER_BIRDS, _CENTER_CARS = 'softmax+0.03*center@lr=0.001', 'softmax+0.03*center@lr=0.003'


@pytest.mark.parametrize('name, run, figure, quoted', [
    ('cub80-retrieval', _CENTER_BIRDS, 'map_at_r', 'raises MAP@R: by {} points on birds ({} to {})'),
    ('cub80-retrieval', _CENTER_BIRDS, 'recall_at_1', 'nothing that shows: {} on birds ({} to {})'),
    ('cars146-retrieval', _CENTER_CARS, 'map_at_r', 'and by {} on cars ({} to {})'),
    ('cub80-untrained', _CENTER_BIRDS, 'map_at_r', 'softmax with center loss ({}, {} to {})'),
    ('cub80-untrained', 'softtriple@lr=0.003', 'map_at_r', 'and SoftTriple ({}, {} to {})'),
    ('cars146-untrained', 'normalized_softmax@lr=0.003', 'recall_at_1', 'normalized softmax adds {} points ({} to {})'),
    ('birds21-frozen', 'softmax+0.03*center', 'softmax',
     '{} points of accuracy (95 % interval of the paired difference: {} to {})'),
    ('birds21-frozen', 'softmax+0.03*center', 'recall_at_1', 'recall at 1 by {} points ({} to {})'),
    ('birds21-frozen', 'softmax+0.03*center', 'map_at_r', 'MAP@R by {} ({} to {})'),
    ('birds21-tuned', 'softmax+0.03*center', 'softmax',
     'by {} points (95 % interval of the paired difference: {} to {})'),
    ('birds21-tuned', 'softmax+0.03*center', 'map_at_r', 'MAP@R rises by {} points ({} to {})'),
    ('mnist5k-bias-True', 'center', 'softmax', "95 % interval of the difference {1} to {2}"),
    ('mnist5k-bias-False', 'center', 'softmax', "can't be told from the 94.8 % of softmax alone ({1} to {2})"),
])
def test_the_differences_that_its_sentences_name_are_those_of_the_committed_results(name, run, figure, quoted):
    """Over seeds or, where classes were drawn, over the draws; the first row is what the others are compared with."""
    rows = json.loads(read('output', 'reference', name, 'table.json'))['rows']
    (other,) = (row for row in rows if row['run'] == run)
    first, other = (np.multiply(row[figure]['values'], 100) for row in (rows[0], other))
    if 'splits' in rows[0]:
        first, other = (values.reshape(5, 2).mean(axis=1) for values in (first, other))
    interval = ttest_rel(other, first).confidence_interval()
    quoted = quoted.format(*(f'{value:.1f}' for value in (np.mean(other - first), *interval)))
    assert quoted in ' '.join(read('docs', 'results.md').split())


def test_every_reference_comparison_was_made_by_the_command_that_makes_it_again():
    assert len(COMPARISONS) > 20
    for name in COMPARISONS:
        paths = [os.path.join('output', 'reference', name, part)
                 for part in ('table.json', 'results.json', 'implementations.json')]
        path, = (path for path in paths if os.path.exists(os.path.join(ROOT, path)))  # one that is missing fails here
        command = shlex.split(json.loads(read(path))['command'])
        folder = command[command.index('--data_dir') + 1] if '--data_dir' in command else None
        assert sorted(command) == sorted(['python', 'main.py', *flags_of(name, folder)]), name


def test_the_table_of_the_readme_is_that_of_the_committed_results():
    made = json.loads(read('output', 'reference', 'bias', 'table.json'))
    for row in made['rows']:
        figures = ' | '.join(f'{100 * row[key]["mean"]:.2f}' for key in ('softmax', 'knn'))
        assert f'| {row["run"]} | {figures} |' in read('README.md')
    assert made['command'] in ' '.join(read('README.md').replace('\\\n', ' ').split())


@pytest.mark.parametrize('file, package', [('requirements-gpu.txt', 'mxnet-cu112'),
                                           ('requirements-gpu-cu117.txt', 'mxnet-cu117')])
def test_the_gpu_requirements_are_the_cpu_ones_but_for_mxnet_and_cuda(file, package):
    def packages(name):
        lines = [line.split('#')[0].strip() for line in read(name).splitlines()]
        return {line for line in lines if line and not re.match(r'mxnet|nvidia-', line)}
    assert packages('requirements.txt') == packages(file)
    assert 'mxnet==1.9.1' in read('requirements.txt') and f'{package}==1.9.1' in read(file)
    assert f'`{file}`' in read('README.md')
