"""The pictures of a comparison: the grid, small and as it was drawn, and the curves of all runs."""
import os

import imageio.v2 as imageio
import numpy as np
import pytest
from PIL import Image

from utils import gallery, plotting


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
