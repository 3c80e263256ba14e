"""What `benchmarks.bench` found, as the tables and plots of benchmarks/README.md."""
import os
import statistics

from benchmarks.rows import OURS, ROWS, TABLES
from utils.pictures.cost_curves import write_cost_curves

FOLDER = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(FOLDER, 'README.md')
BEGIN, END = '<!-- bench: begin -->', '<!-- bench: end -->'
_UNITS = {'fp32': 'GFLOP/s', 'bf16': 'GFLOP/s', 'memory': 'GB/s'}


def renew(found):
    """Write what is between the two marks of the page, and the plots, anew. found: of bench.json."""
    with open(PAGE, encoding='utf-8') as file:
        before, rest = file.read().split(BEGIN)
    after = rest.split(END)[1]
    for name in found:
        if ROWS[name].sizes:
            values = {side: _of_sizes(name, side, found) for side in found[name]['sides']}
            write_cost_curves(os.path.join(FOLDER, f'{name}.png'), values, ROWS[name].axis)
    with open(PAGE, 'w', encoding='utf-8') as file:
        file.write(f'{before}{BEGIN}\n{between_marks(found)}\n{END}{after}')


def between_marks(found):
    """The figures as Markdown."""
    parts = _machines(found)
    for title, rows in TABLES.items():
        made = {name: row for name, row in rows.items() if name in found}
        plain = {name: row for name, row in made.items() if not row.sizes}
        if made:
            parts.append(f'### {title}\n')
        if plain:
            parts.append((_table if any(OURS in row.sides for row in plain.values()) else _limits)(plain, found))
        parts += [_curve(name, found) for name in made if made[name].sizes]
    return '\n'.join(parts)


def line(name, found):
    """What was found of one row, for a terminal."""
    if ROWS[name].sizes:
        return f'{name}: ' + '; '.join(f'{side} {_of_sizes(name, side, found)}' for side in found[name]['sides'])
    return f'{name}: ' + '; '.join(f'{side} {_spread(name, side, found)}' for side in found[name]['sides'])


def _table(rows, found):
    lines = ['| row | what | this project | best other | times its speed | of the limit | goal |', '|---' * 7 + '|']
    for name, row in rows.items():
        others = [side for side in found[name]['sides'] if side != OURS]
        best = max(others, key=lambda side: _speed(name, side, found), default=None)
        lines.append('| ' + ' | '.join([
            f'`{name}`', row.title, _spread(name, OURS, found),
            f'{best}: {_spread(name, best, found)}' if best else '-', _ratio(name, best, found) if best else '-',
            _share(name, found), f'{row.goal:g}' if row.goal else '-']) + ' |')
    return '\n'.join(lines) + '\n'


def _limits(rows, found):
    lines = ['| row | what | by what is fastest |', '|---' * 3 + '|']
    for name, row in rows.items():
        best = max(found[name]['sides'], key=lambda side: _speed(name, side, found))
        lines.append(f'| `{name}` | {row.title} | {best}: {_spread(name, best, found)} |')
    return '\n'.join(lines) + '\n'


def _curve(name, found):
    """The table of a row over sizes, and its picture."""
    row, sides = ROWS[name], list(found[name]['sides'])
    values = {side: _of_sizes(name, side, found) for side in sides}
    lines = [f'**`{name}`**: {row.title}\n', '| ' + ' | '.join([row.axis, *sides]) + ' |',
             '|---' * (1 + len(sides)) + '|']
    for size in row.sizes:
        cells = [_seconds(values[side][size]) if size in values[side] else '-' for side in sides]
        lines.append('| ' + ' | '.join([f'{size:,}', *cells]) + ' |')
    return '\n'.join([*lines, '', f'![{row.title}, over {row.axis}]({name}.png)', ''])


def _of_sizes(name, side, found):
    """{size: median seconds} of one side of a curve."""
    rounds = [dict(one['value']) for one in found[name]['sides'][side]]
    return {size: statistics.median(one[size] for one in rounds) for size in rounds[0]}


def _values(name, side, found):
    return [one['value'] for one in found[name]['sides'][side]]


def _speed(name, side, found):
    """The median of a side, so that more is better."""
    middle = statistics.median(_values(name, side, found))
    return 1 / middle if ROWS[name].unit == 's' else middle


def _ratio(name, other, found):
    """'median (least to most)' of the rounds: how many times the speed of the other side ours has."""
    pairs = zip(_values(name, OURS, found), _values(name, other, found))
    ratios = [theirs / ours if ROWS[name].unit == 's' else ours / theirs for ours, theirs in pairs]
    return f'{statistics.median(ratios):.3g} ({min(ratios):.3g} to {max(ratios):.3g})'


def _share(name, found):
    """The share that ours reaches of what the machine does at best."""
    row, work = ROWS[name], found[name]['sides'][OURS][0].get('work')
    limit = f'limit-{row.limit}'
    if not work or limit not in found:
        return '-'
    peak = max(_speed(limit, side, found) for side in found[limit]['sides'])
    return f'{100 * _speed(name, OURS, found) * work / 1e9 / peak:.0f} % of {row.limit}'


def _spread(name, side, found):
    values, unit = _values(name, side, found), ROWS[name].unit
    if unit == 's':
        return f'{_seconds(statistics.median(values))} ({_seconds(min(values))} to {_seconds(max(values))})'
    return f'{statistics.median(values):.4g} {unit} ({min(values):.4g} to {max(values):.4g})'


def _seconds(value):
    unit, factor = next((unit, factor) for unit, factor, least in (('s', 1, 1), ('ms', 1e3, 1e-3), ('µs', 1e6, 0))
                        if value >= least)
    return f'{value * factor:.3g} {unit}'


def _machines(found):
    """A line for each machine and set of versions that rows were measured with."""
    made = {}
    for name, one in found.items():
        here = one['machine']
        rounds = len(next(iter(one['sides'].values())))
        versions = ', '.join(f'{package} {version}' for package, version in here['versions'].items())
        made.setdefault(f'{here["processor"]}, {here["cores"]} cores, Python {here["python"]}, {versions}; '
                        f'{rounds} rounds in turn, median (least to most)', []).append(name)
    if len(made) == 1:
        return [f'{next(iter(made))}.\n']
    return [f'- {", ".join(f"`{name}`" for name in names)}: {text}' for text, names in made.items()] + ['']
