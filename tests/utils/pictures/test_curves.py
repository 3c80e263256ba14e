"""Curves over the epochs, of a run and of a comparison."""
import imageio.v2 as imageio
import numpy as np
import pytest
from matplotlib.text import Text

from utils.pictures import curves
from utils.pictures.comparison_curves import draw_comparison_curves


@pytest.mark.parametrize('knn, center', [(0.8, 0.1), (None, 0.0)])
def test_curves_are_drawn_with_and_without_center_loss(tmp_path, knn, center):
    rows = [{'epoch': epoch, 'softmax_loss': 1 / epoch, 'center_loss': center, 'train_accuracy': 0.9, 'softmax': 0.9,
             'knn': knn, 'intra': 1, 'inter': 5, 'center_offset': knn, 'center_moved': knn} for epoch in (1, 2, 3)]
    losses, accuracies, distances = (figure := curves._draw_run_curves(rows, 'val')).axes
    lines = {axes.get_ylabel(): {line.get_label(): line.get_ydata().tolist() for line in axes.lines}
             for axes in (losses, accuracies, distances)}
    with_center, with_knn = ({} if knn is None else found for found in (
        {'center': [center] * 3}, {'validation, by nearest centre': [80] * 3}))
    of_centers = {} if knn is None else {'centre to its class mean': [knn] * 3, 'centre moved in an epoch': [knn] * 3}
    assert lines == {
        'training loss': {'softmax': [1, 1 / 2, 1 / 3], **with_center},
        'accuracy, %': {'training, by softmax': [90] * 3, 'validation, by softmax': [90] * 3, **with_knn},
        'mean distance': {'feature to its class mean': [1] * 3, 'between class means': [5] * 3, **of_centers}}
    assert [axes.get_yscale() for axes in (losses, accuracies, distances)] == ['log', 'linear', 'log']
    assert [axes.get_xlabel() for axes in figure.axes] == ['epoch'] * 3
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [list(own) for own in lines.values()]
    assert 'validation images, in units of the features' in figure._supxlabel.get_text()
    curves.write_run_curves(str(tmp_path / 'curves.png'), rows, 'val')
    assert imageio.imread(tmp_path / 'curves.png').std() > 10, 'something is drawn'


def test_a_loss_that_came_to_nothing_does_not_end_the_drawing(tmp_path):
    rows = [{'epoch': epoch, 'softmax_loss': loss, 'softmax': None} for epoch, loss in ((1, 0.5), (2, 0.1), (3, 0.0))]
    curves.write_run_curves(str(tmp_path / 'curves.svg'), rows, 'test')
    losses, *_ = curves._draw_run_curves(rows, 'test').axes
    assert list(losses.texts[0].xy) == [2, 0.1], 'the last that a logarithmic axis has'


def histories(count):
    """{run: its only history}; every other run has class centres."""
    return {f'run {i}, lr=0.0001': [[{'softmax': 0.5 + i / 100, 'knn': 0.4 if i % 2 else None}] * 3]
            for i in range(count)}


def test_a_few_runs_share_a_panel_and_have_their_names_at_the_ends_of_their_lines(tmp_path):
    history = [[{'softmax': 0.8 + seed / 10, 'knn': 0.7}, {'softmax': 0.9, 'knn': 0.8}] for seed in (0, 1)]
    runs = {'center': history, 'softmax': [[{'softmax': 0.8, 'knn': None}]]}
    figure = draw_comparison_curves(runs, '1 to 2 seeds')
    softmax, knn = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ['accuracy by softmax, %', 'accuracy by nearest centre, %']
    center, alone = (line.get_ydata() for line in softmax.lines)
    np.testing.assert_allclose(center, [85, 90])
    assert alone.tolist() == [80] and len(knn.lines) == 1 and not figure.legends
    assert [text.get_text() for text in softmax.texts] == ['center', 'softmax']
    assert [text.get_text() for text in knn.texts] == ['center']
    band = softmax.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(85 + 100 * np.std([0.8, 0.9], ddof=1)) and len(softmax.collections) == 1
    assert figure._supxlabel.get_text() == ('On the images that choose the epoch; line: mean over 1 to 2 seeds, '
                                            'band: ± one standard deviation')
    curves.write_comparison_curves(str(tmp_path / 'curves.png'), runs)
    assert imageio.imread(tmp_path / 'curves.png').std() > 10, 'something is drawn'


def test_no_band_is_explained_where_there_is_none():
    assert draw_comparison_curves(histories(3))._supxlabel.get_text() == 'On the images that choose the epoch'


@pytest.mark.parametrize('count', [8, 9, 60])
def test_of_many_runs_each_has_a_panel_with_the_others_in_grey_behind_it(count):
    runs = histories(count)
    figure = draw_comparison_curves(runs)
    figure.canvas.draw()
    panels = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title() for axes in panels] == list(runs)
    assert len({(*axes.get_xlim(), *axes.get_ylim()) for axes in panels}) == 1, 'common axes'
    for number, axes in enumerate(panels):
        greys = [line for line in axes.lines if line.get_color() == '0.8']
        own = [line for line in axes.lines if line not in greys]
        assert len(greys) == count - 1 and [line.get_ydata()[0] for line in own] == pytest.approx(
            [50 + number, 40][:1 + number % 2])
        assert min(line.zorder for line in own) > max(line.zorder for line in greys)
        assert len({line.get_linestyle() for line in own}) == len(own)
        assert axes.bbox.width > 150 and axes.bbox.height > 110, 'pixels of 100 an inch'
    legend, = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        'accuracy by softmax', 'accuracy by nearest centre', 'the other runs, accuracy by softmax']
    assert legend.get_window_extent().y0 >= max(axes.title.get_window_extent().y1 for axes in panels) - 1
    columns = sum(axes.get_ylabel() == '' for axes in panels)
    assert columns < count and all(axes.get_ylabel() in ('', 'accuracy, %') for axes in panels)


def test_a_long_name_is_wrapped_and_stays_inside():
    figure = draw_comparison_curves({'x' * 100: [[{'softmax': 0.5}]], 'b': [[{'softmax': 0.5}]]})
    figure.canvas.draw()
    long, short = figure.axes[0].texts
    assert long.get_text().replace('\n', '') == 'x' * 100 and long.get_text().count('\n') == 3
    assert not Text.get_window_extent(long).overlaps(Text.get_window_extent(short).padded(-1))
    assert Text.get_window_extent(long).x1 <= figure.bbox.x1 and figure.axes[0].bbox.width > 250
