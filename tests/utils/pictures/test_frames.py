"""Frames on disk that were damaged since they were written, or are gone."""
import re

import numpy as np
import pytest
from PIL import Image, ImageSequence

from utils.pictures.frames import FrameStore


@pytest.fixture
def store(tmp_path):
    """A run of three epochs."""
    rng = np.random.default_rng(0)
    store = FrameStore(str(tmp_path), tuple('0123456789'))
    for epoch in (1, 2, 3):
        store.add('val', epoch, rng.normal(size=(2000, 2)), rng.integers(0, 10, 2000), None, f'epoch {epoch}')
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
    lost = store.render('val', 3, str(tmp_path / 'val.gif'))
    assert list(lost) == [1] and 'val-001.npz is damaged: ' in lost[1] and '\n' not in lost[1]
    assert store.lost('val', 3) == lost


def pixels(path):
    """[(H, W, 3), ...] of a GIF's frames."""
    with Image.open(path) as gif:
        return [np.asarray(frame.convert('RGB')) for frame in ImageSequence.Iterator(gif)]


def test_without_a_frame_the_others_keep_their_place(store, tmp_path):
    """As when output/ was not copied to the machine on which a run goes on."""
    store.render('val', 3, str(tmp_path / 'whole.gif'))
    (tmp_path / 'val-002.npz').unlink()
    (tmp_path / 'val-002.png').unlink()
    lost = store.render('val', 3, str(tmp_path / 'val.gif'))
    assert list(lost) == [2] and 'val-002.npz' in lost[2]
    (first, second, third), whole = pixels(tmp_path / 'val.gif'), pixels(tmp_path / 'whole.gif')
    colored = (second != second[..., :1]).any(axis=2)
    assert not colored.any() and (second < 128).any(), 'axes and a title, no point'
    for got, expected in ((first, whole[0]), (third, whole[2])):  # but for the blends of both palettes
        assert np.abs(got.astype(int) - expected).mean() < 1
    assert (tmp_path / 'val-002.png').exists(), 'a grid of runs needs as many as there are epochs'


def test_without_any_frame_the_gif_that_was_drawn_before_stays(store, tmp_path):
    store.render('val', 3, str(tmp_path / 'val.gif'))
    before = (tmp_path / 'val.gif').read_bytes()
    for path in tmp_path.glob('val-*'):
        path.unlink()
    assert list(store.render('val', 3, str(tmp_path / 'val.gif'))) == [1, 2, 3]
    assert (tmp_path / 'val.gif').read_bytes() == before
