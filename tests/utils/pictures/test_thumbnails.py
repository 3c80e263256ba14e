"""Small copies of images: each in its place, whatever its size and colours, and of photos those that could be read."""
import numpy as np
from PIL import Image

from utils.data.dataset import Split
from utils.pictures.thumbnails import COLUMNS, find_thumbnails, write_thumbnails


def written(folder, images, index=None):
    """(the file's name, its pixels as (rows, columns, side, side, 3) uint8) of images (N, channels, H, W)."""
    stem = str(folder / 'val-images')
    write_thumbnails(stem, Split(images, np.zeros(len(images))), np.arange(len(images)) if index is None else index)
    path = find_thumbnails(stem)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert('RGB'))
    side = pixels.shape[1] // COLUMNS
    return path[len(stem):], pixels.reshape(-1, side, COLUMNS, side, 3).swapaxes(1, 2)


def test_digits_are_kept_to_the_bit_in_the_order_of_the_frame(tmp_path):
    rng = np.random.default_rng(0)
    digits, order = rng.integers(256, size=(60, 1, 28, 28)), rng.permutation(60)
    kind, tiles = written(tmp_path, digits / 255, order)
    assert kind == '.png' and tiles.shape == (2, 40, 28, 28, 3)
    np.testing.assert_array_equal(tiles.reshape(80, 28, 28, 3)[:60, ..., 1], digits[order, 0])
    assert not tiles.reshape(80, -1)[60:].any()


def test_at_most_a_thousand_are_kept(tmp_path):
    assert written(tmp_path, np.ones((1003, 1, 2, 2)))[1].shape[:2] == (25, 40)


def test_photos_become_small_and_keep_their_colours(tmp_path):
    photos = np.zeros((2, 3, 96, 96))
    photos[0, 0], photos[1, 2] = 1, 0.5
    kind, tiles = written(tmp_path, photos)
    assert kind == '.jpg' and tiles.shape == (1, 40, 48, 48, 3)
    np.testing.assert_allclose(tiles[0, 0, 8:-8, 8:-8], np.broadcast_to([255, 0, 0], (32, 32, 3)), atol=6)
    np.testing.assert_allclose(tiles[0, 1, 8:-8, 8:-8], np.broadcast_to([0, 0, 128], (32, 32, 3)), atol=6)


def test_an_image_that_is_no_square_keeps_its_form(tmp_path):
    _, tiles = written(tmp_path, np.ones((1, 1, 10, 20)))
    np.testing.assert_array_equal(tiles[0, 0, :, :, 0], 255 * np.repeat([[0], [1], [0]], [5, 10, 5], axis=0)
                                  * np.ones((1, 20)))
