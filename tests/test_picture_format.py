"""--picture_format: still pictures as files that can be enlarged, and as nothing else."""
import os

import pytest

from tests.cli import QUICK, refused, succeed


@pytest.mark.parametrize('kind, start', [('svg', b'<?xml'), ('pdf', b'%PDF')])
def test_curves_and_the_feature_map_of_a_test_are_of_the_kind_that_was_asked_for(tmp_path, kind, start):
    printed = succeed(f'--train --test --prefix run --epochs 1 {QUICK} --plotting --picture_format {kind}', tmp_path)
    output = tmp_path / 'output' / 'run'
    pictures = {name for name in os.listdir(output) if name.endswith(('.png', '.svg', '.pdf'))}
    still = {f'curves.{kind}', f'map.{kind}', f'test-softmax.{kind}', f'test-softmax-confusion.{kind}'}
    assert pictures - still == {'test-softmax-confused.png'}, 'a sheet of images stays png'
    for name in still:
        assert (output / name).read_bytes().startswith(start) and name in printed
    assert (output / 'val.gif').exists() and (output / 'frames' / 'val-001.png').exists()


def test_a_comparison_has_its_curves_for_the_report_and_of_the_kind_that_was_asked_for(tmp_path):
    succeed(f'--compare --runs softmax --seeds 0 --prefix pair --epochs 1 {QUICK} --plotting --picture_format svg',
            tmp_path)
    made = set(os.listdir(tmp_path / 'output' / 'pair'))
    assert {'curves.png', 'curves.svg', 'grid.png', 'grid.svg', 'report.html'} <= made
    assert (tmp_path / 'output' / 'pair' / 'runs' / 'softmax-s0' / 'curves.svg').exists()


def test_another_kind_is_refused(tmp_path):
    assert 'svg' in refused('--train --plotting --picture_format jpg', tmp_path)
