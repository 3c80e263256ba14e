"""results.json and history.csv read back: what a run wrote is taken, and what was damaged is named in one line."""
import glob
import json
import os

import pytest

from tests.utils.comparison.made import write_run
from utils.errors import UserError
from utils.evaluation import columns
from utils.storage.results import read_history, read_results

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


@pytest.fixture
def run(tmp_path):
    write_run(tmp_path / 'run', 3, 0.9)
    return tmp_path / 'run'


def test_the_runs_of_every_committed_comparison_are_read():
    paths = glob.glob(os.path.join(ROOT, 'output', 'reference', '*', 'runs', '*', 'results.json'))
    assert len(paths) >= 16
    for path in paths:
        with open(path, encoding='utf-8') as file:
            results = json.load(file)
        assert read_results(path, columns.of_test()) == results
        history = read_history(os.path.join(os.path.dirname(path), 'history.csv'), results['selection']['epoch'])
        assert [int(row['epoch']) for row in history] == [row['epoch'] for row in results['history']]


def test_a_run_that_is_not_finished_has_none(tmp_path):
    assert read_results(str(tmp_path / 'results.json')) is None


@pytest.mark.parametrize('content', [
    b'', b'{}', b'[]', b'null', b'3', b'\x00\xff\x80', b'[' * 100_000, b'{"a":' * 100_000, b'{"test": NaN}'])
def test_a_file_without_results_is_named_in_one_line(run, content):
    (run / 'results.json').write_bytes(content)
    with pytest.raises(UserError, match=r'^[^\n]*results\.json is damaged [^\n]+, and the run is made again$'):
        read_results(str(run / 'results.json'))


@pytest.mark.parametrize('path, value', [
    ('command', None), ('command', 3), ('plotting', None), ('plotting', 1), ('config', None), ('config', []),
    ('config seed', None), ('config seed', [3]), ('versions', None), ('versions', ['1']), ('versions mxnet', 1.9),
    ('test', None), ('test', []), ('test softmax', '0.9'), ('test intra', None), ('test knn', [1]),
    ('test softmax', float('inf')), ('test softmax', 10 ** 400), ('selection', None), ('selection epoch', None),
    ('selection epoch', 0), ('selection epoch', 2), ('selection epoch', 1.0),
    ('selection softmax', None), ('selection softmax', '1'), ('selection by', None), ('selection by', ['softmax']),
    ('selection by', 'knn'), ('history', None), ('history', {}), ('history', []), ('history', [3]),
    ('history', [{'softmax': 'x'}]), ('retrieval', [1]), ('retrieval', {'recall_at_1': 'x'}),
    ('ring_score', {'radius_cv': {}})])
def test_results_that_lack_something_or_have_it_in_another_type_are_refused(run, path, value):
    """None stands for a key that is not there."""
    results = json.loads((run / 'results.json').read_text())
    *keys, last = path.split()
    place = results[keys[0]] if keys else results
    if value is None:
        del place[last]
    else:
        place[last] = value
    (run / 'results.json').write_text(json.dumps(results).replace('Infinity', '1e999'))
    with pytest.raises(UserError, match=r'results\.json is damaged or made by another version of .*: expected '):
        read_results(str(run / 'results.json'), columns.of_test())


@pytest.mark.parametrize('content', [
    b'', b'epoch,seconds\n', b'\x00\xff\x80', b'\x00\x00', b'epoch\n1\n', b'epoch,seconds\n1,\n',
    b'epoch,seconds\n1,two\n', b'epoch,seconds\n1,nan\n', b'epoch,seconds\n1,1e999\n',
    b'epoch,seconds,centers_left\n1,2,x\n', b'epoch,seconds,collapsed_pairs\n1,2,x\n', b'seconds\n"' + b'9' * 200_000])
def test_a_history_without_the_epochs_is_named_in_one_line(run, content):
    (run / 'history.csv').write_bytes(content)
    with pytest.raises(UserError, match=r'^[^\n]*history\.csv is damaged: [^\n]+; remove the results\.json beside it'):
        read_history(str(run / 'history.csv'), 1)


def test_what_cannot_be_opened_is_named(run):
    with pytest.raises(UserError, match=r'cannot read .*: No such file'):
        read_history(str(run / 'none.csv'), 1)
    for read in (read_results, lambda path: read_history(path, 1)):
        with pytest.raises(UserError, match=r'cannot read .*: Is a directory'):
            read(str(run))
