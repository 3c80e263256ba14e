"""One table of figures: a row in it is in all that a run and a comparison write, and what they write has a row."""
import csv
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import ttest_rel
from sklearn.neighbors import NearestNeighbors

from center_loss import get_loss
from tests.utils.training.cases import DIRECTIONS, EVERYTHING_RIGHT, Case
from utils.comparison import differences, table
from utils.comparison.output import write_comparison
from utils.comparison.plan import Row
from utils.evaluation import columns
from utils.evaluation.columns import Column
from utils.evaluation.evaluator import Evaluator
from utils.evaluation.outputs import Outputs
from utils.evaluation.retrieval import recall_at_1
from utils.pictures import comparison_curves, curves
from utils.storage.run_paths import RunPaths
from utils.training.metric_losses import MetricLosses


def far_out(evaluator):
    """Share of features whose first number is above 1.2: a figure that nobody has thought of yet."""
    return float((evaluator.features[:, 0] > 1.2).mean())


@pytest.fixture
def with_far_out(monkeypatch):
    monkeypatch.setattr(columns, 'COLUMNS', (*columns.COLUMNS, Column(
        'far_out', 'test', measure=far_out, title='far out', unit='%', better='lower', compared=True,
        epoch_line='far out', last_line='far out', panel='accuracies', curve='far out')))


def finished_run(folder, scale):
    """(results.json, the rows of history.csv) of a run of one epoch, whose features are so many times its images."""
    case = Case(folder, judged_by=('classes', 'retrieval'))
    case.end_epoch(1, scale * EVERYTHING_RIGHT, centers=DIRECTIONS)
    results = case.results()
    with open(case.paths.output('history.csv'), newline='') as file:
        return results, list(csv.DictReader(file))


def test_a_new_metric_is_a_function_and_a_row(tmp_path, capsys, with_far_out):
    """Of the images, a third have 0.9 or 1.1 as their first number: times 1 none is above 1.2, times 1.2 one in six."""
    paths, results = RunPaths('', str(tmp_path), 'both'), {}
    for prefix, scale in (('a-s0', 1), ('a-s1', 1), ('b-s0', 1.2), ('b-s1', 4)):
        results[prefix], rows = finished_run(tmp_path / prefix, scale)
        shutil.copytree(tmp_path / prefix / 'out' / 'run', paths.run(prefix).output())
        share = {1: 0, 1.2: 1 / 6, 4: 2 / 6}[scale]
        assert float(rows[0]['far_out']) == results[prefix]['history'][0]['far_out'] == pytest.approx(share)
        assert results[prefix]['test']['far_out'] == pytest.approx(share)
        printed = capsys.readouterr().out.splitlines()
        assert f', far out {share:.4f}' in printed[0] and printed[0].startswith('epoch')
        assert f', far out {share:.4f}' in printed[1] and 'on the test set' in printed[1]
        results[prefix]['config'] = {'seed': int(prefix[-1])}
    runs = SimpleNamespace(paths=paths, results=results.get)
    write_comparison(runs, 'python main.py', [Row('a', ['a-s0', 'a-s1']), Row('b', ['b-s0', 'b-s1'], 'a')], {})
    text, page = ((tmp_path / 'both' / name).read_text() for name in ('table.md', 'report.html'))
    _, first, second = text.split('\n\n')[:3]
    assert first.splitlines()[0].endswith('| far out, % |') and first.splitlines()[-1].endswith('| 25.00 ± 11.79 |')
    low, high = ttest_rel([1 / 6, 2 / 6], [0, 0]).confidence_interval()
    assert second.splitlines()[0].endswith('| far out, points |')
    assert second.splitlines()[2].endswith(f'| 25.00 ({100 * low:.2f} to {100 * high:.2f}) |')
    assert 'title="lower is better"><button type="button">far out, %</button></th>' in page
    assert 'far out, points' in page
    (row, other) = json.loads((tmp_path / 'both' / 'table.json').read_text())['rows']
    assert row['far_out']['values'] == [0, 0] and other['difference']['far_out']['mean'] == pytest.approx(0.25)
    figure = comparison_curves.draw_comparison_curves({'a': [results['a-s0']['history']]})
    assert 'far out, %' in [axes.get_ylabel() for axes in figure.axes]
    _, legend, _ = (axes.get_legend_handles_labels()[1]
                    for axes in curves._draw_run_curves(results['a-s0']['history'], 'val').axes)
    assert 'validation, far out' in legend


def test_a_run_writes_no_figure_that_has_no_row(tmp_path):
    """But for what losses say of themselves; centres left are of such a loss, and in tables."""
    losses = MetricLosses([('triplet', 1.0, get_loss('triplet', miner='batch_all'))])
    case = Case(tmp_path, judged_by=('classes', 'retrieval'), metric_losses=losses)
    case.end_epoch(1)
    results = case.results()
    keys = {column.key for column in columns.COLUMNS}
    assert set(results['test']) | set(results['retrieval']) | set(results['ring_score']) <= keys
    own = set(losses.statistics(DIRECTIONS, np.arange(3)))
    known = {key for key in results['history'][0] if key in keys or key.startswith(('radius_', 'angle_'))}
    assert set(results['history'][0]) - known - own == {'softmax_loss', 'center_loss', 'triplet_loss'}
    assert columns.find('triplet_loss').epoch_line == 'triplet loss' and columns.find('d_ap').epoch_line == ''


def test_a_figure_is_written_in_its_unit_and_knows_its_direction():
    share, ratio = columns.find('softmax'), columns.find('intra_inter_ratio')
    assert (share.heading, share.heading_of_difference, share.text(0.98765)) == (
        'by softmax, %', 'by softmax, points', '98.77')
    assert (ratio.heading, ratio.heading_of_difference, ratio.text(0.98765)) == ('intra/inter', 'intra/inter', '0.9877')
    assert share.is_better(0.9, 0.8) and not ratio.is_better(0.9, 0.8) and ratio.is_better(0.8, 0.9)


@pytest.mark.parametrize('labels', [[0, 0, 1, 1, 2], [0, 1, 2, 3, 4]])
def test_recall_at_1_of_an_epoch_is_that_of_a_run(labels):
    """And of scikit-learn, over those that have another of their class."""
    features, labels = np.random.default_rng(0).normal(size=(5, 3)), np.array(labels)
    nearest = NearestNeighbors(n_neighbors=2, metric='cosine').fit(features).kneighbors(features)[1][:, 1]
    queries = [i for i in range(5) if (labels == labels[i]).sum() > 1]
    expected = np.mean([labels[nearest[i]] == labels[i] for i in queries]) if queries else None
    assert recall_at_1(features, labels, 'cosine') == expected
    evaluator = Evaluator(Outputs.of(np.zeros((5, 5)), features, labels))
    assert columns.measure_epoch(evaluator, 'retrieval') == {'recall_at_1': expected}
    assert columns.measure_run(evaluator, 'retrieval')['recall_at_1'] == expected


def test_a_table_shows_columns_in_the_order_of_their_rows():
    row = table.summarize('a', [{'seed': 0, 'nmi': 0.5, 'softmax': 0.9, 'seconds': 1.0}], 1)
    assert [text for text, _ in table.cells([row])[0]] == ['run', 'seeds', 'by softmax, %', 'NMI, %', 's/epoch']
    assert differences.to_markdown([row]) == ''


def test_every_column_of_a_table_is_explained():
    """In words of its own, that begin with a small letter and go on with what is better."""
    texts = [column.about for column in columns.in_tables()]
    assert all(len(text) > 15 and text[0].islower() and text[-1] != '.' for text in texts)
    assert len(set(texts)) == len(texts)
    assert columns.find('knn').hint.endswith('; higher is better') and columns.find('gap').hint[-6:] == 'centre'
