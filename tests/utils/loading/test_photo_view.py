"""What is cut out of a photo: its middle, or a box drawn at random, half of them flipped."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import nd
from PIL import Image, ImageOps

from tests import photo_fixtures as fixtures
from tests.utils.loading.epochs import SHAPE
from utils.loading.decoding import decode, random_box, view
from utils.loading.photo_reader import Reader, Shape


@pytest.mark.parametrize('size', [(160, 200), (40, 50), (20, 25)])
def test_the_shorter_side_is_scaled_to_resize(size):
    photo = np.asarray(Image.fromarray(fixtures.draw(1, 0)).resize(size[::-1], Image.BICUBIC))
    scaled = Image.fromarray(photo).resize((75, 60), Image.BICUBIC).crop((17, 10, 57, 50))
    seen = view(photo, None, Shape(size=40, resize=60))
    assert np.abs(seen.astype(float) - np.asarray(scaled)).mean() < 2, 'of 255, for another way to interpolate'


@pytest.mark.parametrize('height, width', [(40, 50), (300, 200), (1, 1), (10, 500), (500, 10)])
def test_a_random_box_lies_in_the_photo_and_has_the_area_and_ratio_asked_for(height, width):
    boxes = np.array([random_box(height, width, 0.25, np.random.default_rng(seed)) for seed in range(500)])
    left, top, box_width, box_height = boxes.T
    assert (boxes[:, :2] >= 0).all() and (boxes[:, 2:] > 0).all()
    assert (left + box_width <= width).all() and (top + box_height <= height).all()
    # Sides are rounded to pixels.
    assert ((box_width + 1) / (box_height - 0.999) >= 3 / 4).all()
    assert ((box_width - 1) / (box_height + 1) <= 4 / 3).all()
    if min(height, width) >= 40:
        areas = box_width * box_height / (height * width)
        assert areas.min() >= 0.25 - 0.05 and areas.max() > 0.8 and areas.min() < 0.3
        assert len(np.unique(left)) > 5 and len(np.unique(top)) > 5


def test_half_of_the_crops_are_flipped():
    ramp = np.broadcast_to(np.linspace(0, 250, 48).astype(np.uint8)[np.newaxis, :, np.newaxis], (48, 48, 3)).copy()
    flipped = 0
    for i in range(500):
        seen = view(ramp, (0, 1, i, 1), SHAPE).astype(int)[:, :, 0]
        steps = np.diff(seen, axis=1)
        assert (steps >= 0).all() or (steps <= 0).all()
        flipped += steps.sum() < 0
    assert 205 <= flipped <= 295, 'four standard deviations from 250'


@pytest.mark.parametrize('height, width', [(160, 200), (40, 50), (20, 25), (50, 20), (36, 280), (33, 47)])
def test_views_are_those_of_mxnets_own_functions(height, width):
    """To 1 of 255, by which versions of OpenCV round otherwise."""
    photo = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    array, side = nd.array(photo, dtype=np.uint8), (SHAPE.size,) * 2
    middle, _ = mx.image.center_crop(mx.image.resize_short(array, SHAPE.resize, interp=9), side, interp=9)
    assert np.abs(view(photo, None, SHAPE).astype(int) - middle.asnumpy()).max() <= 1
    for i in range(10):
        rng = np.random.default_rng((0, i))
        expected = mx.image.fixed_crop(array, *random_box(height, width, SHAPE.min_area, rng), side, interp=9).asnumpy()
        expected = expected[:, ::-1] if rng.random() < 0.5 else expected
        assert np.abs(view(photo, (0, i), SHAPE).astype(int) - expected).max() <= 1


@pytest.mark.parametrize('orientation', [1, 3, 6, 8])
@pytest.mark.parametrize('mode', ['RGB', 'L', 'CMYK'])
def test_a_photo_is_turned_once_whatever_its_colours(tmp_path, mode, orientation):
    path, exif = str(tmp_path / 'photo.jpg'), Image.Exif()
    exif[0x112] = orientation
    Image.fromarray(fixtures.draw(0, 0)).convert(mode).save(path, quality=95, exif=exif)
    with Image.open(path) as photo:
        expected = np.asarray(ImageOps.exif_transpose(photo).convert('RGB')).astype(int)
    got = decode(path)
    assert got.shape == expected.shape and np.abs(got - expected).max() <= 3


def test_a_photo_that_was_reduced_for_one_network_is_decoded_anew_for_a_larger_one(tmp_path):
    path, large = str(tmp_path / 'photo.jpg'), Shape(size=96, resize=110)
    Image.fromarray(fixtures.draw(0, 0)).resize((400, 320), Image.BICUBIC).save(path)
    with Reader(cache_bytes=1 << 24) as both, Reader() as one:
        seen = [next(reader.stream([[(path, (0, 1, 2, 1))]], shape))[0]
                for reader, shape in ((both, SHAPE), (both, large), (one, large))]
    np.testing.assert_array_equal(seen[1], seen[2])
