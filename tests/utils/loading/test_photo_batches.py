"""Photos, decoded and augmented: the right pixels, the same in every process, and broken ones named."""
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import mxnet as mx
import numpy as np
import pytest
from PIL import Image

from tests import photo_fixtures as fixtures
from tests.cli import ROOT
from utils.data import load_dataset
from utils.data.dataset import make_photo_split
from utils.errors import UserError
from utils.loading.decoding import BrokenPhotoError, decode, random_box, view
from utils.loading.photo_batches import PhotoBatches, fixed_photo_batches
from utils.loading.photo_reader import Reader, Shape
from utils.loading.samplers import class_balanced, m_per_class

SHAPE = Shape(size=32, resize=40)
CPU = [mx.cpu()]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return fixtures.write_folder(tmp_path_factory.mktemp('folder'), suffix='.png')


@pytest.fixture
def data(folder):
    return load_dataset('folder', folder)


@pytest.fixture(scope='module')
def two_workers():
    with Reader(2, cache_bytes=1 << 20) as reader:
        yield reader


def by_m(m):
    return lambda labels, batch_size, rng: m_per_class(labels, batch_size, m, rng)


def batches_of(split, reader, batch_size=6, contexts=CPU, seed=0, **options):
    return PhotoBatches(split, batch_size, contexts, seed, reader, SHAPE, **options)


def epoch_of(batches, number):
    """All images and labels of an epoch, as numpy arrays."""
    shards = [shard for shards, _ in batches.epoch(number) for shard in shards]
    return [np.concatenate([shard[i].asnumpy() for shard in shards]) for i in (0, 1)]


def pixels(images):
    """(B, H, W, 3) values from 0 to 255 of normalised images (B, 3, H, W)."""
    return (images.transpose(0, 2, 3, 1) * SHAPE.std + SHAPE.mean) * 255


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


@pytest.mark.parametrize('size', [(160, 200), (40, 50), (20, 25)])
def test_the_shorter_side_is_scaled_to_resize(size):
    photo = np.asarray(Image.fromarray(fixtures.draw(1, 0)).resize(size[::-1], Image.BICUBIC))
    scaled = Image.fromarray(photo).resize((75, 60), Image.BICUBIC).crop((17, 10, 57, 50))
    seen = view(photo, None, Shape(size=40, resize=60))
    assert np.abs(seen.astype(float) - np.asarray(scaled)).mean() < 2, 'of 255, for another way to interpolate'


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


def test_decoded_photos_are_kept_as_far_as_the_budget_goes(tmp_path):
    data = load_dataset('folder', fixtures.write_folder(tmp_path, per_class=2))
    one_photo = fixtures.HEIGHT * fixtures.WIDTH * 3
    with Reader(cache_bytes=8 * one_photo) as all_fit, Reader(cache_bytes=5 * one_photo + 10) as five_fit:
        before = epoch_of(batches_of(data.train, all_fit), 1)
        assert len(five_fit.whole(data.train.paths)) == 8
        for path in data.train.paths:
            os.remove(path)
        for ours, theirs in zip(epoch_of(batches_of(data.train, all_fit), 1), before):
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(five_fit.whole(data.train.paths), np.arange(5))


def test_records_are_decoded_in_workers_as_files_are(tmp_path, two_workers):
    data = load_dataset('recordio', fixtures.write_recordio(tmp_path, per_class=2))
    images, labels = epoch_of(batches_of(data.train, two_workers), 1)
    assert [fixtures.label_of(image) for image in pixels(images)] == labels.tolist() and len(labels) == 8


def test_a_worker_that_dies_is_an_error_and_no_hang(data):
    others = set(multiprocessing.active_children())
    with Reader(1) as reader:
        reader.whole(data.train.paths)
        worker, = set(multiprocessing.active_children()) - others
        worker.kill()
        for _ in range(2):  # when it is waited for, and when there is nobody left to ask
            with pytest.raises(UserError, match='a worker process that decodes photos died; if memory ran out'):
                reader.whole(data.train.paths)


@pytest.mark.skipif(not os.path.isdir('/proc/self'), reason='looks for processes in /proc')
def test_workers_start_after_mxnet_used_its_threads_and_end_even_with_a_parent_that_was_killed(data):
    code = '''
import multiprocessing, sys, time
import center_loss, mxnet as mx
from utils.loading.photo_reader import Reader

if __name__ == '__main__':
    images, weight = mx.nd.ones((16, 8, 64, 64)), mx.nd.ones((8, 8, 3, 3))
    mx.nd.Convolution(images, weight, no_bias=True, kernel=(3, 3), num_filter=8).wait_to_read()
    reader = Reader(1)
    print(len(reader.whole(sys.argv[1:])), multiprocessing.active_children()[0].pid, flush=True)
    time.sleep(100)
'''
    with subprocess.Popen([sys.executable, '-c', code, *data.train.paths], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, env={**os.environ, 'OMP_NUM_THREADS': '4'}) as parent:
        count, worker = parent.stdout.readline().split()
        assert count == '20' and running(worker)
        parent.kill()
    deadline = time.monotonic() + 30
    while running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(worker)


def running(pid):
    """Whether a process runs; one that is dead but not yet collected by its parent does not."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def deaf_to_ctrl_c(pid):
    with open(f'/proc/{pid}/status') as file:
        masks = [int(line.split()[1], 16) for line in file if line.startswith(('SigBlk', 'SigIgn'))]
    return any(mask & 1 << signal.SIGINT - 1 for mask in masks)


@pytest.mark.skipif(not os.path.isdir('/proc/self'), reason='looks for processes in /proc')
def test_ctrl_c_while_workers_start_is_one_line_and_leaves_none(data):
    """A terminal sends it to all processes of the call."""
    code = '''
import multiprocessing, sys
from utils import signals
from utils.loading.photo_reader import Reader

def main():
    with Reader(2) as reader:
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        while True:
            reader.whole(sys.argv[1:])

if __name__ == '__main__':
    sys.exit(signals.run(main))
'''
    with subprocess.Popen([sys.executable, '-c', code, *data.train.paths], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        workers = process.stdout.readline().split()
        deaf = [deaf_to_ctrl_c(worker) for worker in workers]
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert deaf == [True, True]
    assert (process.returncode, errors) == (130, 'main.py: interrupted\n')
    assert not any(map(running, workers))
