"""Colours and markers of classes: told apart by readers with deuteranopia and protanopia, and legible on white."""
import numpy as np
import pytest

from tests.utils.pictures.seen_colors import SEEN_BY, contrast, difference, smallest_difference
from utils.pictures import palette
from utils.pictures.class_looks import COLORS, RIGHT, WRONG, class_colors, class_markers


@pytest.mark.parametrize('one, other, expected', [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425), ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977), ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082)])
def test_the_difference_is_that_of_the_published_pairs(one, other, expected):
    """Of Sharma et al., 2005, table 1."""
    assert difference(one, other) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize('reader', SEEN_BY)
def test_every_two_colours_differ_for_every_reader(reader):
    tableau = ('#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2', '#7f7f7f', '#bcbd22')
    assert smallest_difference(COLORS, SEEN_BY[reader]) > 15.5
    assert smallest_difference((RIGHT, WRONG), SEEN_BY[reader]) > 20
    if reader != 'everybody':
        assert smallest_difference(tableau, SEEN_BY[reader]) < 8, 'what the measure must refuse'


@pytest.mark.parametrize('color', [*COLORS, RIGHT, WRONG])
def test_every_colour_has_a_contrast_of_three_to_one_on_white(color):
    assert contrast('#ffffff', color) >= 3


def test_a_hundred_classes_differ_and_a_class_looks_the_same_among_few_and_many():
    looks = [(*color, marker) for color, marker in zip(class_colors(100).tolist(), class_markers(100))]
    assert len({(str(color), marker) for *color, marker in looks}) == 100
    assert looks[:7] == [(*color, marker) for color, marker in zip(class_colors(7).tolist(), class_markers(7))]
    assert len(set(class_markers(10))) == len(np.unique(class_colors(10), axis=0)) == 10


@pytest.mark.parametrize('reader', SEEN_BY)
def test_no_tint_of_a_region_can_be_taken_for_a_point(reader):
    tints = ['#' + bytes(tint.tolist()).hex() for tint in palette.tint(class_colors(len(COLORS)))]
    assert min(smallest_difference((color, tint), SEEN_BY[reader]) for color in COLORS for tint in tints) > 15.5
