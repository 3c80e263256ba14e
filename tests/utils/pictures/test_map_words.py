"""What is written on feature maps: titles that fit, and the legend at the side where classes are many."""
import numpy as np
import pytest
from matplotlib.colors import to_hex

from utils.pictures import feature_map, style
from utils.pictures.class_looks import class_colors, class_markers
from utils.pictures.feature_map import FeatureMap, draw_feature_map
from utils.pictures.map_words import MOST_NAMED
from utils.pictures.plane import common_limits

NAMES = tuple(f'Long_name_of_class_{number}' for number in range(1, 31))


def drawn(maps, names):
    """The figure of some maps, drawn."""
    with style.applied():
        figure = feature_map.draw_maps(maps, common_limits(maps), ('', ''), names)
        figure.canvas.draw()
    return figure


def points_of(labels, title=''):
    return FeatureMap(np.random.default_rng(0).normal(size=(len(labels), 2)), np.asarray(labels), None, title)


def test_from_twenty_classes_on_numbers_stand_in_the_map_and_names_at_its_side():
    figure = drawn([points_of([2, 2, 29]), points_of([2, 4, 4])], NAMES)
    legend, = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        '3  Long name of class 3', '5  Long name of class 5', '30  Long name of class 30']
    assert [(to_hex(line.get_color()), line.get_marker()) for line in legend.get_lines()] == [
        (to_hex(class_colors(30)[label] / 255), class_markers(30)[label]) for label in (2, 4, 29)]
    assert [sorted(text.get_text() for text in axes.texts) for axes in figure.axes] == [['3', '30'], ['3', '5']]
    box = legend.get_window_extent()
    assert box.x0 > figure.axes[1].bbox.x1 and box.x1 <= figure.bbox.x1 and box.y0 >= 0
    assert [axes.bbox.width / axes.bbox.height for axes in figure.axes] == [pytest.approx(1)] * 2


def test_fewer_classes_have_their_names_in_the_map_and_no_legend_at_the_side():
    figure = drawn([points_of([2, 18])], NAMES[:19])
    assert [text.get_text() for text in figure.axes[0].texts] == ['Long name of class 3', 'Long name of class 19']
    assert not figure.legends and figure.bbox.width == figure.bbox.height == 960


def test_two_hundred_classes_fit_at_the_side_of_a_map_that_stays_as_high():
    one = points_of(np.arange(200))
    names = [f'American Three toed Woodpecker {number}' for number in range(200)]
    box = drawn([one], names).legends[0].get_window_extent()
    image = draw_feature_map(one, common_limits([one]), ('', ''), names)
    assert box.y0 >= 0 and len(image) == 960 and image.shape[1] >= box.x1 > 960
    assert (image[:, -5:] == 255).all(), 'a margin'


def test_a_legend_may_be_of_classes_that_this_map_has_no_points_of():
    """So that the frames of a GIF are as wide as one another."""
    one = FeatureMap(np.zeros((0, 2)), np.zeros(0, int), None, 'lost')
    limits, classes = common_limits([points_of([1])]), np.arange(30)
    assert draw_feature_map(one, limits, ('', ''), NAMES, classes).shape == draw_feature_map(
        points_of(classes), limits, ('', ''), NAMES).shape
    assert draw_feature_map(one, limits, ('', ''), NAMES).shape[1] == 960


def test_a_name_with_two_dollars_is_no_formula_and_one_that_the_font_lacks_is_a_number():
    texts = drawn([points_of([0, 1])], [r'$\nonsense{$', '麻雀', *NAMES[:20]]).legends[0].get_texts()
    assert [text.get_text() for text in texts] == [r'1  $\nonsense{$', '2  no. 2']


@pytest.mark.parametrize('title, size', [('short', 11), ('a run with a very long name: ' * 5, None)])
def test_a_title_stays_above_its_own_map_and_shrinks_for_that_alone(title, size):
    figure = drawn([points_of([1], title), points_of([1], title)], NAMES[:10])
    for axes, text, middle in zip(figure.axes, figure.texts, (480, 1440)):
        box = text.get_window_extent()
        assert middle - 480 < box.x0 and box.x1 < middle + 480 and axes.bbox.y1 < box.y0 and box.y1 <= 960
        assert size in (None, text.get_fontsize())


def test_more_classes_than_can_be_read_have_neither_names_nor_a_legend():
    names = [f'c{number}' for number in range(100_000)]
    assert MOST_NAMED < 400
    figure = drawn([points_of(np.arange(400) * 200)], names)
    assert not figure.legends and not figure.axes[0].texts and figure.bbox.width == 960
    assert drawn([points_of([5, 99_999])], names).legends, 'two classes of many'
