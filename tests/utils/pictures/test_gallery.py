"""The pictures of a comparison: the grid, small and as it was drawn, and the curves of all runs."""
import os

import imageio.v2 as imageio
import numpy as np
import pytest
from PIL import Image

from utils.pictures import gallery, plotting


def draw_run(folder, classes):
    """A run's frames of its only epoch; returns (its folder, the images side by side)."""
    rng = np.random.default_rng(classes)
    paths = [str(folder / 'frames' / f'{name}-001.png') for name in ('train', 'val')]
    for path, count in zip(paths, (5000, 1000)):
        centers = rng.normal(size=(classes, 2)) * 5
        labels = rng.integers(0, classes, count)
        features = centers[labels] + rng.normal(size=(count, 2)) * 0.6
        plotting.write_feature_map(path, features, labels, centers, 'a run', [str(i) for i in range(classes)])
    return str(folder), np.hstack([imageio.imread(path) for path in paths])


def is_one_grey(image):
    """(H / 2, W / 2) whether the four pixels there are one grey."""
    four = image.reshape(len(image) // 2, 2, -1, 2, 3)
    return (four == four[:, :1, :, :1, :1]).all(axis=(1, 3, 4))


@pytest.mark.parametrize('classes', [10, 98])
def test_a_grid_takes_less_than_half_of_its_bytes_and_looks_as_its_frames_do(tmp_path, classes):
    folder, drawn = draw_run(tmp_path / 'run', classes)
    results = {'selection': {'on': 'val'}, 'history': [{}], 'class_names': [str(i) for i in range(classes)]}
    gallery.write_grids(str(tmp_path / 'grid.png'), str(tmp_path / 'grid.gif'), {folder: results})
    plotting.write_png(str(tmp_path / 'full.png'), drawn)
    assert os.path.getsize(tmp_path / 'grid.png') < 0.5 * os.path.getsize(tmp_path / 'full.png')
    with Image.open(tmp_path / 'grid.png') as grid:
        difference = np.abs(np.asarray(grid.convert('RGB')).astype(int) - drawn)
    assert difference.mean() < 2 and np.percentile(difference, 99.9) < 32, 'of 255'
    assert (difference[(drawn == drawn[..., :1]).all(axis=2)] == 0).all(), 'paper stays white, letters black'
    with Image.open(tmp_path / 'grid.gif') as grid:
        small = np.asarray(grid.convert('RGB')).astype(int)
    assert (small[is_one_grey(drawn)] == drawn[::2, ::2][is_one_grey(drawn)]).all()


def test_up_to_256_colours_are_kept_exactly(tmp_path):
    rng = np.random.default_rng(0)
    colors = np.unique(rng.integers(0, 256, (256, 3)), axis=0).astype(np.uint8)
    image = np.concatenate([colors, colors[rng.integers(0, len(colors), 64 * 64 - len(colors))]]).reshape(64, 64, 3)
    plotting.write_palette_png(str(tmp_path / 'a.png'), image, 10)
    with Image.open(tmp_path / 'a.png') as got:
        np.testing.assert_array_equal(np.asarray(got.convert('RGB')), image)


def histories(count):
    """{run: its only history}; every other run has class centres."""
    return {f'run {i}, lr=0.0001': [[{'softmax': 0.5, 'knn': 0.4 if i % 2 else None, 'recall_at_1': 0.3}] * 3]
            for i in range(count)}


@pytest.mark.parametrize('count', [3, 10, 44, 60])
def test_a_legend_takes_no_room_from_the_curves_and_names_every_run_once(count):
    figure = gallery._draw_curves(histories(count))
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
    for panel in gallery._draw_curves(histories(60)).axes:
        for line in panel.lines:
            look = (line.get_color(), line.get_linestyle(), line.get_marker())
            looks.setdefault(panel.get_title(), []).append(look)
    softmax, knn, recall = looks.values()
    assert len(softmax) == len(set(softmax)) == 60 and recall == softmax and knn == softmax[1::2]


def test_a_name_wider_than_the_panels_widens_the_figure():
    figure = gallery._draw_curves({'x' * 200: [[{'softmax': 0.5}]]})
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
