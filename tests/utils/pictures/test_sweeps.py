"""What is drawn of a sweep: accuracies over the values of a flag, in percent, below the feature maps."""
import imageio.v2 as imageio
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure

from tests.utils.pictures.grid_frames import runs_of
from utils.pictures import sweeps
from utils.pictures.class_looks import class_colors
from utils.pictures.sweeps import Line, Sweep, write_sweep

LMBD = [Line('center', 'by softmax', [(0.0, 0.97, 0.01), (0.001, 0.98, 0.02), (1.0, 0.99, 0.005)]),
        Line('center', 'by nearest centre', [(0.0, 0.5, 0.1), (0.001, 0.9, 0.01), (1.0, 0.98, 0.01)])]
ALPHA = [Line('center', 'by softmax', [(0.5, 0.97, None), (0.1, 0.96, None)])]
SAME = [Line('softmax', 'by softmax', [(None, 0.95, 0.01)])]


def drawn(flags, same=SAME):
    figure = Figure(figsize=(6.6, 4), dpi=100)
    FigureCanvasAgg(figure)
    sweeps._draw(figure, Sweep(flags, same, 'mean ± one standard deviation over 3 seeds'), False)
    figure.canvas.draw()
    return figure


def bars(axes):
    """[(x, y, lower ends, upper ends)] of what has error bars."""
    found = []
    for container in axes.containers:
        assert isinstance(container, ErrorbarContainer)
        (line, _, (vertical,)) = container
        ends = np.array([segment[:, 1] for segment in vertical.get_segments()])
        found.append((line.get_xdata().tolist(), line.get_ydata().tolist(), ends[:, 0].tolist(), ends[:, 1].tolist()))
    return found


def test_of_one_flag_each_accuracy_has_a_panel_with_its_spread_and_what_the_flag_does_not_change():
    softmax, knn = drawn({'lmbd': LMBD}).axes
    (x, y, low, high), = bars(softmax)
    assert x == [0, 0.001, 1] and y == pytest.approx([97, 98, 99])
    assert low == pytest.approx([96, 96, 98.5]) and high == pytest.approx([98, 100, 99.5])
    assert bars(knn)[0][1] == pytest.approx([50, 90, 98])
    assert (softmax.get_ylabel(), knn.get_ylabel()) == ('accuracy by softmax, %', 'accuracy by nearest centre, %')
    level = [line for line in softmax.lines if list(line.get_ydata()) == [95, 95]]
    assert len(level) == 1 and not any(list(line.get_ydata()) == [95, 95] for line in knn.lines)
    assert [axes.get_title(loc='left') for axes in (softmax, knn)] == ['a', 'b']
    left, right = softmax.get_xlim()
    assert softmax.get_xscale() == 'symlog' and left < 0 and 1 < right < 10, 'a 0 is on no logarithmic axis'
    assert [text.get_text() for text in softmax.get_xticklabels()] == ['0', '0.001', '1']


def test_of_several_flags_each_has_a_panel_with_all_accuracies_and_an_axis_that_suits_its_values():
    lmbd, alpha = (figure := drawn({'lmbd': LMBD, 'alpha': ALPHA})).axes
    assert [axes.get_xlabel() for axes in (lmbd, alpha)] == ['λ (lmbd)', '\u03b1 (alpha)']
    assert len(bars(lmbd)) == 2 and bars(alpha)[0][:2] == ([0.1, 0.5], [96, 97]), 'in the order of values'
    assert alpha.get_xscale() == 'linear'
    only = [Line('center', 'by softmax', [(0.001, 0.9, None), (1, 0.9, None)])]
    assert drawn({'lmbd': only}).axes[0].get_xscale() == 'log'
    legend, = figure.legends
    assert sorted(text.get_text() for text in legend.get_texts()) == [
        'center, by nearest centre', 'center, by softmax', 'softmax, by softmax']
    assert legend.get_window_extent().y1 < min(axes.get_tightbbox().y0 for axes in figure.axes)
    assert figure.texts[0].get_text() == ('a, b: test accuracy at the chosen epoch, mean ± one standard deviation over '
                                          '3 seeds')
    assert not lmbd.get_tightbbox().overlaps(alpha.get_tightbbox())


def test_a_long_legend_pushes_the_axes_and_the_maps_up(tmp_path):
    points = [(0.1, 0.9, 0.1), (1, 0.9, 0)]
    lines = [Line(f'run {number} with a rather long name, which fills a line', 'by softmax', points)
             for number in range(9)]
    figure = drawn({'lmbd': lines}, [])
    legend, = figure.legends
    assert len(legend.get_texts()) == 9 and legend.get_window_extent().y1 < figure.axes[0].get_tightbbox().y0
    assert legend.get_window_extent().x0 > 0 and legend.get_window_extent().x1 < figure.bbox.x1
    heights = []
    for number, sweep in enumerate((lines[:1], lines)):
        write_sweep(str(tmp_path / f'{number}.png'), Sweep({'lmbd': sweep}, [], 'one seed'))
        heights.append(imageio.imread(tmp_path / f'{number}.png').shape[0])
    assert heights[1] > heights[0] + 8 * 40, 'pixels'


def test_with_maps_they_come_first_on_the_same_sheet(tmp_path):
    sweep = Sweep({'lmbd': LMBD}, SAME, 'one seed')
    write_sweep(str(tmp_path / 'plain.png'), sweep)
    write_sweep(str(tmp_path / 'maps.png'), sweep, runs_of(1, 1, 1))
    plain, maps = (imageio.imread(tmp_path / f'{name}.png')[..., :3] for name in ('plain', 'maps'))
    assert plain.shape[1] == maps.shape[1] and maps.shape[0] > plain.shape[0] + 500

    def classes(image):
        """How many colours of classes are in it, of those that no line has."""
        return sum((image == color).all(axis=-1).any() for color in class_colors(10)[2:])

    below = maps[-len(plain):]
    assert classes(plain) == classes(below) == 0 and classes(maps[:-len(plain)]) == 8
    assert (below != 255).any(axis=-1).mean() == pytest.approx((plain != 255).any(axis=-1).mean(), rel=0.05)
