"""Photos of all formats are decoded whole, and broken ones named."""
import io
import os

import numpy as np
import pytest
from PIL import Image

from tests import photo_fixtures as fixtures
from tests.utils.loading.epochs import SHAPE, batches_of, pixels
from utils.data import load_dataset
from utils.data.dataset import make_photo_split
from utils.errors import UserError
from utils.loading.decoding import BrokenPhotoError, decode
from utils.loading.photo_batches import fixed_photo_batches
from utils.loading.photo_reader import Reader


def encoded(kind, **options):
    content = io.BytesIO()
    Image.fromarray(fixtures.draw(0, 0)).save(content, kind, **options)
    return content.getvalue()


@pytest.mark.parametrize('kind, options', [('JPEG', {'quality': 95}), ('JPEG', {'progressive': True}), ('PNG', {}),
                                           ('BMP', {}), ('TIFF', {})])
def test_a_photo_is_decoded_whole_and_refused_when_cut_short(tmp_path, kind, options):
    content, path = encoded(kind, **options), tmp_path / 'photo'
    path.write_bytes(content)
    with Image.open(io.BytesIO(content)) as image:
        assert np.abs(decode(str(path)).astype(int) - np.asarray(image)).max() <= 3
    for share in (0, 0.01, 0.5, 0.9):
        path.write_bytes(content[:int(share * len(content))])
        with pytest.raises(BrokenPhotoError):
            decode(str(path))


def test_a_grey_photo_and_one_with_transparency_have_three_channels(tmp_path):
    grey = Image.fromarray(fixtures.draw(0, 0)).convert('L')
    grey.save(tmp_path / 'grey.jpg')
    Image.fromarray(fixtures.draw(0, 0)).convert('RGBA').save(tmp_path / 'alpha.png')
    photo = decode(str(tmp_path / 'grey.jpg'))
    assert photo.shape == (40, 50, 3) and (photo == photo[:, :, :1]).all()
    np.testing.assert_array_equal(decode(str(tmp_path / 'alpha.png')), fixtures.draw(0, 0))


BROKEN = {'cut.jpg': lambda: encoded('JPEG')[:-200], 'empty.jpg': lambda: b'', 'text.png': lambda: b'no photo',
          'missing.jpg': None}


@pytest.fixture
def damaged(data, tmp_path):
    """The training photos with the four broken ones among them, and the indices of those."""
    entries = list(zip(data.train.paths, data.train.labels))
    for place, (name, content) in zip((0, 7, 8, 23), BROKEN.items()):
        if content:
            (tmp_path / name).write_bytes(content())
        entries.insert(place, (str(tmp_path / name), 0))
    return make_photo_split(entries), [0, 7, 8, 23]


@pytest.mark.parametrize('where', ['here', 'in workers'])
def test_broken_photos_are_named_counted_and_left_out(damaged, data, two_workers, capfd, where):
    split, broken = damaged
    reader = Reader() if where == 'here' else two_workers
    batches = batches_of(split, reader)
    assert batches.num_images == 20 == sum(size for _, size in batches.epoch(1))
    np.testing.assert_array_equal(batches.split.paths, data.train.paths)
    found = list(fixed_photo_batches(split.paths, 5, reader, SHAPE))
    assert set(reader.broken) == {split.paths[i] for i in broken}
    indices = np.concatenate([indices for _, indices in found])
    np.testing.assert_array_equal(indices, np.setdiff1d(np.arange(24), broken))
    for images, chosen in found:
        seen = [fixtures.NAMES[fixtures.label_of(image)] for image in pixels(images.asnumpy())]
        assert seen == [data.class_names[label] for label in split.labels[chosen]]
    warnings = [line for line in capfd.readouterr().err.splitlines() if line.startswith('main.py: warning: ')]
    for name in BROKEN:
        assert sum(name in line for line in warnings) == 1, 'each is named once'
    assert 'training on 20 of 24 photos' in warnings[-1] and '(4 so far)' in warnings[-2]


def test_strict_stops_at_a_broken_photo(damaged):
    split, _ = damaged
    with Reader(strict=True) as reader:
        with pytest.raises(UserError, match=r'cannot use the photo .*cut\.jpg: it was cut short'):
            batches_of(split, reader)
        with pytest.raises(UserError, match=r'cannot use the photo .*missing\.jpg: No such file or directory'):
            list(fixed_photo_batches(split.paths[20:], 5, reader, SHAPE))


def test_nothing_to_train_on_is_an_error_and_nothing_to_test_on_is_empty(damaged):
    split, broken = damaged
    with Reader() as reader:
        with pytest.raises(UserError, match='no photo to train on can be decoded'):
            batches_of(split.take(broken), reader)
        assert list(fixed_photo_batches(split.paths[broken], 2, reader, SHAPE)) == []


def test_a_photo_that_breaks_during_training_stops_it(tmp_path):
    data = load_dataset('folder', fixtures.write_folder(tmp_path, per_class=2))
    with Reader() as reader:
        batches = batches_of(data.train, reader)
        os.remove(data.train.paths[3])
        with pytest.raises(UserError, match='can no longer be decoded'):
            list(batches.epoch(1))
