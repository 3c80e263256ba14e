"""The table of a comparison."""
import html
import re
import statistics

import pytest

from tests.utils.comparison.made import run_figures
from utils.comparison import differences, table
from utils.evaluation import columns


def test_figures_come_from_results_and_history(tmp_path):
    (tmp_path / 'history.csv').write_text('epoch,seconds,centers_left\n1,9,4\n2,1,2.5\n3,2,1\n')
    results = {'test': {'softmax': 0.9, 'knn': 0.85, 'intra': 1.0, 'inter': 4.0, 'intra_inter_ratio': 0.25},
               'ring_score': {'radius_cv': 0.2, 'smallest_gap': 30.0},
               'selection': {'epoch': 2, 'knn': 0.95, 'by': 'knn'},
               'retrieval': {'recall_at_1': 0.8, 'map_at_r': 0.4, 'ami': 0.7}, 'config': {'seed': 6}}
    got = table.figures(results, str(tmp_path / 'history.csv'))
    assert got == {'softmax': 0.9, 'knn': 0.85, 'gap': pytest.approx(0.05), 'intra': 1.0, 'inter': 4.0,
                   'intra_inter_ratio': 0.25, 'radius_cv': 0.2, 'smallest_gap': 30.0, 'seconds': 2.0, 'best_epoch': 2,
                   'selected': 0.95, 'centers_left': 2.5, 'recall_at_1': 0.8, 'recall_at_2': None, 'recall_at_4': None,
                   'recall_at_8': None, 'map_at_r': 0.4, 'nmi': None, 'seed': 6, 'split': None, 'selected_by': 'knn',
                   'knn_means': None, 'collapsed': False}


@pytest.mark.parametrize('classes, pairs, by_classes, collapsed', [
    (10, 45, True, True), (10, 23, True, True), (10, 22, True, False), (10, '', True, False), (2, 1, True, True),
    (10, 45, False, False), (None, 45, True, False)])
def test_a_run_has_collapsed_if_most_pairs_of_its_classes_have_at_the_chosen_epoch(
        tmp_path, classes, pairs, by_classes, collapsed):
    """Ten classes are 45 pairs. At the second epoch, which is not the chosen one, none or all of them have."""
    other = 0 if collapsed else 45
    (tmp_path / 'history.csv').write_text(f'epoch,seconds,collapsed_pairs\n1,9,{pairs}\n2,9,{other}\n')
    results = {'test': {'softmax': 0.9 if by_classes else None, 'knn': None},
               'selection': {'epoch': 1, 'softmax': 0.95, 'by': 'softmax'},
               'config': {'seed': 6, 'num_classes': classes}}
    found = table.figures(results, str(tmp_path / 'history.csv'))
    assert found['collapsed'] is collapsed
    assert table.summarize('paper', [found, {**found, 'seed': 7, 'collapsed': True}], 2)['collapsed'] == collapsed + 1


def test_a_row_is_the_mean_and_sample_deviation_over_seeds():
    values = [0.91, 0.93, 0.98]
    row = table.summarize('center', [run_figures(value, 0.9, seed) for seed, value in enumerate(values)], 3)
    assert row['finished'] == [0, 1, 2]
    assert row['softmax']['mean'] == pytest.approx(statistics.mean(values))
    assert row['softmax']['std'] == pytest.approx(statistics.stdev(values))
    assert table.cell(row, 'softmax') == f'{statistics.mean(values) * 100:.2f} ± {statistics.stdev(values) * 100:.2f}'


@pytest.mark.parametrize('runs, words', [
    ([[(None, 0), (None, 1)]], '2 seeds'), ([[(None, 0)]], '1 seed'), ([[(5, 0), (5, 1)]], '2 seeds'), ([], '0 seeds'),
    ([[(None, 0), (None, 1), (None, 2)], [(None, 0)], []], '1 to 3 seeds'),
    ([[(5, 0), (5, 1), (6, 0), (6, 1)]], '2 splits of the classes x 2 seeds'),
    ([[(5, 0), (6, 0), (7, 0)], [(5, 0), (5, 1), (6, 0)]], '2 to 3 splits of the classes x 1 to 2 seeds')])
def test_how_many_runs_there_are_is_said_in_words(runs, words):
    rows = [table.summarize('a', [{**run_figures(0.9, 0.8, seed), 'split': split} for split, seed in of_row], 9)
            for of_row in runs]
    assert table.over(rows) == words


def test_what_chose_the_epoch_is_said_in_each_row():
    """A second training is chosen by nearest centre, the first by softmax: two figures that must not be compared."""
    second = {**run_figures(0.9, 0.9), 'selected': 0.9, 'selected_by': 'knn'}
    rows = [table.summarize('center', [run_figures(0.9, 0.8)], 1), table.summarize('center+second', [second], 1)]
    assert [table.cell(row, 'selected') for row in rows] == ['95.00 by softmax', '90.00 by knn']
    assert '95.00 by softmax |' in table.to_markdown(rows) and '90.00 by knn |' in table.to_markdown(rows)


def test_one_seed_has_no_deviation_and_what_is_missing_is_a_dash():
    row = table.summarize('softmax', [run_figures(0.9, None)], 2)
    assert table.cell(row, 'softmax') == '90.00'
    assert table.cell(row, 'knn') == '-' and table.cell(row, 'gap') == '-'
    assert table.seeds_cell(row) == '1 of 2'
    assert table.to_markdown([row]).splitlines()[2].startswith('| softmax | 1 of 2 | 90.00 | 0.500 |')
    other = table.summarize('center', [run_figures(0.9, 0.8)], 1)
    assert table.to_markdown([row, other]).splitlines()[2].startswith('| softmax | 1 of 2 | 90.00 | - | - | 0.500 |')


@pytest.mark.parametrize('name', ['softmax@classes=a|b', '<script>alert(1)</script>', 'a\\|b\\', 'x\x1b[2J\ny', '&lt;'])
def test_a_name_is_one_cell_that_shows_what_it_is(name):
    """Read back as Markdown does: a backslash takes the meaning of the next character."""
    row = table.summarize(name, [run_figures(0.9, None)], 1)
    head, _, line = table.to_markdown([row]).splitlines()
    cells = [cell for cell in re.findall(r'((?:\\.|[^|\\])*)\|', line)][1:]
    assert len(cells) == head.count('|') - 1 and '<' not in line and '\x1b' not in line
    shown = html.unescape(re.sub(r'\\([\\|])', r'\1', cells[0].strip()))
    assert shown == name.replace('\x1b', '\\x1b').replace('\n', '\\n')


def test_what_has_no_centers_is_marked_beside_what_has(tmp_path):
    """And is in no difference: by a mean and by a centre are not the same figure."""
    rows = [table.summarize('softmax', [{**run_figures(0.9, None, seed), 'knn_means': 0.88} for seed in (0, 1)], 2),
            table.summarize('center', [run_figures(0.9, 0.8, seed) for seed in (0, 1)], 2)]
    text = table.to_markdown(rows)
    assert '| softmax | 2 | 90.00 ± 0.00 | 88.00 ± 0.00 † | - |' in text
    assert '| center | 2 | 90.00 ± 0.00 | 80.00 ± 0.00 | 10.00 ± 0.00 |' in text
    assert text.endswith('\n\n† by the nearest class mean of the training images, for want of class centres.\n')
    assert table.cells(rows)[1][0][3] == (0.88, '88.00 ± 0.00 †'), 'it sorts by its value'
    assert 'knn' not in differences.paired([rows[0], {**rows[1], 'baseline': 'softmax'}])[1]
    assert '†' not in table.to_markdown(rows[1:])


def test_a_row_without_runs_is_all_dashes():
    row = table.summarize('dense', [], 3)
    assert {table.cell(row, column.key) for column in columns.in_tables()} == {'-'}
