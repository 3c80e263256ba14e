"""Curves over the epochs, of a run and of a comparison."""
import imageio.v2 as imageio
import numpy as np
import pytest

from utils.pictures import curves


@pytest.mark.parametrize('knn, center', [(0.8, 0.1), (None, 0.0)])
def test_curves_are_drawn_with_and_without_center_loss(tmp_path, knn, center):
    rows = [{'epoch': epoch, 'softmax_loss': 1 / epoch, 'center_loss': center, 'train_accuracy': 0.9, 'softmax': 0.9,
             'knn': knn, 'intra': 1, 'inter': 5, 'center_offset': knn, 'center_moved': knn} for epoch in (1, 2, 3)]
    losses, accuracies, distances = curves._draw_run_curves(rows, 'val').axes
    lines = {axes.get_title(): {line.get_label(): line.get_ydata().tolist() for line in axes.lines}
             for axes in (losses, accuracies, distances)}
    with_center, with_knn = ({} if knn is None else found for found in (
        {'center': [center] * 3}, {'val, by nearest centre': [knn] * 3}))
    of_centers = {} if knn is None else {'centre to its class mean': [knn] * 3, 'centre moved in an epoch': [knn] * 3}
    assert lines == {
        'training losses': {'softmax': [1, 1 / 2, 1 / 3], **with_center},
        'accuracies': {'training, by softmax': [0.9] * 3, 'val, by softmax': [0.9] * 3, **with_knn},
        'mean distances, val': {'feature to its class mean': [1] * 3, 'between class means': [5] * 3, **of_centers}}
    assert [axes.get_yscale() for axes in (losses, accuracies, distances)] == ['log', 'linear', 'log']
    curves.write_run_curves(str(tmp_path / 'curves.png'), rows, 'val')
    assert imageio.imread(tmp_path / 'curves.png').std() > 10, 'something is drawn'


def histories(count):
    """{run: its only history}; every other run has class centres."""
    return {f'run {i}, lr=0.0001': [[{'softmax': 0.5, 'knn': 0.4 if i % 2 else None, 'recall_at_1': 0.3}] * 3]
            for i in range(count)}


def test_curves_are_drawn_for_runs_with_and_without_centers(tmp_path):
    history = [[{'softmax': 0.8 + seed / 10, 'knn': 0.7}, {'softmax': 0.9, 'knn': 0.8}] for seed in (0, 1)]
    without = [[{'softmax': 0.8, 'knn': None}]]
    runs = {'center': history, 'softmax': without}
    softmax, knn = curves._draw_comparison_curves(runs).axes
    assert [axes.get_title().split(',')[0] for axes in (softmax, knn)] == [
        'accuracy by softmax', 'accuracy by nearest centre']
    center, alone = (line.get_ydata() for line in softmax.lines)
    np.testing.assert_allclose(center, [0.85, 0.9])
    assert alone.tolist() == [0.8] and len(knn.lines) == 1
    curves.write_comparison_curves(str(tmp_path / 'curves.png'), runs)
    assert imageio.imread(tmp_path / 'curves.png').std() > 10, 'something is drawn'


@pytest.mark.parametrize('count', [3, 10, 44, 60])
def test_a_legend_takes_no_room_from_the_curves_and_names_every_run_once(count):
    figure = curves._draw_comparison_curves(histories(count))
    figure.canvas.draw()
    legend, = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(histories(count))
    assert not any(axes.get_legend() for axes in figure.axes)
    inside, box = figure.bbox, legend.get_window_extent()
    assert inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0
    for axes in figure.axes:
        assert axes.get_tightbbox().y0 >= box.y1, 'the legend covers the axes'
        assert axes.bbox.height > 300 and axes.bbox.width > 400, 'pixels'


def test_a_run_looks_the_same_in_all_panels_and_like_no_other():
    looks = {}
    for panel in curves._draw_comparison_curves(histories(60)).axes:
        for line in panel.lines:
            look = (line.get_color(), line.get_linestyle(), line.get_marker())
            looks.setdefault(panel.get_title(), []).append(look)
    softmax, knn, recall = looks.values()
    assert len(softmax) == len(set(softmax)) == 60 and recall == softmax and knn == softmax[1::2]


def test_a_name_wider_than_the_panels_widens_the_figure():
    figure = curves._draw_comparison_curves({'x' * 200: [[{'softmax': 0.5}]]})
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
