"""What something costs against its size, for several ways of doing it, on logarithmic axes."""
from matplotlib.figure import Figure

from . import style
from .style import COLORS

_MARKS = 'osD^vP'


@style.applied()
def write_cost_curves(path, costs, axis):
    """Draw {way: {size: seconds}} as PNG, SVG or PDF. axis: what a size is, in words."""
    figure = Figure(figsize=(6.6, 3.6), dpi=160, layout='constrained')
    axes = figure.add_subplot()
    for number, (name, values) in enumerate(costs.items()):
        axes.plot(list(values), list(values.values()), marker=_MARKS[number % len(_MARKS)], ms=4, lw=1.4,
                  color=COLORS[number % len(COLORS)], label=name)
    axes.set(xscale='log', yscale='log', xlabel=axis, ylabel='seconds')
    axes.grid()
    axes.spines[['top', 'right']].set_visible(False)
    figure.legend(loc='outside right upper', fontsize=8)
    style.write_figure(path, figure)
