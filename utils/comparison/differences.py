"""Every row of a comparison beside another: mean paired differences over seeds, and their 95 % intervals."""
import numpy as np

from .table import COLUMNS, by_split, markdown

FIGURES = ('softmax', 'knn', 'recall_at_1', 'map_at_r', 'nmi', 'intra_inter_ratio')
_LEAST_SPREAD = 1e-12  # of differences that are not the same number but for rounding


def beside(rows):
    """For each row the row it is compared with: that whose name is its 'beside', or the first; None for the first.

    A table.json made before rows had a 'beside' compares all with the first.
    """
    named = {row['run']: row for row in rows}
    return [None, *(named[row.get('beside') or rows[0]['run']] for row in rows[1:])]


def paired(rows, figures=FIGURES):
    """One dict a row: {figure: {'mean', 'low', 'high', 'seeds'[, 'splits']}} of it minus the row beside it.

    rows: of `table.summarize`. low, high: ends of the 95 % interval of the mean by Student's t with n - 1 degrees of
    freedom; None if the differences show no spread. n counts the `seeds` that both rows finished or, where these are of
    several splits of the classes, the splits: the differences of the seeds of one are averaged first. `seeds` and
    `splits` are those of the pairs, in order; splits is there if there are several. A figure, which is in its own unit,
    is left out where n is below two or where one of the runs lacks it, and all are for the first row.
    """
    found = []
    for row, other in zip(rows, beside(rows)):
        pairs = {figure: _difference(_by_run(other, figure), _by_run(row, figure)) for figure in figures if other}
        found.append({figure: difference for figure, difference in pairs.items() if difference})
    return found


def _by_run(row, figure):
    """{(split, seed): value}; empty if some finished run of the row lacks the figure."""
    values = row.get(figure, {}).get('values', [])
    # A table.json made before seeds were noted has its values in the order of --seeds: complete ones still match.
    seeds = row.get('finished', range(row['wanted']))
    runs = zip(row.get('splits', [None] * len(seeds)), seeds)
    return dict(zip(runs, values)) if len(values) == len(seeds) else {}


def _difference(first, other):
    # A seed settles the validation split, what a network starts from and the order of batches. Two rows share these, or
    # what of them their settings leave the same, so what they have in common cancels in the difference seed by seed.
    # The interval asks no more than that different seeds be independent of one another.
    by_run = {run: other[run] - first[run] for run in other if run in first}
    over_splits = by_split(by_run)
    differences = np.array(over_splits or list(by_run.values()))
    if len(differences) < 2:
        return None
    from scipy.special import stdtrit
    mean, low, high = float(differences.mean()), None, None
    if np.ptp(differences) > _LEAST_SPREAD:  # t is not defined without: too few seeds or images to show it
        half = float(stdtrit(len(differences) - 1, 0.975) * differences.std(ddof=1) / np.sqrt(len(differences)))
        low, high = mean - half, mean + half
    splits = {'splits': [split for split, _ in by_run]} if over_splits else {}
    return {'mean': mean, 'low': low, 'high': high, 'seeds': [seed for _, seed in by_run], **splits}


def excludes_zero(difference):
    return difference['low'] is not None and (difference['low'] > 0 or difference['high'] < 0)


def cell(difference, figure):
    """'0.58 (-0.44 to 1.60)', with a star if the interval excludes zero; '-' for None."""
    if difference is None:
        return '-'
    _, factor, digits = COLUMNS[figure]
    text = f'{difference["mean"] * factor:.{digits}f}'
    if difference['low'] is None:
        return text
    text += f' ({difference["low"] * factor:.{digits}f} to {difference["high"] * factor:.{digits}f})'
    return text + (' *' if excludes_zero(difference) else '')


def title(rows):
    """'Differences from center', or from what the table says where not all rows are compared with the same."""
    others = {other['run'] for other in beside(rows)[1:]}
    return f'Differences from {others.pop()}' if len(others) == 1 else 'Differences'


def cells(rows, figures=FIGURES):
    """(headings, lines) as `table.cells` gives them, without figures that no two rows share; None if none is left."""
    found, others = paired(rows, figures), beside(rows)
    shown = [figure for figure in figures if any(figure in differences for differences in found)]
    if not shown:
        return None
    names = [other['run'] for other in others[1:]]
    same = len(set(names)) == 1
    headings = [f'minus {names[0]}'] if same else ['run', 'minus']
    headings += [_unit(found), *(COLUMNS[figure][0].replace('%', 'points') for figure in shown)]
    lines = []
    for row, name, differences in zip(rows[1:], names, found[1:]):
        counts = sorted({len(set(one.get('splits', one['seeds']))) for one in differences.values()})
        lines.append([(row['run'], row['run']), *([] if same else [(name, name)]),
                      (max(counts, default=None), ' or '.join(map(str, counts)) or '-')])
        for figure in shown:
            difference = differences.get(figure)
            lines[-1].append((difference and difference['mean'], cell(difference, figure)))
    return headings, lines


def _unit(found):
    """What the intervals of `paired` are over: 'splits' of the classes or 'seeds'."""
    several = any('splits' in difference for differences in found for difference in differences.values())
    return 'splits' if several else 'seeds'


def note(rows, figures=FIGURES):
    """What to know of these differences: what they are, how many were looked at, and what chance alone brings."""
    pairs = paired(rows, figures)
    found = [difference for differences in pairs for difference in differences.values()]
    intervals = [difference for difference in found if difference['low'] is not None]
    how = {'seeds': 'Student t, runs of the same seed paired',
           'splits': 'Student t over splits of the classes; runs of the same split and seed paired, the seeds of a '
                     'split averaged'}[_unit(pairs)]
    text = (f'Mean difference and its 95 % interval ({how}). Intervals that exclude '
            f'zero (*): {sum(map(excludes_zero, intervals))} of {len(intervals)}; by chance alone, about one in twenty '
            'does.')
    if len(intervals) < len(found):
        text += f' Without interval: every {_unit(pairs)[:-1]} differs by the same.'
    return text


def to_markdown(rows, figures=FIGURES):
    """The table as Markdown with its note; '' if there is nothing to compare."""
    table = cells(rows, figures)
    return f'{markdown(*table)}\n{note(rows, figures)}\n' if table else ''
