"""The table of a comparison: mean and standard deviation over seeds, from results.json and history.csv files."""
import re

import numpy as np

from ..storage.results import read_history
from ..terminal import one_line

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

_METHODS = {'softmax': 'softmax', 'knn': 'knn', 'recall_at_1': 'R@1'}  # that choose an epoch
# What stands in a column for runs that have nothing there: marked, in no difference, and explained under the table.
_STAND_INS = {'knn': 'knn_means'}
_MARK = '†'
_NOTHING = {'mean': None, 'std': None, 'values': []}
_NOTE = f'{_MARK} by the nearest class mean of the training images, for want of class centres.'

_RETRIEVAL = ('recall_at_1', 'recall_at_2', 'recall_at_4', 'recall_at_8', 'map_at_r', 'nmi')


def figures(results, history_path):
    """The figures of one run: {column: number or None}, its 'seed', its 'split' seed or None, and 'selected_by'.

    results: its results.json. Accuracies and distances are those of the test set at the chosen epoch.
    Raises UserError if the history.csv at `history_path` is damaged.
    """
    test, ring, retrieval = results['test'], results.get('ring_score') or {}, results.get('retrieval') or {}
    history = read_history(history_path, results['selection']['epoch'])
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
        'selected_by': results['selection']['by'],
        'seed': results['config']['seed'], 'split': results['config'].get('split_seed'),
    }


def summarize(name, runs, wanted):
    """One row: {'run', 'seeds', 'wanted', 'finished', 'selected_by', 'splits', column: {'mean', 'std', 'values'}}.

    runs: the figures of the finished runs. wanted: how many there should be. finished, splits: the seed and the
    --split_seed of each of `runs`, in order; splits is left out where there are none. selected_by: what chose the epoch
    in all of them, 'softmax', 'knn' or 'recall_at_1'. Mean and standard deviation are
    over seeds or, where the runs are of several splits, over these, each the mean of its seeds; std is None for one.
    """
    row = {'run': name, 'seeds': len(runs), 'wanted': wanted, 'finished': [run['seed'] for run in runs],
           'selected_by': runs[0].get('selected_by') if runs else None}
    if any(run.get('split') is not None for run in runs):
        row['splits'] = [run['split'] for run in runs]
    for column in (*COLUMNS, *_STAND_INS.values()):
        found = {(run.get('split'), run['seed']): run[column] for run in runs if run.get(column) is not None}
        independent = by_split(found) or list(found.values())
        row[column] = {'mean': float(np.mean(independent)) if found else None,
                       'std': float(np.std(independent, ddof=1)) if len(independent) > 1 else None,
                       'values': list(found.values())}
    return row


def by_split(found):
    """The mean of each split of {(split, seed): value}, a list; None where all are of one split.

    Seeds of one split share its classes: over several splits, how these differ is what a claim must survive.
    """
    splits = list(dict.fromkeys(split for split, _ in found))
    if len(splits) < 2:
        return None
    return [float(np.mean([value for (split, _), value in found.items() if split == one])) for one in splits]


def cell(row, column):
    """'98.19 ± 0.05', '98.19' for one seed, '97.30 †' for a stand-in, '-' where there is nothing."""
    _, factor, digits = COLUMNS[column]
    figure, mark = _shown(row, column)
    mean, std = figure['mean'], figure['std']
    if mean is None:
        return '-'
    text = f'{mean * factor:.{digits}f}' + ('' if std is None else f' ± {std * factor:.{digits}f}') + mark
    return f'{text} by {_METHODS[row["selected_by"]]}' if column == 'selected' and row.get('selected_by') else text


def _shown(row, column):
    """({'mean', 'std', 'values'}, mark) of what a cell shows."""
    figure, other = row.get(column, _NOTHING), row.get(_STAND_INS.get(column), _NOTHING)
    return (figure, '') if figure['values'] or not other['values'] else (other, f' {_MARK}')


def seeds_cell(row):
    """'3', '5 x 2' for two seeds on each of five splits, or '2 of 3' where runs failed."""
    if row['seeds'] != row['wanted']:
        return f'{row["seeds"]} of {row["wanted"]}'
    splits = len(set(row.get('splits', ())))
    return f'{splits} x {row["seeds"] // splits}' if splits > 1 else str(row['seeds'])


def shown_columns(rows, columns=tuple(COLUMNS)):
    """Those of `columns` in which some row has a figure."""
    return [column for column in columns if any(_shown(row, column)[0]['values'] for row in rows)]


def cells(rows, columns=tuple(COLUMNS)):
    """(headings, lines) without columns that are empty; a cell is (the value that it is sorted by, or None, text)."""
    columns = shown_columns(rows, columns)
    seeds = 'splits x seeds' if any(len(set(row.get('splits', ()))) > 1 for row in rows) else 'seeds'
    return ['run', seeds, *(COLUMNS[column][0] for column in columns)], [
        [(row['run'], row['run']), (row['seeds'], seeds_cell(row)),
         *((_shown(row, column)[0]['mean'], cell(row, column)) for column in columns)] for row in rows]


def note(rows, columns=tuple(COLUMNS)):
    """What the mark in the table of these rows means; '' where it has none."""
    return _NOTE if any(_shown(row, column)[1] for row in rows for column in columns) else ''


def markdown(headings, lines):
    """`cells` as a Markdown table, in which a name of a run may be anything."""
    texts = [headings, *([text for _, text in line] for line in lines)]
    written = ['| ' + ' | '.join(map(_escaped, line)) + ' |' for line in texts]
    return '\n'.join([written[0], '|---' * len(headings) + '|', *written[1:]]) + '\n'


def _escaped(text):
    return re.sub(r'([\\|])', r'\\\1', one_line(text)).replace('&', '&amp;').replace('<', '&lt;')


def to_markdown(rows, columns=tuple(COLUMNS)):
    """The table as Markdown with its note."""
    written = note(rows, columns)
    return markdown(*cells(rows, columns)) + (f'\n{written}\n' if written else '')
