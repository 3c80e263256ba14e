"""Axes whose lines have their names at their right ends, none on another."""
import numpy as np
from matplotlib.text import Text

_LEAD = 1.04  # where names begin, the right end of the axes being 1


def spread(wanted, gap, low, high):
    """Places at least `gap` apart from `low` to `high`, as near as can be to those `wanted` (N,), in the same order.

    Where so many do not fit, they are as far apart as they can be.
    """
    wanted = np.asarray(wanted, dtype=float)
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    order = np.argsort(wanted, kind='stable')
    steps = gap * np.arange(len(wanted))
    pools = []  # [mean, count] of neighbours that would touch: their places without the gaps are one
    for place in wanted[order] - steps:
        pools.append([place, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, many), (other, more) = pools[-2:]
            pools[-2:] = [[(one * many + other * more) / (many + more), many + more]]
    packed = np.concatenate([np.full(count, mean) for mean, count in pools]) if pools else steps
    places = np.empty(len(wanted))
    places[order] = np.clip(packed, low, high - steps[-1] if len(steps) else high) + steps
    return places


def settle(axes, words):
    """Give `axes` of curves over the epochs their names; words: what is on the y axis, in which unit."""
    axes.set(xlabel='epoch', ylabel=words)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid()
    axes.spines[['top', 'right']].set_visible(False)


def label_ends(figure):
    """Write the label of each line of `figure`, which lays itself out, right of its axes, a hair from there to its end.

    Lines whose label starts with an underscore have none, as in a legend.
    """
    found = {axes: [_annotate(axes, line) for line in axes.lines if not line.get_label().startswith('_')]
             for axes in figure.axes}
    figure.draw_without_rendering()  # the names take room from the axes, and limits are settled
    for axes, texts in found.items():
        to_axes = axes.transData + axes.transAxes.inverted()
        heights = [Text.get_window_extent(text).height / axes.bbox.height for text in texts]  # without the hair
        wanted = [to_axes.transform(text.xy)[1] for text in texts]
        for text, place in zip(texts, spread(wanted, max(heights, default=0), 0, 1)):
            text.set_position((_LEAD, place))


def _annotate(axes, line):
    points = np.array(line.get_xydata(), dtype=float)
    points = points[np.isfinite(points).all(axis=1) & ((points[:, 1] > 0) | (axes.get_yscale() != 'log'))]
    return axes.annotate(
        line.get_label(), points[-1], (_LEAD, 0.5), 'data', 'axes fraction', va='center',
        color=line.get_color(), fontsize='small', parse_math=False, annotation_clip=False,
        arrowprops={'arrowstyle': '-', 'color': line.get_color(), 'lw': 0.6, 'shrinkA': 1, 'shrinkB': 0,
                    'relpos': (0, 0.5)})
