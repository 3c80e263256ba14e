"""The images of a split as pictures show them: photos by their place among those that are whole, and arrays."""
import os

import numpy as np
import pytest

from tests import photo_fixtures
from utils.data import load_dataset
from utils.data.dataset import Split
from utils.errors import UserError
from utils.loading.center_crops import CenterCrops
from utils.loading.photo_reader import Reader, Shape
from utils.pictures.examples import pixels_of


@pytest.fixture
def crops(tmp_path):
    """(the photos of four classes, two of them broken, seen once as a network sees them; the classes of the others)."""
    data = load_dataset('folder', photo_fixtures.write_folder(tmp_path, suffix='.png'))
    photos = data.test
    for number in (0, 7):
        with open(photos.paths[number], 'wb') as file:
            file.write(b'no image')
    with Reader() as reader:
        crops = CenterCrops(photos, reader, Shape(size=16, resize=20))
        whole = np.concatenate([index for _, index in crops.batches(None)])
        assert len(whole) == len(photos.labels) - 2
        yield crops, [photo_fixtures.NAMES.index(data.class_names[label]) for label in photos.labels[whole]]


def test_photos_are_those_of_the_outputs_which_lack_the_broken_ones(crops):
    crops, labels = crops
    index = np.array([17, 0, 6, 3, 3, 11])
    pixels = pixels_of(crops, index)
    assert pixels.shape == (6, 16, 16, 3) and pixels.dtype == np.uint8
    assert [photo_fixtures.label_of(photo) for photo in pixels] == [labels[i] for i in index]


def test_a_photo_that_is_gone_since_is_an_error_and_no_other_takes_its_place(crops):
    crops, _ = crops
    os.remove(crops.photos.paths[3])
    with pytest.raises(UserError, match='can no longer be decoded'):
        pixels_of(crops, np.array([1, 2, 3]))


@pytest.mark.parametrize('channels', [1, 2, 3])
def test_arrays_become_rgb(channels):
    """In grey, of the first channel, where they are not in three colours."""
    images = np.random.default_rng(0).integers(0, 256, (5, channels, 6, 7))
    pixels = pixels_of(Split(images.astype(np.float32) / 255, np.zeros(5, int)), np.array([4, 1]))
    for number, i in enumerate((4, 1)):
        for color in range(3):
            assert np.array_equal(pixels[number, :, :, color], images[i, color if channels == 3 else 0])
