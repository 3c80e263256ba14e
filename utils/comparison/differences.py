"""Every row of a comparison against its baseline: mean paired differences over seeds, and their 95 % intervals."""
import numpy as np

from ..evaluation import columns
from .table import by_split, markdown

_LEAST_SPREAD = 1e-12  # of differences that are not the same number but for rounding


def baselines(rows):
    """For each row the row it is compared with: that whose name is its 'baseline'; None for the first and without."""
    named = {row['run']: row for row in rows}
    return [None, *(row['baseline'] and named[row['baseline']] for row in rows[1:])]


def paired(rows, figures=None):
    """One dict a row: {figure: {'mean', 'low', 'high', 'seeds'[, 'splits']}} of it minus its baseline.

    rows: of `table.summarize`, each with a 'baseline', the name of a row. figures: keys of columns, or None for those
    that `columns` compares. low, high: ends of the 95 % interval of the mean by Student's t with n - 1 degrees of
    freedom; None if the differences show no spread. n counts the `seeds` that both rows finished or, where these are of
    several splits of the classes, the splits: the differences of the seeds of one are averaged first. `seeds` and
    `splits` are those of the pairs, in order; splits is there if there are several. A figure, which is in its own unit,
    is left out where n is below two or where one of the runs lacks it, and all are for a row without baseline.
    """
    found = []
    for row, baseline in zip(rows, baselines(rows)):
        pairs = {figure: _difference(_by_run(baseline, figure), _by_run(row, figure))
                 for figure in figures or columns.compared() if baseline}
        found.append({figure: difference for figure, difference in pairs.items() if difference})
    return found


def _by_run(row, figure):
    """{(split, seed): value}; empty if some finished run of the row lacks the figure."""
    values, seeds = row.get(figure, {}).get('values', []), row['finished']
    runs = zip(row.get('splits', [None] * len(seeds)), seeds)
    return dict(zip(runs, values)) if len(values) == len(seeds) else {}


def _difference(first, other):
    # A seed settles the validation split, what a network starts from and the order of batches. Two rows share these, or
    # what of them their settings leave the same, so what they have in common cancels in the difference seed by seed.
    # The interval asks no more than that different seeds be independent of one another.
    shared = [run for run in other if run in first]
    firsts, others = ({run: values[run] for run in shared} for values in (first, other))
    over_splits = by_split(firsts)
    firsts, others = (np.array(by_split(values) or list(values.values())) for values in (firsts, others))
    if len(firsts) < 2:
        return None
    from scipy.stats import ttest_rel
    low = high = None
    if np.ptp(others - firsts) > _LEAST_SPREAD:  # t is not defined without: too few seeds or images to show it
        low, high = map(float, ttest_rel(others, firsts).confidence_interval(0.95))
    splits = {'splits': [split for split, _ in shared]} if over_splits else {}
    return {'mean': float((others - firsts).mean()), 'low': low, 'high': high, 'seeds': [seed for _, seed in shared],
            **splits}


def by_seed(row, baseline, figure):
    """Row minus baseline for each run that both finished: one number a seed, in the order of 'seeds' of `paired`."""
    first, other = _by_run(baseline, figure), _by_run(row, figure)
    return [other[run] - first[run] for run in other if run in first]


def over(found):
    """'5 seeds', '3 to 5 seeds' or '4 splits of the classes': what the intervals of these differences are over."""
    counts = [len(set(difference.get('splits', difference['seeds']))) for difference in found] or [0]
    words = {'seeds': 'seeds', 'splits': 'splits of the classes'}[_unit(found)]
    return f'{" to ".join(map(str, sorted({min(counts), max(counts)})))} {words}'


def excludes_zero(difference):
    return difference['low'] is not None and (difference['low'] > 0 or difference['high'] < 0)


def cell(difference, figure):
    """'0.58 (-0.44 to 1.60)', with a star if the interval excludes zero; '-' for None."""
    if difference is None:
        return '-'
    column = columns.find(figure)
    text = column.text(difference['mean'])
    if difference['low'] is None:
        return text
    text += f' ({column.text(difference["low"])} to {column.text(difference["high"])})'
    return text + (' *' if excludes_zero(difference) else '')


def title(rows):
    """'Differences from center', or from what the table says where not all rows are compared with the same."""
    others = {baseline['run'] for baseline in baselines(rows) if baseline}
    return f'Differences from {others.pop()}' if len(others) == 1 else 'Differences'


def cells(rows, figures=None):
    """(headings, lines) as `table.cells` gives them, without figures that no two rows share; None if none is left."""
    found = paired(rows, figures)
    shown = [figure for figure in figures or columns.compared() if any(figure in differences for differences in found)]
    if not shown:
        return None
    pairs = [(row, other['run'], differences) for row, other, differences in zip(rows, baselines(rows), found) if other]
    names = [name for _, name, _ in pairs]
    same = len(set(names)) == 1
    headings = [(text, '') for text in ([f'minus {names[0]}'] if same else ['run', 'minus']) + [_unit(_all(found))]]
    headings += [(column.heading_of_difference, column.hint) for column in map(columns.find, shown)]
    lines = []
    for row, name, differences in pairs:
        counts = sorted({len(set(one.get('splits', one['seeds']))) for one in differences.values()})
        lines.append([(row['run'], row['run']), *([] if same else [(name, name)]),
                      (max(counts, default=None), ' or '.join(map(str, counts)) or '-')])
        for figure in shown:
            difference = differences.get(figure)
            lines[-1].append((difference and difference['mean'], cell(difference, figure)))
    return headings, lines


def _unit(found):
    """What the intervals of some differences are over: 'splits' of the classes or 'seeds'."""
    return 'splits' if any('splits' in difference for difference in found) else 'seeds'


def _all(found):
    """The differences of `paired` of all rows, as a list."""
    return [difference for differences in found for difference in differences.values()]


def note(rows, figures=None):
    """What to know of these differences: what they are, how many were looked at, and what chance alone brings."""
    found = _all(paired(rows, figures))
    unit = _unit(found)
    intervals = [difference for difference in found if difference['low'] is not None]
    how = {'seeds': 'Student t, runs of the same seed paired',
           'splits': 'Student t over splits of the classes; runs of the same split and seed paired, the seeds of a '
                     'split averaged'}[unit]
    text = (f'Mean difference and its 95 % interval ({how}). Intervals that exclude '
            f'zero (*): {sum(map(excludes_zero, intervals))} of {len(intervals)}; by chance alone, about one in twenty '
            'does.')
    if len(intervals) < len(found):
        text += f' Without interval: every {unit[:-1]} differs by the same.'
    return text


def to_markdown(rows, figures=None):
    """The table as Markdown with its note; '' if there is nothing to compare."""
    table = cells(rows, figures)
    return f'{markdown(*table)}\n{note(rows, figures)}\n' if table else ''
