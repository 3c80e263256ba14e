"""The table of a comparison: mean and standard deviation over seeds, from results.json and history.csv files."""
import csv

import numpy as np

# Key -> (heading, factor, digits). Accuracies in per cent.
COLUMNS = {
    'softmax': ('by softmax, %', 100, 2),
    'knn': ('by knn, %', 100, 2),
    'gap': ('gap, points', 100, 2),
    'recall_at_1': ('R@1, %', 100, 2),
    'recall_at_2': ('R@2, %', 100, 2),
    'recall_at_4': ('R@4, %', 100, 2),
    'recall_at_8': ('R@8, %', 100, 2),
    'map_at_r': ('MAP@R, %', 100, 2),
    'nmi': ('NMI, %', 100, 2),
    'intra': ('intra', 1, 3),
    'inter': ('inter', 1, 2),
    'intra_inter_ratio': ('intra/inter', 1, 4),
    'centers_left': ('centres left a class', 1, 2),
    'radius_cv': ('ring: radius variation', 1, 3),
    'smallest_gap': ('ring: smallest gap, degrees', 1, 1),
    'seconds': ('s/epoch', 1, 2),
    'selected': ('on the split that chose, %', 100, 2),
    'best_epoch': ('best epoch', 1, 1),
}

# What stands in a column for runs that have nothing there: marked, in no difference, and explained under the table.
_STAND_INS = {'knn': 'knn_means'}
_MARK = '†'
_NOTHING = {'mean': None, 'std': None, 'values': []}
_NOTE = f'{_MARK} by the nearest class mean of the training images, for want of class centres.'

_RETRIEVAL = ('recall_at_1', 'recall_at_2', 'recall_at_4', 'recall_at_8', 'map_at_r', 'nmi')


def figures(results, history_path):
    """The figures of one run: {column: number or None, 'seed': int}.

    results: its results.json. Accuracies and distances are those of the test set at the chosen epoch.
    """
    test, ring, retrieval = results['test'], results.get('ring_score') or {}, results.get('retrieval') or {}
    with open(history_path, newline='', encoding='utf-8') as file:
        history = list(csv.DictReader(file))
    chosen = history[results['selection']['epoch'] - 1]
    return {
        **{key: test[key] for key in ('softmax', 'knn', 'intra', 'inter', 'intra_inter_ratio')},
        'knn_means': test.get('knn_means'),
        'gap': None if test['softmax'] is None or test['knn'] is None else test['softmax'] - test['knn'],
        **{key: retrieval.get(key) for key in _RETRIEVAL},
        'radius_cv': ring.get('radius_cv'), 'smallest_gap': ring.get('smallest_gap'),
        'centers_left': float(chosen['centers_left']) if chosen.get('centers_left') else None,
        'seconds': float(np.median([float(row['seconds']) for row in history])),
        'selected': results['selection']['accuracy'], 'best_epoch': results['selection']['epoch'],
        'seed': results['config']['seed'],
    }


def summarize(name, runs, wanted):
    """One row: {'run', 'seeds', 'wanted', 'finished', column: {'mean', 'std', 'values'}}; std is None for one seed.

    runs: the figures of the finished runs. wanted: how many there should be. finished: the seeds of `runs`, in order.
    """
    row = {'run': name, 'seeds': len(runs), 'wanted': wanted, 'finished': [run['seed'] for run in runs]}
    for column in (*COLUMNS, *_STAND_INS.values()):
        values = [run[column] for run in runs if run.get(column) is not None]
        row[column] = {'mean': float(np.mean(values)) if values else None,
                       'std': float(np.std(values, ddof=1)) if len(values) > 1 else None, 'values': values}
    return row


def cell(row, column):
    """'98.19 ± 0.05', '98.19' for one seed, '97.30 †' for a stand-in, '-' where there is nothing."""
    _, factor, digits = COLUMNS[column]
    figure, mark = _shown(row, column)
    mean, std = figure['mean'], figure['std']
    if mean is None:
        return '-'
    return f'{mean * factor:.{digits}f}' + ('' if std is None else f' ± {std * factor:.{digits}f}') + mark


def _shown(row, column):
    """({'mean', 'std', 'values'}, mark) of what a cell shows."""
    figure, other = row.get(column, _NOTHING), row.get(_STAND_INS.get(column), _NOTHING)
    return (figure, '') if figure['values'] or not other['values'] else (other, f' {_MARK}')


def seeds_cell(row):
    """'3', or '2 of 3' where runs failed."""
    return str(row['seeds']) if row['seeds'] == row['wanted'] else f'{row["seeds"]} of {row["wanted"]}'


def shown_columns(rows, columns=tuple(COLUMNS)):
    """Those of `columns` in which some row has a figure."""
    return [column for column in columns if any(_shown(row, column)[0]['values'] for row in rows)]


def cells(rows, columns=tuple(COLUMNS)):
    """(headings, lines) without columns that are empty; a cell is (the value that it is sorted by, or None, text)."""
    columns = shown_columns(rows, columns)
    return ['run', 'seeds', *(COLUMNS[column][0] for column in columns)], [
        [(row['run'], row['run']), (row['seeds'], seeds_cell(row)),
         *((_shown(row, column)[0]['mean'], cell(row, column)) for column in columns)] for row in rows]


def note(rows, columns=tuple(COLUMNS)):
    """What the mark in the table of these rows means; '' where it has none."""
    return _NOTE if any(_shown(row, column)[1] for row in rows for column in columns) else ''


def markdown(headings, lines):
    """`cells` as a Markdown table."""
    texts = [headings, *([text for _, text in line] for line in lines)]
    written = ['| ' + ' | '.join(line) + ' |' for line in texts]
    return '\n'.join([written[0], '|---' * len(headings) + '|', *written[1:]]) + '\n'


def to_markdown(rows, columns=tuple(COLUMNS)):
    """The table as Markdown with its note."""
    written = note(rows, columns)
    return markdown(*cells(rows, columns)) + (f'\n{written}\n' if written else '')
