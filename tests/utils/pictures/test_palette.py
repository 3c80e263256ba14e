"""Greys of few levels, and colours that stand in for many."""
import numpy as np

from utils.pictures import palette

KEPT = np.array([[119, 119, 119], [130, 130, 130], [200, 30, 30]], np.uint8)


def test_greys_become_the_nearest_of_sixteen_but_for_those_that_are_kept():
    """As a loop over the pixels has it; all else stays."""
    rng = np.random.default_rng(0)
    greys = np.arange(256).repeat(3).reshape(16, 16, 3)
    image = np.vstack([greys, rng.integers(0, 256, (16, 16, 3)), rng.integers(129, 132, (16, 16, 3))]).astype(np.uint8)
    kept, expected = {tuple(color) for color in KEPT.tolist()}, image.copy()
    for pixel in expected.reshape(-1, 3):
        if len(set(pixel.tolist())) == 1 and tuple(pixel.tolist()) not in kept:
            pixel[:] = min(range(0, 256, 17), key=lambda level: abs(level - int(pixel[0])))
    np.testing.assert_array_equal(palette.round_greys(image, KEPT), expected)


def test_what_is_left_of_the_colours_goes_to_those_that_have_none_yet():
    """A hundred times as many pixels are of colours that are kept anyway, and have no part in what is chosen."""
    oranges = np.array([[240 + i, 140 + j, 20] for i in range(8) for j in range(8)], np.uint8)
    sample = palette.pack(np.vstack([oranges, KEPT[2:].repeat(6400, axis=0)]))
    greys = np.arange(0, 256, 17)[:, np.newaxis].repeat(3, axis=1)
    fixed = np.unique(palette.pack(np.vstack([greys, KEPT])))
    found = palette.choose(np.unique(sample), sample, KEPT, len(fixed) + 1)
    chosen, = np.setdiff1d(found, fixed)
    assert np.isin(fixed, found).all()
    assert np.abs([chosen >> 16, chosen >> 8 & 255, chosen & 255] - oranges.mean(axis=0)).max() < 8
