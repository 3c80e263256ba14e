"""Batches of photos: the right pixels with their labels, the same in every process."""
import mxnet as mx
import numpy as np
import pytest
from PIL import Image

from tests import photo_fixtures as fixtures
from tests.utils.loading.epochs import SHAPE, batches_of, by_m, epoch_of, pixels
from utils.data.dataset import make_photo_split
from utils.errors import UserError
from utils.loading.photo_batches import fixed_photo_batches
from utils.loading.photo_reader import Reader
from utils.loading.samplers import class_balanced


def test_a_test_image_is_the_middle_of_the_photo_normalised(data):
    with Reader() as reader:
        (images, indices), = fixed_photo_batches(data.test.paths, 100, reader, SHAPE)
    assert images.dtype == np.float32 and images.shape == (20, 3, 32, 32)
    np.testing.assert_array_equal(indices, np.arange(20))
    for image, path in zip(images.asnumpy(), data.test.paths):
        with Image.open(path) as photo:  # its shorter side has the 40 pixels of `resize` already
            middle = np.asarray(photo.crop((9, 4, 41, 36)))
        expected = (middle / 255 - SHAPE.mean) / SHAPE.std
        np.testing.assert_allclose(image, expected.transpose(2, 0, 1), rtol=1e-5, atol=1e-5)


def test_training_images_are_crops_of_the_right_photos_with_their_labels(data):
    with Reader() as reader:
        batches = batches_of(data.train, reader)
        sizes, seen = [], []
        for (shard,), size in batches.epoch(1):
            images, labels = shard
            assert images.shape == (size, 3, 32, 32) and images.dtype == np.float32
            assert labels.shape == (size,) and labels.dtype == np.int32
            sizes.append(size)
            order = [fixtures.NAMES.index(data.class_names[label]) for label in labels.asnumpy()]
            assert [fixtures.label_of(image) for image in pixels(images.asnumpy())] == order
            seen.extend(labels.asnumpy())
    assert sizes == [6, 6, 6, 2] and batches.num_images == 20
    np.testing.assert_array_equal(np.bincount(seen), [5, 5, 5, 5])


def test_an_epoch_is_the_same_whatever_decodes_it_and_what_came_before(data, two_workers):
    seen = []
    for reader, earlier in ((Reader(), 0), (Reader(cache_bytes=1 << 20), 1), (two_workers, 1)):
        batches = batches_of(data.train, reader, sampler=class_balanced)
        if earlier:
            epoch_of(batches, earlier)
        (images, indices), = fixed_photo_batches(data.test.paths, 20, reader, SHAPE)
        seen.append([*epoch_of(batches, 2), images.asnumpy(), indices])
    for other in seen[1:]:
        for ours, theirs in zip(seen[0], other):
            np.testing.assert_array_equal(ours, theirs)


def test_epochs_and_seeds_see_other_crops(data):
    one = make_photo_split([(data.train.paths[0], 0)])
    with Reader() as reader:
        views = [epoch_of(batches_of(one, reader, seed=seed), epoch)[0] for seed, epoch in ((0, 1), (0, 2), (1, 1))]
    assert not any(np.array_equal(views[i], views[j]) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_a_photo_drawn_twice_in_an_epoch_is_seen_in_two_ways(data):
    one = make_photo_split([(data.train.paths[0], 0)])
    with Reader() as reader:
        images, labels = epoch_of(batches_of(one, reader, batch_size=4, sampler=by_m(4)), 1)
    assert len(labels) == 4 and len({image.tobytes() for image in images}) == 4


@pytest.mark.parametrize('sampler, expected', [(class_balanced, 20), (by_m(3), 18)])
def test_an_epoch_has_as_many_images_as_its_sampler_gives(data, sampler, expected):
    with Reader() as reader:
        batches = batches_of(data.train, reader, sampler=sampler)
        assert batches.num_images == expected == sum(size for _, size in batches.epoch(3))


def test_a_batch_is_split_over_the_devices_and_none_goes_without(data):
    contexts = [mx.cpu(0), mx.cpu(1)]
    with Reader() as reader:
        single = epoch_of(batches_of(data.train.take(np.arange(9)), reader, batch_size=4), 1)
        batches = batches_of(data.train.take(np.arange(9)), reader, batch_size=4, contexts=contexts)
        for shards, size in batches.epoch(1):
            assert [images.context for images, _ in shards] == [labels.context for _, labels in shards] == contexts
            assert sum(len(labels) for _, labels in shards) == size
        assert [size for _, size in batches.epoch(1)] == [4, 5]
        for ours, theirs in zip(epoch_of(batches, 1), single):
            np.testing.assert_array_equal(ours, theirs)
        with pytest.raises(UserError, match='--batch_size must be at least 2, one image a device, got 1'):
            batches_of(data.train, reader, batch_size=1, contexts=contexts)


def test_processes_decode_their_shares_of_the_same_batches(data):
    """Photos that come twice in an epoch, by two processes, are still seen as one process would see them."""
    looked_at = []

    def all_of(indices, count):
        looked_at.append(indices)
        return np.arange(count)
    with Reader() as reader:
        options = {'batch_size': 12, 'sampler': by_m(4)}
        whole = list(batches_of(data.train, reader, **options).epoch(2))
        parts = [list(batches_of(data.train, reader, part=(rank, 5), all_of=all_of, **options).epoch(2))
                 for rank in range(5)]
    np.testing.assert_array_equal(looked_at, np.split(np.arange(20), 5))
    assert len(whole) == len(parts[0]) > 0
    for (((images, labels),), size), *shares in zip(whole, *parts):
        assert [len(own) for (((_, own),), _) in shares] == [3, 3, 2, 2, 2] and {count for _, count in shares} == {size}
        for ours, kind in ((images, 0), (labels, 1)):
            np.testing.assert_array_equal(np.concatenate([share[0][0][kind].asnumpy() for share in shares]),
                                          ours.asnumpy())
