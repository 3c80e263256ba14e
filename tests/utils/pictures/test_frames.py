"""Frames on disk and the GIF made of them, also where some were damaged since they were written, or are gone."""
import os
import re

import imageio.v2 as imageio
import numpy as np
import pytest
from PIL import Image, ImageSequence

from utils.evaluation.metrics import nearest_center
from utils.pictures.class_looks import class_colors
from utils.pictures.feature_map import AXES
from utils.pictures.frame import Frame
from utils.pictures.frames import FrameStore
from utils.storage.npz import read_npz, write_npz

NAMES = tuple('0123456789')


def frame(features, labels, centers=None, knn=None):
    """A `Frame` of whatever accuracy."""
    features = np.asarray(features)
    return Frame(features, np.asarray(labels), np.arange(len(features)), np.array([np.nan, 0.5]), np.array([0, 45]),
                 knn=knn, centers=centers)


def ring(count, epoch):
    """A frame like those of training, in ten classes around their centres."""
    rng = np.random.default_rng(epoch)
    labels = rng.integers(0, 10, count)
    angles = np.arange(10) * 2 * np.pi / 10
    centers = np.stack([np.cos(angles), np.sin(angles)], axis=1) * (1 + epoch / 10)
    features = centers[labels] + rng.normal(size=(count, 2)) * 0.5 / (1 + epoch / 20)
    return frame(features, labels, centers, nearest_center(features, centers))


def test_frames_become_one_gif_and_stay_small(tmp_path):
    """A run draws 30 epochs of 10,000 points at most, in less than 2 MB: these are six of them."""
    store = FrameStore(str(tmp_path / 'frames'), NAMES)
    for number in range(1, 7):
        store.add('train', number, ring(10_000, 5 * number))
    store.render({'train': str(tmp_path / 'train.gif')}, 6)
    frames = imageio.mimread(tmp_path / 'train.gif', memtest=False)
    assert len(frames) == 6 and frames[0].shape[:2] == (960, 960)
    assert os.path.getsize(tmp_path / 'train.gif') < 2_000_000 * 6 / 30


def test_what_a_gif_has_no_room_for_is_left_out_of_it_and_stays_on_disk(tmp_path):
    """Features of random classes, nearly all of them taken for others, of two epochs."""
    rng = np.random.default_rng(0)
    store = FrameStore(str(tmp_path / 'frames'), NAMES)
    for number in (1, 2):
        store.keep('train', number, frame(*cloud(rng, 2_000), knn=rng.integers(0, 10, 2_000)))
    store.render({'train': str(tmp_path / 'train.gif')}, 2)
    assert os.path.getsize(tmp_path / 'train.gif') < 2_000_000 * 2 / 30
    frames, lost = store.read('train', 2)
    assert not lost and {len(one.labels) for one in frames.values()} == {2_000}


def test_where_a_gif_has_room_for_all_points_it_shows_all(tmp_path):
    """Of one class, in rows, so that none hides another: half as many again colour half as many pixels again."""
    colored = {}
    for count in (200, 300):  # the least that a map keeps, and more
        store, path = FrameStore(str(tmp_path / str(count)), NAMES), tmp_path / f'{count}.gif'
        store.keep('train', 1, frame(np.argwhere(np.ones((count // 20, 20))) * 1.0, np.zeros(count, int)))
        store.render({'train': str(path)}, 1)
        colored[count] = (imageio.mimread(path)[0][..., :3] == class_colors(10)[0]).all(axis=-1).sum()
    assert colored[300] == pytest.approx(1.5 * colored[200], rel=0.05)


def cloud(rng, count):
    """Points in a round heap, and their classes, which have nothing to do with where they are."""
    return rng.normal(size=(count, 2)), rng.integers(0, 10, count)


def test_a_still_point_does_not_move_between_frames(tmp_path):
    """The second frame is three times as wide: only common axes keep the first one's points small and in place."""
    store = FrameStore(str(tmp_path), NAMES)
    for epoch, scale in ((1, 1.0), (2, 3.0)):
        store.add('val', epoch, frame([[-scale, -scale], [scale, scale]], [0, 1]))
    alone = imageio.imread(tmp_path / 'val-001.png')
    store.render({'val': str(tmp_path / 'val.gif')}, 2)
    together = imageio.imread(tmp_path / 'val-001.png')

    def column(image):
        bluish = image[..., 2].astype(int) - image[..., 0] > 60  # class 0, its point and the frame of its name
        return np.nonzero(bluish.any(axis=0))[0].mean()

    middle = 960 * (AXES[0] + AXES[2] / 2)
    assert middle - column(alone) > 300 and 80 < middle - column(together) < 150


def test_two_splits_of_a_run_share_a_plane_and_a_zoom_that_holds_both(tmp_path):
    """The first frame is a speck in the axes of the last: it is drawn larger, and no larger than its sister's are."""
    store = FrameStore(str(tmp_path), NAMES)
    for epoch, scale in ((1, 0.1), (2, 1.0), (3, 10.0)):
        for name, longer in (('train', 1), ('val', 2)):
            store.add(name, epoch, frame(np.array([[-1, -1], [1, 1]]) * scale * longer, [0, 1]))
    store.render({name: str(tmp_path / f'{name}.gif') for name in ('train', 'val')}, 3)
    reach = [[reach_of(imageio.imread(tmp_path / f'{name}-{epoch:03d}.png')) for epoch in (1, 2, 3)]
             for name in ('train', 'val')]
    assert reach[0][0] > 30, 'a hundredth of the last, which common axes would show as 4 pixels and a marker'
    for train, val in zip(*reach):
        assert 1.5 < val / train < 2.6, 'same limits'


def reach_of(image):
    """Pixels from the left of the points of two classes to their right."""
    return np.ptp(np.nonzero(np.any([(image == color).all(axis=2) for color in class_colors(2)], axis=0))[1])


@pytest.fixture
def store(tmp_path):
    """A run of three epochs."""
    rng = np.random.default_rng(0)
    store = FrameStore(str(tmp_path), tuple('0123456789'))
    for epoch in (1, 2, 3):
        store.add('val', epoch, frame(*cloud(rng, 2000)))
    return store


@pytest.mark.parametrize('pattern, new', [
    (rb'\(2000, 2\)', rb'((000, 2)'), (rb'\(2000, 2\)', rb'(2000, 0)'), (rb'PK\x01\x02', b'PK\x01\x03'),
    (rb'(PK\x01\x02.{4})\x00', b'\\1\x01'), (rb'labels\.npy', rb'labelz.npy')],  # flags follow two versions
    ids=['a shape that does not end', 'fewer features', 'no directory', 'encrypted', 'no labels'])
def test_a_damaged_frame_is_named_in_one_line(store, tmp_path, pattern, new):
    path = tmp_path / 'val-001.npz'
    content, count = re.subn(pattern, new, path.read_bytes(), flags=re.DOTALL)
    assert count
    path.write_bytes(content)
    lost = store.render({'val': str(tmp_path / 'val.gif')}, 3)['val']
    assert list(lost) == [1] and 'val-001.npz is damaged: ' in lost[1] and '\n' not in lost[1]
    assert store.lost('val', 3) == lost


@pytest.mark.parametrize('name, change', [
    ('labels', lambda array: array[:, np.newaxis]), ('labels', lambda array: -1 - array),
    ('labels', lambda array: array.astype(float)), ('features', lambda array: array[:-1]),
    ('centers', lambda array: array), ('accuracies', lambda array: array[0]), ('others', lambda array: array)])
def test_a_frame_whose_arrays_do_not_fit_together_is_lost(store, tmp_path, name, change):
    path = str(tmp_path / 'val-001.npz')
    arrays = read_npz(path, ())
    write_npz(path, {**arrays, name: change(arrays.get(name, arrays['labels']))})
    (why,) = store.render({'val': str(tmp_path / 'val.gif')}, 3)['val'].values()
    assert f"expected arrays of one frame, got '{'labels' if name == 'features' else name}' of " in why


def pixels(path):
    """[(H, W, 3), ...] of a GIF's frames."""
    with Image.open(path) as gif:
        return [np.asarray(frame.convert('RGB')) for frame in ImageSequence.Iterator(gif)]


def test_without_a_frame_the_others_keep_their_place(store, tmp_path):
    """As when output/ was not copied to the machine on which a run goes on."""
    store.render({'val': str(tmp_path / 'whole.gif')}, 3)
    (tmp_path / 'val-002.npz').unlink()
    (tmp_path / 'val-002.png').unlink()
    lost = store.render({'val': str(tmp_path / 'val.gif')}, 3)['val']
    assert list(lost) == [2] and 'val-002.npz' in lost[2]
    (first, second, third), whole = pixels(tmp_path / 'val.gif'), pixels(tmp_path / 'whole.gif')
    colored = (second != second[..., :1]).any(axis=2)
    assert not colored.any() and (second < 128).any(), 'axes and a title, no point'
    for got, expected in ((first, whole[0]), (third, whole[2])):  # but for the blends of both palettes
        assert np.abs(got.astype(int) - expected).mean() < 1
    assert (tmp_path / 'val-002.png').exists(), 'a grid of runs needs as many as there are epochs'


def test_without_any_frame_the_gif_that_was_drawn_before_stays(store, tmp_path):
    store.render({'val': str(tmp_path / 'val.gif')}, 3)
    before = (tmp_path / 'val.gif').read_bytes()
    for path in tmp_path.glob('val-*'):
        path.unlink()
    assert list(store.render({'val': str(tmp_path / 'val.gif')}, 3)['val']) == [1, 2, 3]
    assert (tmp_path / 'val.gif').read_bytes() == before
