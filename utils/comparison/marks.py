"""Which rows of a table are best in a column, and which can't be told from the best."""
from ..evaluation import columns
from .differences import paired

BEST, NOT_WORSE = 'best', 'not worse'


def marks(rows):
    """{(index of a row, figure): BEST or NOT_WORSE} for the figures that rows are compared by.

    rows: of `table.summarize`. A row is not worse if the 95 % interval of its paired difference from the best has zero
    in it. One of which a run collapsed is neither, and nothing is marked in a column where the best shares no seeds
    with any other row.
    """
    found = {}
    for column in map(columns.find, columns.compared()):
        there = [index for index, row in enumerate(rows) if row[column.key]['values'] and not row.get('collapsed')]
        if there:
            found.update(_of_column(rows, there, column))
    return found


def _of_column(rows, there, column):
    pick = min if column.better == 'lower' else max
    best = pick(there, key=lambda index: rows[index][column.key]['mean'])
    others = [index for index in there if index != best]
    differences = paired([rows[best], *({**rows[index], 'baseline': rows[best]['run']} for index in others)],
                         (column.key,))[1:]
    pairs = {index: difference[column.key] for index, difference in zip(others, differences) if difference}
    not_worse = {(index, column.key): NOT_WORSE for index, pair in pairs.items() if _has_zero(pair)}
    return {(best, column.key): BEST, **not_worse} if pairs else {}


def _has_zero(pair):
    low, high = (pair['mean'], pair['mean']) if pair['low'] is None else (pair['low'], pair['high'])
    return low <= 0 <= high
