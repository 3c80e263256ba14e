"""The forest plot, read from what is drawn: where means, ends of intervals and dots of seeds are."""
import imageio.v2 as imageio
import numpy as np
import pytest

from utils.pictures import forest
from utils.pictures.forest import Difference

BETTER = Difference(0.04, 0.015, 0.065, [0.03, 0.04, 0.05])
OPEN = Difference(-0.01, -0.03, 0.01, [-0.02, -0.01, 0.0])
BARE = Difference(0.02, None, None, [0.02, 0.02])


def draw(names, panels):
    return forest._draw_forest('Differences from $a$', names, panels, '3 seeds')


def drawn(axes):
    """{y: [x, ...]} of diamonds, intervals and dots, and the colours of the diamonds."""
    kinds = {'D': {}, 'None': {}, '.': {}}
    colors = {}
    for line in axes.lines[1:]:
        if line.get_marker() in kinds:
            y = round(float(line.get_ydata()[0]))
            kinds[line.get_marker()][y] = list(line.get_xdata())
            if line.get_marker() == 'D':
                colors[y] = line.get_color()
    return (*kinds.values(), colors)


def test_means_ends_and_seeds_are_in_points_on_the_line_of_their_row():
    figure = draw(['center', 'dense', 'same'], {'softmax': {0: BETTER, 1: OPEN, 2: BARE}})
    axes, = figure.axes
    means, intervals, seeds, colors = drawn(axes)
    assert means == {0: pytest.approx([4]), 1: pytest.approx([-1]), 2: pytest.approx([2])}
    assert intervals == {0: pytest.approx([1.5, 6.5]), 1: pytest.approx([-3, 1])}
    assert seeds == {0: pytest.approx([3, 4, 5]), 1: pytest.approx([-2, -1, 0]), 2: pytest.approx([2, 2])}
    assert colors[0] != colors[1] == colors[2], 'what tells is not drawn as what tells nothing'
    assert list(axes.lines[0].get_xdata()) == [0, 0], 'the line of zero'
    assert [text.get_text() for text in axes.get_yticklabels()] == ['center', 'dense', 'same']
    assert axes.get_ylim()[0] > axes.get_ylim()[1], 'the first row is on top'
    assert (axes.get_xlabel(), axes.get_title()) == ('difference by softmax, points', 'higher is better')


def test_an_interval_is_drawn_from_end_to_end_and_no_further():
    """In pixels: one that just excludes zero must not touch its line."""
    figure = draw(['a'], {'softmax': {0: Difference(0.3, 0.01, 0.5, [0.3])}})
    figure.set_dpi(400)
    figure.canvas.draw()
    place = figure.axes[0].transData.transform
    middle = np.asarray(figure.canvas.buffer_rgba())[round(figure.bbox.height - place((0, 0))[1]), :, :3]
    columns = np.flatnonzero(middle.max(axis=1) < 128)
    (zero, _), (low, _), (high, _) = place([(0, 0), (1, 0), (50, 0)])
    assert columns[columns > (zero + low) / 2][0] == pytest.approx(low, abs=1.5)
    assert columns[-1] == pytest.approx(high, abs=1.5)


def test_panels_share_their_rows_and_a_row_may_be_in_one_of_them():
    figure = draw(['b', 'c'], {'recall_at_1': {0: OPEN, 1: OPEN}, 'map_at_r': {1: BETTER}})
    recall, precision = figure.axes
    assert sorted(drawn(recall)[0]) == [0, 1] and sorted(drawn(precision)[0]) == [1]
    assert recall.get_ylim() == precision.get_ylim() and precision.get_xlabel() == 'difference in MAP@R, points'


def test_one_collapse_does_not_hide_the_others():
    """It goes on beyond the edge, where an arrow says how far; all of the others is on the axis, and so is zero."""
    lost = Difference(-0.16, -0.63, 0.33, [-0.84, 0.01, 0.01])
    axes, = draw(list('abc'), {'softmax': {0: BETTER, 1: lost, 2: BETTER}}).axes
    left, right = axes.get_xlim()
    assert -84 < left < 0 and 6.5 < right < 33
    assert [text.get_text() for text in axes.texts] == ['to \u221284', 'to 33']
    assert [line.get_xdata()[0] for line in axes.lines if line.get_marker() in '<>'] == [left, right]
    axes, = draw(list('abc'), {'softmax': {0: BETTER, 1: lost._replace(mean=-0.5), 2: BETTER}}).axes
    assert [text.get_text() for text in axes.texts] == ['mean \u221250, to \u221284', 'to 33']
    alone, = draw(['b'], {'softmax': {0: lost}}).axes
    assert alone.get_xlim()[0] < -84 and not alone.texts


def test_names_and_marks_are_inside_the_picture(tmp_path):
    names = ['softmax+0.03*center@lr=0.001 $x$ _^', 'x' * 60]
    figure = draw(names, {'softmax': {0: BETTER, 1: OPEN}, 'map_at_r': {0: BETTER}})
    figure.canvas.draw()
    labels = figure.axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == names
    for text in (*labels, *(axes.xaxis.label for axes in figure.axes), *figure.texts):
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 and box.y0 >= figure.bbox.y0
    assert all(axes.bbox.width > 300 for axes in figure.axes), 'pixels'
    path = str(tmp_path / 'forest.png')
    assert forest.write_forest(path, 'Differences', names, {'softmax': {0: BETTER}}, '3 seeds') == [path]
    image = imageio.imread(path).astype(int)
    assert (image[..., 2] - image[..., 0] > 80).any(), 'the dots of seeds are blue'
    assert forest.write_forest(str(tmp_path / 'none.png'), '', [], {}, '') == []
    assert not (tmp_path / 'none.png').exists()


@pytest.mark.parametrize('names', [['a'], ['center'] * 9])
def test_the_caption_is_within_the_figure_however_narrow(names):
    figure = draw(names, {'softmax': dict.fromkeys(range(len(names)), BETTER)})
    figure.canvas.draw()
    caption = figure._supxlabel.get_window_extent()
    assert caption.x0 >= 0 and caption.x1 <= figure.bbox.width
