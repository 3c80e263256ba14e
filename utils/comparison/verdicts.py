"""What a comparison found, one sentence a row: better or worse than its baseline, not to be told from it, or collapsed.

    center: 2.1 points better than softmax by softmax (0.7 to 3.5; 5 seeds)
    dense: can't be told from softmax by softmax (-0.2 to 2.1; 5 seeds)
    paper: collapsed in 1 of 5
"""
import re

from ..evaluation import columns
from ..terminal import one_line
from .differences import baselines, excludes_zero, over, paired

# What a row is judged by: all figures of the first group of which it shares one with its baseline.
_GROUPS = (('softmax',), ('knn',), ('recall_at_1', 'map_at_r'))
FIGURES = tuple(figure for group in _GROUPS for figure in group)


def verdicts(rows):
    """A sentence for each of `rows`, of `table.summarize`, each with a 'baseline', the name of a row."""
    others = baselines(rows)
    first = 'the baseline' if others.count(None) == 1 else 'a baseline'
    return [f'{row["run"]}: {_verdict(row, baseline, found) or first}'
            for row, baseline, found in zip(rows, others, paired(rows, FIGURES))]


def to_markdown(rows):
    """The sentences as a Markdown list, in which a name of a run may be anything."""
    lines = [re.sub(r'([\\`*_{}\[\]<>#|~])', r'\\\1', one_line(verdict)) for verdict in verdicts(rows)]
    return ''.join(f'- {line}\n'.replace('&', '&amp;') for line in lines)


def _verdict(row, baseline, differences):
    """What to say of a row; None of a finished baseline. differences: of `paired`."""
    if not row['seeds']:
        return f'none of {row["planned"]} finished'
    if row.get('collapsed'):  # its mean is of runs that have nothing in common
        return f'collapsed in {row["collapsed"]} of {row["seeds"]}'
    if baseline is None:
        return None
    group = next((group for group in _GROUPS if any(figure in differences for figure in group)), ())
    shared = [figure for figure in group if figure in differences]
    if shared:
        others = [baseline['run'], *['it'] * len(shared)]
        return ', '.join(_judged(columns.find(figure), differences[figure], other)
                         for figure, other in zip(shared, others))
    if 1 in (row['seeds'], baseline['seeds']):
        return f"one seed can't tell it from {baseline['run']}"
    return f'nothing to compare with {baseline["run"]}'


def _judged(column, difference, other):
    """What one figure says of a row. other: what it is compared with."""
    mean, low, high = (difference[key] for key in ('mean', 'low', 'high'))
    by = column.title if column.title.startswith('by ') else f'by {column.title}'
    runs = over([difference])
    if low is None and not float(column.text(mean)):
        return f'the same as {other} {by} ({runs})'
    if low is not None and not excludes_zero(difference):
        low, high = _written(column, low, high)
        return f"can't be told from {other} {by} ({low} to {high}; {runs})"
    amount, *ends = _written(column, abs(mean), *sorted(map(abs, () if low is None else (low, high))))
    word = 'better' if column.is_better(mean, 0) else 'worse'
    unit = 'points ' if column.unit == '%' else ''
    interval = ' to '.join(ends) or 'no interval'
    return f'{amount} {unit}{word} than {other} {by} ({interval}; {runs})'


def _written(column, *values):
    """Values with a digit less than tables have, unless one of them would be nothing but noughts."""
    texts = [column._replace(digits=column.digits - 1).text(value) for value in values]
    return texts if all(map(float, texts)) else [column.text(value) for value in values]
