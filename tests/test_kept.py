"""What is committed of a comparison: it says the same as its runs did, in fewer bytes."""
import glob
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from benchmarks import kept
from benchmarks.redraw import redraw
from tests.cli import ROOT
from utils.pictures.class_looks import class_colors
from utils.pictures.frame import Frame
from utils.storage.npz import write_npz

EPOCHS, POINTS = 3, 1500


def frame(rng, labels, epoch):
    features = rng.normal(size=(POINTS, 2)).astype(np.float32) * epoch
    answers = rng.integers(0, 300, (2, POINTS))
    return Frame(features, labels, np.arange(POINTS)[::-1], np.array([0.5 + epoch / 10, np.nan]), np.array([1, 45]),
                 answers[0], answers[1], rng.random(POINTS).astype(np.float32), rng.normal(size=(10, 2)),
                 rng.normal(size=(10, 3)))


@pytest.fixture
def runs(tmp_path):
    """({row: [(folder, results) of each seed]}, {row: {split: [frames]}}) of four rows, of which the last has none."""
    rng, runs, drawn = np.random.default_rng(0), {}, {}
    for row in ('softmax', 'center', 'center+second', 'dense'):
        folder = str(tmp_path / 'runs' / row)
        os.makedirs(folder + '/frames')
        history = [{'epoch': epoch, 'softmax': rng.random(), 'train_softmax_loss': 0.5} for epoch in (1, 2, 3)]
        results = {'plotting': row != 'dense', 'config': {'lr': 0.1}, 'stage': 'train',
                   'selection': {'on': 'val', 'epoch': 2}, 'history': history}
        for split in ('train', 'val') if results['plotting'] else ():
            labels = rng.integers(0, 300, POINTS)
            drawn.setdefault(row, {})[split] = [frame(rng, labels, epoch) for epoch in (1, 2, 3)]
            for epoch, one in enumerate(drawn[row][split], 1):
                write_npz(f'{folder}/frames/{split}-{epoch:03d}.npz', one.arrays())
        runs[row] = [(folder, results), (folder, {**results, 'plotting': False})]
    return runs, drawn


def test_frames_come_back_to_the_pixel_of_a_picture(runs, tmp_path):
    kept.keep(str(tmp_path), runs[0])
    back = kept.kept_frames(str(tmp_path))
    assert list(back) == ['softmax', 'center', 'center+second'] and list(back['center']) == ['train', 'val']
    for row, splits in runs[1].items():
        for split, frames in splits.items():
            for expected, got in zip(frames, back[row][split]):
                for key in ('labels', 'indices', 'softmax', 'knn', 'accuracies', 'collapsed'):
                    np.testing.assert_array_equal(getattr(got, key), getattr(expected, key), key)
                span = np.ptp(expected.features)
                assert np.abs(got.features - expected.features).max() < span / 960
                np.testing.assert_allclose(got.weights, expected.weights, rtol=1e-3)


def test_histories_come_back_for_every_seed(runs, tmp_path):
    kept.keep(str(tmp_path), runs[0])
    back = kept.kept_runs(str(tmp_path))
    assert list(back) == list(runs[0])
    for row, made in runs[0].items():
        assert [[epoch['softmax'] for epoch in one] for one in back[row]['histories']] == [
            [pytest.approx(epoch['softmax'], rel=1e-5) for epoch in results['history']] for _, results in made]


def test_of_many_runs_fewer_points_are_kept(runs, tmp_path):
    kept.keep(str(tmp_path), {f'{row} {number}': made for row, made in runs[0].items() for number in (1, 2)})
    frames = kept.kept_frames(str(tmp_path))['center 2']['val']
    assert len(frames) == EPOCHS and {len(one.labels) for one in frames} == {1000}


def test_where_nothing_is_kept_there_is_nothing_to_draw(tmp_path):
    assert kept.kept_runs(str(tmp_path)) is None and kept.kept_frames(str(tmp_path)) == {}


def test_committed_pictures_are_drawn_again_of_what_is_committed(tmp_path):
    """Every epoch is there, every class in its colour, and the accuracies are those of the table's run."""
    folder = shutil.copytree(os.path.join(ROOT, 'output', 'reference', 'bias'), tmp_path / 'bias')
    for path in folder.glob('*.[pg][ni][gf]'):
        path.unlink()
    drawn = redraw(str(folder))
    assert sorted(map(os.path.basename, drawn)) == ['curves.png', 'grid.gif', 'grid.png']
    with Image.open(folder / 'grid.gif') as gif:
        assert gif.n_frames == 10
        gif.seek(9)
        seen = {tuple(color) for color in np.asarray(gif.convert('RGB')).reshape(-1, 3)}
    assert seen >= {tuple(color) for color in class_colors(10).tolist()}


def test_what_is_kept_for_pictures_is_small():
    paths = glob.glob(os.path.join(ROOT, 'output', 'reference', '*', '*'))
    assert sum(os.path.getsize(path) for path in paths if path.endswith(('frames.npz', 'runs.json'))) < 20e6
