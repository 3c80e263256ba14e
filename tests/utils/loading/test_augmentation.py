"""Random affine changes against a bilinear sampling written out as loops, and what they may do at most."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from utils.data.dataset import Split
from utils.loading.augmentation import RandomAffine, get_augmentation
from utils.loading.batches import Batches


def warp(image, matrix):
    """image: (H, W). matrix: (2, 3), from target to source in coordinates of -1 to 1; outside is 0."""
    height, width = image.shape
    out = np.zeros(image.shape)
    for row in range(height):
        for column in range(width):
            target = np.array([2 * column / (width - 1) - 1, 2 * row / (height - 1) - 1, 1])
            x, y = (matrix @ target + 1) * [(width - 1) / 2, (height - 1) / 2]
            for i in (int(np.floor(y)), int(np.floor(y)) + 1):
                for j in (int(np.floor(x)), int(np.floor(x)) + 1):
                    if 0 <= i < height and 0 <= j < width:
                        out[row, column] += image[i, j] * (1 - abs(y - i)) * (1 - abs(x - j))
    return out


def test_is_a_bilinear_sampling_of_what_it_draws():
    images = np.random.default_rng(0).random((4, 2, 9, 9), dtype=np.float32)
    change = RandomAffine(rotation=40, shift=0.3, scale=0.5, shear=0.4)
    got = change(nd.array(images), np.random.default_rng(1)).asnumpy()
    matrices = change.draw(4, np.random.default_rng(1)).reshape(4, 2, 3)
    for image, matrix, changed in zip(images, matrices, got):
        for channel in range(2):
            np.testing.assert_allclose(changed[channel], warp(image[channel], matrix), atol=1e-4)


def one_kind(kind, value):
    return RandomAffine(**{**dict.fromkeys(('rotation', 'shift', 'scale', 'shear'), 0), kind: value})


def test_without_any_change_images_stay_as_they_are():
    images = np.random.default_rng(0).random((4, 1, 28, 28), dtype=np.float32)
    got = one_kind('shift', 0)(nd.array(images), np.random.default_rng(0)).asnumpy()
    np.testing.assert_allclose(got, images, atol=1e-5)


@pytest.mark.parametrize('kind, value, measure, limit', [
    ('rotation', 10, lambda m: np.rad2deg(np.arctan2(m[:, 1, 0], m[:, 1, 1])), 10),
    ('shift', 0.1, lambda m: m[:, 0, 2] / 2, 0.1),
    ('scale', 0.1, lambda m: np.log(m[:, 0, 0]), np.log(1.1)),
    ('shear', 0.2, lambda m: m[:, 0, 1], 0.2),
])
def test_reaches_but_never_passes_what_was_asked_for(kind, value, measure, limit):
    found = measure(one_kind(kind, value).draw(5000, np.random.default_rng(0)).reshape(-1, 2, 3))
    assert -limit * 1.001 <= found.min() < -0.98 * limit and 0.98 * limit < found.max() <= limit * 1.001
    assert abs(found.mean()) < 0.05 * limit


def test_an_epochs_changes_depend_on_seed_and_number_alone():
    rng = np.random.default_rng(0)
    split = Split(rng.random((20, 1, 8, 8), dtype=np.float32), np.arange(20))

    def epoch(seed, number):
        batches = Batches(split, 8, [mx.cpu()], seed, get_augmentation('affine'))
        shards = [shard for shards, _ in batches.epoch(number) for shard in shards]
        images, labels = (np.concatenate([part.asnumpy() for part in parts]) for parts in zip(*shards))
        return images[np.argsort(labels)]
    np.testing.assert_array_equal(epoch(0, 1), epoch(0, 1))
    for other in (epoch(0, 2), epoch(1, 1), split.images):
        assert (np.abs(epoch(0, 1) - other).reshape(20, -1).max(axis=1) > 0.01).all()
