"""What a page does with pictures: small files as they are, large sheets of photos in fewer bytes."""
import base64
import io

import numpy as np
from PIL import Image

from utils.pages.page import Picture


def linked(path):
    """(MIME type, bytes) of a picture in a page."""
    head, content = Picture(str(path), 'words').link.split(';base64,')
    return head, base64.b64decode(content)


def test_a_small_picture_travels_as_it_is(tmp_path):
    Image.new('RGB', (30, 20)).save(tmp_path / 'small.png')
    (tmp_path / 'drawn.svg').write_text('<svg/>')
    assert linked(tmp_path / 'small.png') == ('data:image/png', (tmp_path / 'small.png').read_bytes())
    assert linked(tmp_path / 'drawn.svg') == ('data:image/svg+xml', b'<svg/>')


def test_a_large_sheet_of_photos_becomes_much_smaller_and_looks_the_same(tmp_path):
    rng = np.random.default_rng(0)
    smooth = np.mgrid[:900, :900].sum(axis=0)[..., np.newaxis] / 8 + rng.integers(12, size=(900, 900, 3))
    Image.fromarray(smooth.astype(np.uint8)).save(tmp_path / 'sheet.png')
    kind, content = linked(tmp_path / 'sheet.png')
    assert kind == 'data:image/jpeg' and 4 * len(content) < (tmp_path / 'sheet.png').stat().st_size
    with Image.open(io.BytesIO(content)) as image:
        assert np.abs(np.asarray(image) - smooth).mean() < 5
