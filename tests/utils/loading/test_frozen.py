"""Features of a frozen backbone: the right ones, computed once, whatever photos are broken."""
import glob
import os

import mxnet as mx
import numpy as np
import pytest
from mxnet.gluon import nn
from PIL import Image

from tests import photo_fixtures as fixtures
from utils.data.dataset import make_photo_split
from utils.errors import UserError
from utils.loading.center_crops import CenterCrops
from utils.loading.frozen import frozen_split
from utils.loading.photo_reader import Reader, Shape

SHAPE = Shape(size=32, resize=40)


class Means(nn.Block):
    """A backbone that weighs the mean of each channel; counts the images it has seen."""

    def __init__(self):
        super().__init__()
        self.seen = 0
        self.weight = self.params.get('weight', shape=(1, 3), init=mx.init.Constant(2))

    def forward(self, images):
        self.seen += len(images)
        return images.mean(axis=(2, 3)) * self.weight.data()


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Three photos of two classes with broken ones among them: of text, and one that is not there."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    entries = [(str(tmp_path / 'photos' / name), label) for name, label in (
        ('a.png', 0), ('text.png', 1), ('b.png', 1), ('missing.png', 0), ('c.png', 0))]
    for number, (path, label) in enumerate(entries):
        if 'missing' not in path:
            fixtures.save(path, label, number)
    (tmp_path / 'photos' / 'text.png').write_bytes(b'no photo')
    return make_photo_split(entries)


def run(photos, strict=False):
    """What a new process would do: (the split of features, how many images its backbone saw, the reader's dict)."""
    backbone = Means()
    backbone.initialize()
    with Reader(strict=strict) as reader:
        split = frozen_split(CenterCrops(photos, reader, SHAPE), backbone, mx.cpu())
    return split, backbone.seen, reader.broken


def expected(photos, indices):
    """By Pillow: twice the mean of each channel of the middle; the shorter side has the 40 pixels already."""
    middles = []
    for path in photos.paths[indices]:
        with Image.open(path) as photo:
            middles.append(np.asarray(photo.crop((9, 4, 41, 36))).mean(axis=(0, 1)) / 255)
    return 2 * (np.array(middles) - SHAPE.mean) / SHAPE.std


def kept():
    path, = glob.glob(os.path.join(os.environ['XDG_CACHE_HOME'], '**', '*.npz'), recursive=True)
    return path


def test_broken_photos_are_named_by_each_run_and_the_others_are_computed_once(photos, capfd):
    for images in (3, 0, 0):
        split, seen, broken = run(photos)
        assert seen == images
        np.testing.assert_allclose(split.images, expected(photos, [0, 2, 4]), rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(split.labels, [0, 1, 0])
        assert list(broken) == [photos.paths[1], photos.paths[3]]
        lines = capfd.readouterr().err.splitlines()
        assert ['text.png: it is no image' in lines[0], 'missing.png: No such file' in lines[1]] == [True, True]
        assert lines[0].endswith('(1 so far)') and lines[1].endswith('(2 so far)') and len(lines) == 2


def test_a_strict_run_stops_at_a_photo_that_an_earlier_one_left_out(photos):
    run(photos)
    with pytest.raises(UserError, match=r'cannot use the photo .*text\.png: it is no image'):
        run(photos, strict=True)


@pytest.mark.parametrize('place', [1, 3], ids=['it was text', 'it was missing'])
def test_a_photo_that_was_mended_is_looked_at(photos, place):
    run(photos)
    fixtures.save(photos.paths[place], 1, 9)
    split, seen, broken = run(photos)
    whole = sorted([0, 2, 4, place])
    assert seen == 1 and list(broken) == [photos.paths[4 - place]]
    np.testing.assert_allclose(split.images, expected(photos, whole), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(split.labels, photos.labels[whole])


def test_a_photo_that_could_not_be_read_for_a_moment_is_looked_at(photos):
    run(photos)
    with np.load(kept()) as stored:
        arrays = {name: stored[name][:2] for name in stored.files}
    np.savez(kept(), **arrays)
    for images in (1, 0):
        split, seen, _ = run(photos)
        assert seen == images
        np.testing.assert_allclose(split.images, expected(photos, [0, 2, 4]), rtol=1e-4, atol=1e-4)


def test_another_split_of_the_same_photos_finds_their_features(photos):
    run(photos.take([4, 0]))
    split, seen, _ = run(photos.take([0, 2, 4]))
    assert seen == 1
    np.testing.assert_allclose(split.images, expected(photos, [0, 2, 4]), rtol=1e-4, atol=1e-4)
    split, seen, _ = run(photos.take([2, 0]))
    assert seen == 0
    np.testing.assert_array_equal(split.labels, [1, 0])
    np.testing.assert_allclose(split.images, expected(photos, [2, 0]), rtol=1e-4, atol=1e-4)


def test_features_of_other_threads_or_versions_are_not_taken(photos, monkeypatch):
    """They may have other bits, and results.json names the threads and versions of the run."""
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    assert [run(photos)[1] for _ in range(2)] == [3, 0]
    monkeypatch.setenv('OMP_NUM_THREADS', '2')
    assert [run(photos)[1] for _ in range(2)] == [3, 0]
    monkeypatch.setattr(mx, '__version__', '1.9.0')
    assert [run(photos)[1] for _ in range(2)] == [3, 0]


@pytest.mark.parametrize('old, new', [(b'(3, 3)', b'(1, 3)'), (b'(3, 3)', b'(3, 3('), (b'PK\x01\x02', b'PK\x01\x03')])
def test_features_that_were_damaged_are_computed_anew(photos, old, new):
    run(photos)
    with open(kept(), 'rb') as file:
        content = file.read()
    assert old in content
    with open(kept(), 'wb') as file:
        file.write(content.replace(old, new, 1))
    for images in (3, 0):
        split, seen, _ = run(photos)
        assert seen == images
        np.testing.assert_allclose(split.images, expected(photos, [0, 2, 4]), rtol=1e-4, atol=1e-4)
