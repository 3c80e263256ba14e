"""Large JPEGs, of which not all pixels are decoded."""
import numpy as np
import pytest
from PIL import Image

from tests import photo_fixtures as fixtures
from tests.utils.loading.encoding import decoded, encoded
from utils.loading.decoding import decode, view
from utils.loading.photo_reader import Reader, Shape


@pytest.mark.parametrize('factor', [1, 2, 4, 8])
@pytest.mark.parametrize('orientation, mode', [(1, 'RGB'), (6, 'RGB'), (1, 'L')])
def test_a_large_jpeg_is_decoded_at_a_share_of_its_size(tmp_path, factor, orientation, mode):
    """As the means of squares of pixels, from just so many pixels on that no view is enlarged."""
    shape = Shape(size=24, resize=28)
    assert shape.side == 56  # the shorter side of the smallest crop is sqrt(3 / 4 / 4) of the photo's
    side = factor * shape.side
    smooth = np.asarray(Image.fromarray(fixtures.draw(0, 0)).resize((side + 40, side), Image.BICUBIC))
    content = encoded(smooth, 'JPEG', orientation, mode, quality=95)
    whole, photo = decoded(tmp_path, content).astype(float), decoded(tmp_path, content, side=shape.side)
    height, width = (length // factor * factor for length in whole.shape[:2])
    means = whole[:height, :width].reshape(height // factor, factor, width // factor, factor, 3).mean(axis=(1, 3))
    assert np.abs(photo[:len(means), :means.shape[1]] - means).mean() < 2, 'of 255'
    assert min(photo.shape[:2]) == shape.side
    one_less = decoded(tmp_path, content, side=shape.side + 1)
    assert min(one_less.shape[:2]) == (2 if factor > 1 else 1) * shape.side


def test_views_of_a_large_photo_differ_little_from_those_of_all_its_pixels(tmp_path):
    path = str(tmp_path / 'photo.jpg')
    large = Image.fromarray(fixtures.draw(0, 0)).resize((1300, 900), Image.BICUBIC)
    large.save(path, quality=95)
    shape = Shape(size=64, resize=73)
    with Reader() as reader:
        for key in (None, *((0, 1, i, 1) for i in range(10))):
            (views, _), = reader.stream([[(path, key)]], shape)
            difference = np.abs(views[0].astype(float) - view(decode(path), key, shape))
            # A box is drawn for the pixels that there are, and rounded to them.
            assert difference.mean() < (2 if key is None else 6), 'of 255'
