"""The table of a comparison: mean and standard deviation over seeds, from results.json and history.csv files."""
import numpy as np

from .results import read_history

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

_RETRIEVAL = ('recall_at_1', 'recall_at_2', 'recall_at_4', 'recall_at_8', 'map_at_r', 'nmi')


def figures(results, history_path):
    """The figures of one run: {column: number or None, 'seed': int}.

    results: its results.json. Accuracies and distances are those of the test set at the chosen epoch.
    Raises UserError if the history.csv at `history_path` is damaged.
    """
    test, ring, retrieval = results['test'], results.get('ring_score') or {}, results.get('retrieval') or {}
    history = read_history(history_path, results['selection']['epoch'])
    chosen = history[results['selection']['epoch'] - 1]
    return {
        **{key: test[key] for key in ('softmax', 'knn', 'intra', 'inter', 'intra_inter_ratio')},
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
    for column in COLUMNS:
        values = [run[column] for run in runs if run.get(column) is not None]
        row[column] = {'mean': float(np.mean(values)) if values else None,
                       'std': float(np.std(values, ddof=1)) if len(values) > 1 else None, 'values': values}
    return row


def cell(row, column):
    """'98.19 ± 0.05', '98.19' for one seed, '-' where there is nothing."""
    _, factor, digits = COLUMNS[column]
    mean, std = row[column]['mean'], row[column]['std']
    if mean is None:
        return '-'
    return f'{mean * factor:.{digits}f}' + ('' if std is None else f' ± {std * factor:.{digits}f}')


def seeds_cell(row):
    """'3', or '2 of 3' where runs failed."""
    return str(row['seeds']) if row['seeds'] == row['wanted'] else f'{row["seeds"]} of {row["wanted"]}'


def shown_columns(rows, columns=tuple(COLUMNS)):
    """Those of `columns` in which some row has a figure."""
    return [column for column in columns if any(row.get(column, {}).get('values') for row in rows)]


def cells(rows, columns=tuple(COLUMNS)):
    """(headings, lines) without columns that are empty; a cell is (the value that it is sorted by, or None, text)."""
    columns = shown_columns(rows, columns)
    return ['run', 'seeds', *(COLUMNS[column][0] for column in columns)], [
        [(row['run'], row['run']), (row['seeds'], seeds_cell(row)),
         *((row[column]['mean'], cell(row, column)) for column in columns)] for row in rows]


def markdown(headings, lines):
    """`cells` as a Markdown table."""
    texts = [headings, *([text for _, text in line] for line in lines)]
    written = ['| ' + ' | '.join(line) + ' |' for line in texts]
    return '\n'.join([written[0], '|---' * len(headings) + '|', *written[1:]]) + '\n'


def to_markdown(rows, columns=tuple(COLUMNS)):
    return markdown(*cells(rows, columns))
