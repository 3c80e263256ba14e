"""The table of a comparison: mean and standard deviation over seeds, from results.json and history.csv files."""
import re
from collections import Counter

import numpy as np

from ..evaluation import columns
from ..storage.results import read_history
from ..terminal import one_line

# What stands in a column for runs that have nothing there: marked, in no difference, and explained under the table.
_STAND_INS = {'knn': 'knn_means'}
_MARK = '†'
_NOTHING = {'mean': None, 'std': None, 'values': []}
_NOTE = f'{_MARK} by the nearest class mean of the training images, for want of class centres.'


def figures(results, history_path):
    """The figures of one run: {column: number or None}, its 'seed', 'split' seed or None, 'selected_by', 'collapsed'.

    results: its results.json. Accuracies and distances are those of the test set at the chosen epoch.
    Raises UserError if the history.csv at `history_path` is damaged.
    """
    test, ring, retrieval = results['test'], results.get('ring_score') or {}, results.get('retrieval') or {}
    selection = results['selection']
    history = read_history(history_path, selection['epoch'])
    chosen = history[selection['epoch'] - 1]
    measured = {**test, **retrieval, **ring}
    return {
        **{column.key: measured.get(column.key) for column in columns.in_tables()},
        **{key: measured.get(key) for key in _STAND_INS.values()},
        'gap': None if test['softmax'] is None or test['knn'] is None else test['softmax'] - test['knn'],
        'centers_left': float(chosen['centers_left']) if chosen.get('centers_left') else None,
        'seconds': float(np.median([float(row['seconds']) for row in history])),
        'selected': selection[selection['by']], 'best_epoch': selection['epoch'], 'selected_by': selection['by'],
        'seed': results['config']['seed'], 'split': results['config'].get('split_seed'),
        'collapsed': _has_collapsed(results, chosen),
    }


def _has_collapsed(results, chosen):
    """Whether more than half of the pairs of classes lay on one another at the chosen epoch, a row of history.csv.

    False where the run does not learn the classes that it is judged by: a few of many may then be alike.
    """
    classes, pairs = results['config'].get('num_classes'), float(chosen.get('collapsed_pairs') or 0)
    return results['test']['softmax'] is not None and type(classes) is int and 4 * pairs > classes * (classes - 1)


def summarize(name, runs, planned):
    """One row, {'run', 'seeds', 'planned', 'finished', 'selected_by', 'collapsed', 'splits', column: figures}.

    runs: the figures of the finished runs. planned: how many there should be. finished, splits: the seed and the
    --split_seed of each of `runs`, in order; splits is left out where there are none. selected_by: the column that
    chose the epoch in all of them. collapsed: how many did. The figures are {'mean', 'std', 'values'}, mean and
    standard deviation over seeds or, where the runs are of several splits, over these, each the mean of its seeds; std
    is None for one.
    """
    row = {'run': name, 'seeds': len(runs), 'planned': planned, 'finished': [run['seed'] for run in runs],
           'selected_by': runs[0].get('selected_by') if runs else None,
           'collapsed': sum(run.get('collapsed', False) for run in runs)}
    if any(run.get('split') is not None for run in runs):
        row['splits'] = [run['split'] for run in runs]
    for column in (*_keys(), *_STAND_INS.values()):
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


def counted(rows):
    """('5 splits of the classes', '2 seeds'): what the runs of these rows are of, '1 to 2 seeds' where rows differ.

    The first is '' where no row has several splits. Seeds are those of a split.
    """
    found = [Counter(row.get('splits', [None] * row['seeds'])) for row in rows if row['seeds']]
    splits = [len(of_splits) for of_splits in found]
    seeds = [count for of_splits in found for count in of_splits.values()]
    return _range(splits, 'split', ' of the classes') if max(splits, default=1) > 1 else '', _range(seeds, 'seed')


def over(rows):
    """'5 splits of the classes x 2 seeds' or '2 seeds': how many runs these rows are of."""
    return ' x '.join(filter(None, counted(rows)))


def _range(counts, unit, of=''):
    """'2 seeds', '1 to 2 seeds' or '1 seed'; '0 seeds' without counts."""
    ends = sorted({min(counts, default=0), max(counts, default=0)})
    return f'{" to ".join(map(str, ends))} {unit}{"" if ends == [1] else "s"}{of}'


def cell(row, key):
    """'98.19 ± 0.05', '98.19' for one seed, '97.30 †' for a stand-in, '-' where there is nothing."""
    column, (figure, mark) = columns.find(key), _shown(row, key)
    if figure['mean'] is None:
        return '-'
    text = column.text(figure['mean']) + ('' if figure['std'] is None else f' ± {column.text(figure["std"])}') + mark
    if key == 'selected' and row['selected_by']:
        text += f' by {columns.find(row["selected_by"]).title.replace("by ", "")}'
    return text


def _shown(row, column):
    """({'mean', 'std', 'values'}, mark) of what a cell shows."""
    figure, other = row.get(column, _NOTHING), row.get(_STAND_INS.get(column), _NOTHING)
    return (figure, '') if figure['values'] or not other['values'] else (other, f' {_MARK}')


def seeds_cell(row):
    """'3', '5 x 2' for two seeds on each of five splits, or '2 of 3' where runs failed."""
    if row['seeds'] != row['planned']:
        return f'{row["seeds"]} of {row["planned"]}'
    splits = len(set(row.get('splits', ())))
    return f'{splits} x {row["seeds"] // splits}' if splits > 1 else str(row['seeds'])


def _keys():
    return [column.key for column in columns.in_tables()]


def shown_columns(rows, keys=None):
    """Those of the columns `keys`, or of all, in which some row has a figure."""
    return [key for key in keys or _keys() if any(_shown(row, key)[0]['values'] for row in rows)]


def cells(rows, keys=None):
    """(headings, lines) of the columns `keys`, or of all, without empty ones.

    A heading is (text, which way the column gets better or ''), a cell (the value that it is sorted by or None, text).
    """
    shown = [columns.find(key) for key in shown_columns(rows, keys)]
    seeds = 'splits x seeds' if any(len(set(row.get('splits', ()))) > 1 for row in rows) else 'seeds'
    return [('run', ''), (seeds, ''), *((column.heading, column.hint) for column in shown)], [
        [(row['run'], row['run']), (row['seeds'], seeds_cell(row)),
         *((_shown(row, column.key)[0]['mean'], cell(row, column.key)) for column in shown)] for row in rows]


def note(rows, keys=None):
    """What the mark in the table of these rows means; '' where it has none."""
    return _NOTE if any(_shown(row, key)[1] for row in rows for key in keys or _keys()) else ''


def markdown(headings, lines):
    """`cells` as a Markdown table, in which a name of a run may be anything."""
    texts = [[text for text, _ in headings], *([text for _, text in line] for line in lines)]
    written = ['| ' + ' | '.join(map(_escaped, line)) + ' |' for line in texts]
    return '\n'.join([written[0], '|---' * len(headings) + '|', *written[1:]]) + '\n'


def _escaped(text):
    return re.sub(r'([\\|])', r'\\\1', one_line(text)).replace('&', '&amp;').replace('<', '&lt;')


def to_markdown(rows, keys=None):
    """The table of the columns `keys`, or of all, as Markdown with its note."""
    written = note(rows, keys)
    return markdown(*cells(rows, keys)) + (f'\n{written}\n' if written else '')
