"""Photos as files: upright, of a size that is known before they are decoded, and with all of their data."""
import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

import main
from tests import photo_fixtures as fixtures
from tests.utils.loading.encoding import decoded, encoded
from utils.errors import UserError
from utils.loading.decoding import BrokenPhotoError, view
from utils.loading.photo_reader import Reader, Shape

HEIGHT, WIDTH = 72, 104  # no multiples of 16, so the last blocks are not whole


@pytest.fixture(scope='module')
def drawn():
    """(HEIGHT, WIDTH, 3) uint8 that no turn and no flip leaves as it is, and in which no block is grey."""
    picture = np.asarray(Image.fromarray(fixtures.draw(0, 0)).resize((WIDTH, HEIGHT))).copy()
    picture[:20, :30] = (0, 0, 250)
    return picture


@pytest.mark.parametrize('orientation', range(1, 9))
@pytest.mark.parametrize('kind, options', [('JPEG', {'quality': 95}), ('PNG', {}), ('TIFF', {})])
def test_a_photo_is_seen_as_its_exif_says(tmp_path, drawn, kind, options, orientation):
    content = encoded(drawn, kind, orientation, **options)
    with Image.open(io.BytesIO(content)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image)).astype(int)
    photo = decoded(tmp_path, content)
    assert photo.shape == expected.shape == ((WIDTH, HEIGHT, 3) if orientation > 4 else (HEIGHT, WIDTH, 3))
    assert np.abs(photo - expected).max() <= 3, 'another JPEG decoder rounds otherwise'
    upright = decoded(tmp_path, encoded(drawn, kind, **options)).astype(int)
    assert (orientation == 1) == (photo.shape == upright.shape and np.abs(photo - upright).max() <= 3)


@pytest.mark.parametrize('orientation', [0, 9, 65535])
def test_an_orientation_that_exif_does_not_know_changes_nothing(tmp_path, drawn, orientation):
    np.testing.assert_array_equal(decoded(tmp_path, encoded(drawn, 'PNG', orientation)), drawn)


def test_a_damaged_exif_leaves_a_good_photo(tmp_path, drawn):
    content = encoded(drawn, 'JPEG', 6, quality=95)
    place = content.index(b'Exif\0\0') + 6
    for damage in (b'rubbish!', b'II*\0\xff\xff\xff\xff', b'MM\0*\0\0\0\x08\0\0'):
        changed = content[:place] + damage + content[place + len(damage):]
        assert np.abs(decoded(tmp_path, changed).astype(int) - drawn).mean() < 10


def test_what_training_and_search_see_is_upright(tmp_path, drawn):
    """A photo on its side and the same photo turned by its pixels are one to them."""
    (tmp_path / 'side.png').write_bytes(encoded(drawn, 'PNG', 6))
    (tmp_path / 'up.png').write_bytes(encoded(np.ascontiguousarray(np.rot90(drawn, -1)), 'PNG'))
    paths = [str(tmp_path / name) for name in ('side.png', 'up.png')]
    with Reader(cache_bytes=1 << 20) as reader:
        for key in (None, (0, 1, 2, 1), (0, 1, 3, 1)):
            (views, _), = reader.stream([[(path, key) for path in paths]], Shape(size=32, resize=40))
            np.testing.assert_array_equal(*views)


def claiming(content, height, width):
    """A JPEG whose header says that it is of that size."""
    place = content.index(struct.pack('>HH', HEIGHT, WIDTH))
    return content[:place] + struct.pack('>HH', height, width) + content[place + 4:]


def empty_png():
    """A PNG of 0 x 0 pixels, with its checksums."""
    chunks = ((b'IHDR', struct.pack('>IIBBBBB', 0, 0, 8, 2, 0, 0, 0)), (b'IDAT', zlib.compress(b'')), (b'IEND', b''))
    return b'\x89PNG\r\n\x1a\n' + b''.join(struct.pack('>I', len(content)) + name + content + struct.pack(
        '>I', zlib.crc32(name + content)) for name, content in chunks)


def test_a_header_that_claims_billions_of_pixels_is_refused_before_they_are_made(tmp_path, drawn):
    limit = main.parse(['--train']).config.machine.max_pixels
    assert limit == 2 * Image.MAX_IMAGE_PIXELS, 'as Pillow has it'
    with pytest.raises(BrokenPhotoError, match=f'it has 65535 x 65535 pixels, more than --max_pixels {limit}'):
        decoded(tmp_path, claiming(encoded(drawn, 'JPEG'), 65535, 65535), max_pixels=limit)
    content = encoded(drawn, 'PNG')
    with pytest.raises(BrokenPhotoError, match='it has 104 x 72 pixels, more than --max_pixels 7487'):
        decoded(tmp_path, content, max_pixels=HEIGHT * WIDTH - 1)
    assert decoded(tmp_path, content, max_pixels=HEIGHT * WIDTH).shape == (HEIGHT, WIDTH, 3)


def test_pillows_own_limit_is_left_to_others(tmp_path, drawn, monkeypatch):
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 100)
    assert decoded(tmp_path, encoded(drawn, 'PNG')).shape == (HEIGHT, WIDTH, 3)
    assert Image.MAX_IMAGE_PIXELS == 100


def test_no_single_file_ends_a_run_unless_it_is_strict(tmp_path, drawn, capfd):
    (tmp_path / 'good.png').write_bytes(encoded(drawn, 'PNG'))
    (tmp_path / 'bomb.jpg').write_bytes(claiming(encoded(drawn, 'JPEG'), 60000, 60000))
    (tmp_path / 'empty.png').write_bytes(empty_png())
    (tmp_path / 'text.jpg').write_bytes(b'no photo')
    (tmp_path / 'folder.jpg').mkdir()
    os.mkfifo(tmp_path / 'pipe.jpg')
    os.symlink('/dev/zero', tmp_path / 'zero.jpg')
    os.symlink('loop.jpg', tmp_path / 'loop.jpg')
    reasons = {'bomb.jpg': 'it has 60000 x 60000 pixels, more than --max_pixels 8000',
               **dict.fromkeys(['pipe.jpg', 'zero.jpg'], 'it is no regular file'), 'folder.jpg': 'Is a directory',
               **dict.fromkeys(['empty.png', 'text.jpg'], 'it is no image that MXNet can decode'),
               'gone.jpg': 'No such file or directory', 'loop.jpg': 'Too many levels of symbolic links'}
    paths = [str(tmp_path / name) for name in ('good.png', *reasons)]
    with Reader(max_pixels=8000) as reader:
        assert reader.whole(paths).tolist() == [0]
        assert {os.path.basename(path): reason for path, reason in reader.broken.items()} == reasons
    assert capfd.readouterr().err.count('main.py: warning: left out photo ') == len(reasons)
    with Reader(strict=True, max_pixels=8000) as reader:
        for path in paths[1:]:
            with pytest.raises(UserError, match=f'cannot use the photo {path}: {reasons[os.path.basename(path)]}'):
                reader.whole([path])


@pytest.mark.skipif(not os.path.exists('/proc/self/clear_refs'), reason='measures memory in /proc')
@pytest.mark.parametrize('shape', [(2, 8000, 3), (8000, 2, 3)])
def test_a_strip_is_not_blown_up_to_be_cut_down(shape):
    """Scaled as a whole it would take 786 MB."""
    strip = np.full(shape, 255, np.uint8)
    middle = tuple(slice(max(0, side // 2 - 3), side // 2 + 3) for side in shape[:2])
    strip[middle] = (200, 100, 50)
    before = peak_memory(reset=True)
    seen = view(strip, None, Shape(size=224, resize=256))
    assert peak_memory() - before < 300e6
    assert seen.shape == (224, 224, 3) and np.abs(seen[112, 112].astype(int) - (200, 100, 50)).max() <= 2


def peak_memory(reset=False):
    """Most bytes of memory that this process had, since the last `reset`."""
    if reset:
        with open('/proc/self/clear_refs', 'w') as file:
            file.write('5')
    with open('/proc/self/status') as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith('VmHWM'))


JPEGS = {'plain': {}, 'fine colours': {'subsampling': 0}, 'several scans': {'progressive': True},
         'restarts': {'restart_marker_blocks': 4}, 'grey': {'mode': 'L'}, 'for print': {'mode': 'CMYK'}}


@pytest.mark.parametrize('name', JPEGS)
def test_a_jpeg_with_an_end_mark_before_its_end_was_cut_short(tmp_path, drawn, name):
    whole = encoded(drawn, 'JPEG', quality=90, **JPEGS[name])
    thumbnail = encoded(drawn[:16, :16], 'JPEG')
    whole = whole[:2] + b'\xff\xe5' + struct.pack('>H', len(thumbnail) + 2) + thumbnail + whole[2:]
    start = whole.index(b'\xff\xda', len(thumbnail) + 20)  # of the first scan
    with Image.open(io.BytesIO(whole)) as image:
        expected = np.asarray(image.convert('RGB')).astype(int)
    if name != 'for print':  # whose colours Pillow makes in another way
        assert np.abs(decoded(tmp_path, whole) - expected).max() <= 3
    decoded(tmp_path, whole + b'film \xff\xda \xff\xd9 film')  # as telephones put one behind a photo
    last = whole.rindex(b'\xff\xda')
    ends = [start + int(share * (len(whole) - start)) for share in (0.1, 0.5, 0.8)] + [(last + len(whole)) // 2]
    if name == 'several scans':
        ends.append(whole.rindex(b'\xff\xc4'))  # between two of them
    for end in ends:
        for mark in (b'', b'\xff\xd9', b'\xff\xff\xff\xd9'):  # in front of which there may be any number of FF
            content = whole[:end] + mark
            with pytest.raises(BrokenPhotoError, match='it was cut short'):
                decoded(tmp_path, content)


def test_a_photo_that_ends_in_grey_is_whole(tmp_path, drawn):
    grey = drawn.copy()
    grey[-24:, -24:] = 128
    assert (decoded(tmp_path, encoded(grey, 'JPEG', quality=95))[-8:, -8:] == 128).all()
    with Reader() as reader:
        for _ in range(2):  # the second time it is known
            assert reader.whole([str(tmp_path / 'photo')]).tolist() == [0]
