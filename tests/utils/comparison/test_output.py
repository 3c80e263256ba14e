"""What a comparison writes from the files of its runs, some of which may be missing or damaged."""
import json
import re

import numpy as np
import pytest
from scipy.stats import ttest_rel

from tests.utils.comparison.made import make_comparison, write_run
from utils.comparison.output import _differences, write_comparison
from utils.comparison.plan import Row
from utils.comparison.variants import Variant
from utils.errors import UserError


def test_a_seed_that_failed_shifts_no_pair(tmp_path):
    """Seeds are given in no order, and accuracy differs more between them than between rows."""
    accuracies = {'softmax': {7: 0.9, 2: 0.7, 5: 0.8}, 'center': {7: 0.93, 3: 0.5, 2: 0.71, 5: 0.82}}
    rows = [Row(name, [f'{name}-s{seed}' for seed in (7, 3, 2, 5)], baseline)
            for name, baseline in (('softmax', None), ('center', 'softmax'))]
    for name, found in accuracies.items():
        for seed, accuracy in found.items():
            write_run(tmp_path / 'both' / 'runs' / f'{name}-s{seed}', seed, accuracy)
    comparison = make_comparison(tmp_path)
    written = write_comparison(comparison, 'python main.py', rows, {'softmax-s3': 'it failed'})
    assert str(tmp_path / 'both' / 'forest.png') in written and not any('grid' in path for path in written)
    names, panels, over = _differences([{**row, 'baseline': 'softmax'} for row in json.loads(
        (tmp_path / 'both' / 'table.json').read_text())['rows']])
    assert names == ['center'] and list(panels) == ['softmax']
    assert panels['softmax'][0].runs == pytest.approx([0.03, 0.01, 0.02]) and over == '3 seeds', 'not the third'
    softmax, center = json.loads((tmp_path / 'both' / 'table.json').read_text())['rows']
    assert softmax['finished'] == [7, 2, 5] and center['finished'] == [7, 3, 2, 5]
    low, high = ttest_rel([0.93, 0.71, 0.82], [0.9, 0.7, 0.8]).confidence_interval()
    assert center['difference']['softmax'] == {
        'mean': pytest.approx(np.mean([0.03, 0.01, 0.02])), 'low': pytest.approx(low), 'high': pytest.approx(high),
        'seeds': [7, 2, 5]}
    said, first, second = (tmp_path / 'both' / 'table.md').read_text().split('\n\n')[:3]
    assert said.splitlines() == [
        '- softmax: the baseline',
        f"- center: can't be told from softmax by softmax ({low * 100:.1f} to {high * 100:.1f}; 3 seeds)"]
    assert '| softmax | 3 of 4 | 80.00 ± 10.00 |' in first
    assert f'| center | 3 | 2.00 ({low * 100:.2f} to {high * 100:.2f}) |' in second


def test_where_rows_have_several_baselines_the_forest_plot_names_both_of_a_pair(tmp_path):
    rows = [Row('a, x=1', ['a1-0', 'a1-1']), Row('a, x=2', ['a2-0', 'a2-1'], 'a, x=1'), Row('a, y=1', ['a3-0', 'a3-1']),
            Row('a, y=2', ['a4-0', 'a4-1'], 'a, y=1')]
    for number, row in enumerate(rows):
        for seed, prefix in enumerate(row.prefixes):
            write_run(tmp_path / 'both' / 'runs' / prefix, seed, 0.5 + number ** 2 / 100 + number * seed / 500)
    write_comparison(make_comparison(tmp_path), 'python main.py', rows, {})
    names, panels, _ = _differences(json.loads((tmp_path / 'both' / 'table.json').read_text())['rows'])
    assert names == ['a, x=2 minus a, x=1', 'a, y=2 minus a, y=1']
    assert [one.mean for one in panels['softmax'].values()] == pytest.approx([0.011, 0.051])
    said = (tmp_path / 'both' / 'table.md').read_text().splitlines()
    assert [line.partition(': ')[2].split(' (')[0] for line in said[:4]] == [
        'a baseline', "can't be told from a, x=1 by softmax", 'a baseline', '5.1 points better than a, y=1 by softmax']


def test_every_picture_and_the_page_say_that_they_are_over_splits_of_the_classes_and_seeds(tmp_path):
    """In an SVG file, a text is also a comment."""
    rows = [Row(f'center, lmbd={value}', [f'{value}-{split}-{seed}' for split in (4, 5, 6) for seed in (0, 1)],
                baseline, Variant('center', ('lmbd', value)))
            for value, baseline in ((0.1, None), (1.0, 'center, lmbd=0.1'))]
    for row in rows:
        for prefix in row.prefixes:
            value, split, seed = map(float, prefix.split('-'))
            write_run(tmp_path / 'both' / 'runs' / prefix, int(seed), 0.5 + value * split / 20, split_seed=int(split))
    write_comparison(make_comparison(tmp_path), 'python main.py', rows, {}, 'svg')
    forest, curves, sweep = (
        ' '.join(' '.join(re.findall(r'<!-- (.*?) -->', (tmp_path / 'both' / name).read_text(), re.DOTALL)).split())
        for name in ('forest.svg', 'curves.svg', 'sweep.svg'))
    page = (tmp_path / 'both' / 'report.html').read_text()
    assert 'its 95 % interval over 3 splits of the classes (' in forest
    assert 'mean over 3 splits of the classes x 2 seeds' in curves
    assert '± one standard deviation over 3 splits of the classes, 2 seeds' in sweep
    assert 'mean over 3 splits of the classes x 2 seeds' in page and '; 3 splits of the classes)' in page


def test_a_sweep_over_numbers_has_a_picture_of_each_kind(tmp_path):
    rows = []
    for value in (0.1, 1.0):
        rows.append(Row(f'center, lmbd={value}', [f'center-{value}'], rows[0].name if rows else None,
                        Variant('center', ('lmbd', value))))
        write_run(tmp_path / 'both' / 'runs' / f'center-{value}', 0, 0.9)
    written = write_comparison(make_comparison(tmp_path), 'python main.py', rows, {}, 'svg')
    assert {str(tmp_path / 'both' / f'sweep.{kind}') for kind in ('png', 'svg')} <= set(written)
    assert '<svg' in (tmp_path / 'both' / 'sweep.svg').read_text()
    write_comparison(make_comparison(tmp_path / 'other'), 'python main.py', [Row('softmax', [])], {})
    assert not (tmp_path / 'other' / 'both' / 'sweep.png').exists()


@pytest.mark.parametrize('name', ['results.json', 'history.csv'])
def test_a_damaged_file_of_a_run_is_named_before_a_table_is_written(tmp_path, name):
    write_run(tmp_path / 'both' / 'runs' / 'softmax-s0', 0, 0.9)
    (tmp_path / 'both' / 'runs' / 'softmax-s0' / name).write_text('{}')
    comparison = make_comparison(tmp_path)
    with pytest.raises(UserError, match=f'softmax-s0/{name} is damaged'):
        comparison.results('softmax-s0')
    with pytest.raises(UserError, match=f'softmax-s0/{name} is damaged'):
        write_comparison(comparison, 'python main.py', [Row('softmax', ['softmax-s0'])], {})
    assert [path.name for path in (tmp_path / 'both').iterdir()] == ['runs']
