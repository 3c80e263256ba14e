"""The grids of a comparison: a row a run, small and as it was drawn."""
import os

import imageio.v2 as imageio
import numpy as np
import pytest
from PIL import Image

from utils.pictures.feature_map import write_feature_map
from utils.pictures.grids import write_grids
from utils.pictures.image_files import write_png


def draw_run(folder, classes):
    """A run's frames of its only epoch; returns (its folder, the images side by side)."""
    rng = np.random.default_rng(classes)
    paths = [str(folder / 'frames' / f'{name}-001.png') for name in ('train', 'val')]
    for path, count in zip(paths, (5000, 1000)):
        centers = rng.normal(size=(classes, 2)) * 5
        labels = rng.integers(0, classes, count)
        features = centers[labels] + rng.normal(size=(count, 2)) * 0.6
        write_feature_map(path, features, labels, centers, 'a run', [str(i) for i in range(classes)])
    return str(folder), np.hstack([imageio.imread(path) for path in paths])


def is_one_grey(image):
    """(H / 2, W / 2) whether the four pixels there are one grey."""
    four = image.reshape(len(image) // 2, 2, -1, 2, 3)
    return (four == four[:, :1, :, :1, :1]).all(axis=(1, 3, 4))


@pytest.mark.parametrize('classes', [10, 98])
def test_a_grid_takes_less_than_half_of_its_bytes_and_looks_as_its_frames_do(tmp_path, classes):
    folder, drawn = draw_run(tmp_path / 'run', classes)
    results = {'selection': {'on': 'val'}, 'history': [{}], 'class_names': [str(i) for i in range(classes)]}
    write_grids(str(tmp_path / 'grid.png'), str(tmp_path / 'grid.gif'), {folder: results})
    write_png(str(tmp_path / 'full.png'), drawn)
    assert os.path.getsize(tmp_path / 'grid.png') < 0.5 * os.path.getsize(tmp_path / 'full.png')
    with Image.open(tmp_path / 'grid.png') as grid:
        difference = np.abs(np.asarray(grid.convert('RGB')).astype(int) - drawn)
    assert difference.mean() < 2 and np.percentile(difference, 99.9) < 32, 'of 255'
    assert (difference[(drawn == drawn[..., :1]).all(axis=2)] == 0).all(), 'paper stays white, letters black'
    with Image.open(tmp_path / 'grid.gif') as grid:
        small = np.asarray(grid.convert('RGB')).astype(int)
    assert (small[is_one_grey(drawn)] == drawn[::2, ::2][is_one_grey(drawn)]).all()


def fake_frames(folder, epochs, color):
    """PNG frames of one colour that grows brighter with the epoch."""
    (folder / 'frames').mkdir(parents=True)
    for epoch in range(1, epochs + 1):
        for name in ('train', 'val'):
            image = np.zeros((960, 960, 3), np.uint8)
            image[..., color] = 50 * epoch + 20 * (name == 'val')
            imageio.imwrite(folder / 'frames' / f'{name}-{epoch:03d}.png', image)
    return str(folder), {'selection': {'on': 'val'}, 'history': [{}] * epochs}


def test_grids_have_a_row_a_run_and_wait_for_the_longest(tmp_path):
    runs = dict([fake_frames(tmp_path / 'a', 3, 0), fake_frames(tmp_path / 'b', 2, 1)])
    write_grids(str(tmp_path / 'grid.png'), str(tmp_path / 'grid.gif'), runs)
    grid = imageio.imread(tmp_path / 'grid.png')
    assert grid.shape[:2] == (1920, 1920)
    assert [grid[y, x].tolist() for y in (480, 1440) for x in (480, 1440)] == [
        [150, 0, 0], [170, 0, 0], [0, 100, 0], [0, 120, 0]]
    frames = imageio.mimread(tmp_path / 'grid.gif')
    assert len(frames) == 3 and frames[0].shape[:2] == (960, 960)
    assert frames[1][720, 240][:3].tolist() == frames[2][720, 240][:3].tolist() == [0, 100, 0]


@pytest.mark.parametrize('damage, said', [
    (lambda path: path.unlink(), 'there is no '), (lambda path: path.write_bytes(b''), ' is damaged: '),
    (lambda path: path.write_bytes(path.read_bytes()[:len(path.read_bytes()) // 2]), ' is damaged: '),
    (lambda path: (path.unlink(), os.mkfifo(path)), 'it is no regular file'),
    (lambda path: imageio.imwrite(path, np.zeros((9, 7, 3), np.uint8)), 'its size is 7 x 9 pixels')],
    ids=['missing', 'empty', 'cut off', 'a pipe, which would be waited for', 'of another size'])
def test_a_run_whose_frames_are_lost_is_left_out_of_the_grids_in_one_line(tmp_path, capsys, damage, said):
    runs = dict([fake_frames(tmp_path / 'a', 3, 0), fake_frames(tmp_path / 'b', 2, 1)])
    paths = [str(tmp_path / 'grid.png'), str(tmp_path / 'grid.gif')]
    damage(tmp_path / 'a' / 'frames' / 'val-002.png')
    assert write_grids(*paths, runs) == paths
    printed = capsys.readouterr().err
    assert printed.count('\n') == 1 and said in printed
    assert printed.startswith('main.py: warning: the grids lack a: ') and 'val-002.png' in printed
    assert imageio.imread(paths[0]).shape[:2] == (960, 1920), 'the other run'
    damage(tmp_path / 'b' / 'frames' / 'train-001.png')
    before = (tmp_path / 'grid.png').read_bytes()
    assert write_grids(*paths, runs) == [] and (tmp_path / 'grid.png').read_bytes() == before
