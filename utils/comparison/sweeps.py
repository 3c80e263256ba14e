"""What a comparison found over the values of a flag, where these are numbers."""
from ..evaluation import columns
from ..pictures.sweeps import Line, Sweep
from .table import counted

_FIGURES = 2  # accuracies that are shown, those that rows are compared by before others


def swept(rows, summaries):
    """The `Sweep` of `rows` of `plan` and their rows of the table; None where no flag has two numbers or more."""
    keys = [key for key in columns.compared() if columns.find(key).unit == '%'
            and any(summary[key]['values'] for summary in summaries)][:_FIGURES]
    flags, same = {}, {}
    for row, summary in zip(rows, summaries):
        for key in keys if row.variant else ():
            figure, (run, change) = summary[key], row.variant
            if figure['mean'] is None:
                continue
            flag, value = change or (None, None)
            if change and type(value) not in (int, float):
                return None
            of_flag = flags.setdefault(flag, {}) if change else same
            of_flag.setdefault((run, columns.find(key).curve), []).append((value, figure['mean'], figure['std']))
    if not any(len({point[0] for points in lines.values() for point in points}) > 1 for lines in flags.values()):
        return None
    return Sweep({flag: _lines(lines) for flag, lines in flags.items()}, _lines(same), _over(summaries))


def _over(summaries):
    """What a point and its bar are, in words."""
    splits, seeds = counted(summaries)
    if not splits:
        return 'one seed' if seeds == '1 seed' else f'mean ± one standard deviation over {seeds}'
    return f'mean ± one standard deviation over {splits}, {seeds} each'


def _lines(found):
    return [Line(run, figure, points) for (run, figure), points in found.items()]
