"""Where the names of lines stand: apart, in order, and no further off than they must be."""
import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from utils.pictures.line_labels import label_ends, spread


@pytest.mark.parametrize('wanted, places', [
    ([], []), ([5], [5]), ([2, 8], [2, 8]), ([5, 5], [4.5, 5.5]), ([0, 0.2], [0, 1]), ([10, 9.9], [10, 9]),
    ([7, 1, 7], [6.5, 1, 7.5]), ([-3, 20], [0, 10])])
def test_places_are_as_wanted_but_apart_and_inside(wanted, places):
    assert spread(wanted, 1, 0, 10).tolist() == pytest.approx(places)


def test_no_places_are_nearer_to_those_wanted():
    """Among all on a fine grid that keep the gap and the order."""
    wanted = np.array([3.0, 3.2, 3.3])
    tries = np.array(list(itertools.product(np.arange(1, 6, 0.1), repeat=3)))
    tries = tries[(np.diff(tries) > 1 - 1e-9).all(axis=1)]
    best = tries[np.argmin(((tries - wanted) ** 2).sum(axis=1))]
    assert np.abs(spread(wanted, 1, 0, 10) - best).max() < 0.1


def test_more_than_fit_are_as_far_apart_as_they_can_be():
    assert spread([1, 1, 1, 1, 1], 9, 0, 10).tolist() == pytest.approx([0, 2.5, 5, 7.5, 10])


def test_names_touch_nothing_and_a_hair_goes_to_the_end_of_their_line():
    figure = Figure(figsize=(4, 3), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for number in range(6):
        axes.plot([1, 2], [0, 1 + number / 1000], label=f'run {number}')
    axes.plot([1, 2], [9, float('nan')], label='ended before')
    axes.plot([1, 2], [0, 0], label='_without')
    label_ends(figure)
    figure.canvas.draw()
    assert [text.get_text() for text in axes.texts] == [*(f'run {number}' for number in range(6)), 'ended before']
    assert [text.xy[0] for text in axes.texts] == [2] * 6 + [1]
    assert all(text.xy[1] == 1 + number / 1000 for number, text in enumerate(axes.texts[:6]))
    boxes = [Text.get_window_extent(text) for text in axes.texts]
    assert not any(a.overlaps(b) for a, b in itertools.combinations([box.padded(-1) for box in boxes], 2))
    assert all(box.x0 > axes.bbox.x1 and box.x1 <= figure.bbox.x1 for box in boxes)
    heights = [box.y0 for box in boxes[:6]]
    assert heights == sorted(heights), 'in the order of the lines'
