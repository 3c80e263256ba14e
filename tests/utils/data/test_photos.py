"""Datasets of photos: each layout read right, or refused by file and line."""
import contextlib
import inspect
import io
import json
import os
import shutil
import struct
import subprocess
import sys

import mxnet as mx
import numpy as np
import pytest
from PIL import Image
from scipy.io import loadmat, savemat

from tests import photo_fixtures as fixtures
from tests.cli import ROOT
from utils.data import list_photo_datasets, load_dataset
from utils.data.class_splits import choose
from utils.data.dataset import Dataset, make_photo_split
from utils.data.photos import list_photos, read_photo
from utils.data.records import read_record, scan
from utils.data.splits import split_entries
from utils.errors import UserError

WRITERS = {
    'cub200': ('cub200', fixtures.write_cub),
    'cars196-pair': ('cars196', fixtures.write_cars_pair),
    'cars196-single': ('cars196', lambda folder: fixtures.write_cars_single(folder, per_class=4)),
    'folder-divided': ('folder', fixtures.write_folder),
    'folder-undivided': ('folder', lambda folder: fixtures.write_folder(folder, divided=False)),
    'recordio-divided': ('recordio', fixtures.write_recordio),
    'recordio-single': ('recordio', lambda folder: fixtures.write_recordio(folder, parts=('all',))),
}
COUNTS = {'cub200': (12, 12), 'cars196-pair': (12, 12), 'cars196-single': (8, 8), 'folder-divided': (20, 20),
          'folder-undivided': (16, 4), 'recordio-divided': (20, 20), 'recordio-single': (16, 4)}


@pytest.fixture(scope='module')
def layouts(tmp_path_factory):
    """{layout: (name of the dataset, folder)}."""
    found = {}
    for layout, (name, write) in WRITERS.items():
        folder = tmp_path_factory.mktemp(layout)
        write(folder)
        found[layout] = name, str(folder)
    return found


def shown_class(path):
    """The name of the class that the photo shows, whatever its label."""
    with Image.open(io.BytesIO(read_photo(path))) as image:
        return fixtures.NAMES[fixtures.label_of(np.asarray(image))]


def check_labels(data):
    for split in (data.train, data.test):
        assert split.labels.dtype == np.int32 and len(split.paths) == len(split.labels)
        for path, label in zip(split.paths, split.labels):
            assert data.class_names[label].endswith(shown_class(path)), path


@pytest.mark.parametrize('layout', WRITERS)
def test_every_layout_gives_each_photo_the_class_it_shows(layouts, layout):
    name, folder = layouts[layout]
    data = load_dataset(name, folder, offline=True)
    check_labels(data)
    assert (len(data.train.labels), len(data.test.labels)) == COUNTS[layout]
    contents = [read_photo(path) for path in [*data.train.paths, *data.test.paths]]
    assert len(set(contents)) == sum(COUNTS[layout]), 'a photo is there twice'
    for split in (data.train, data.test):
        assert len(set(np.bincount(split.labels))) == 1, 'a class has more photos than another'
    assert data.num_train_classes == 4


@pytest.mark.parametrize('layout', WRITERS)
def test_zero_shot_tests_all_images_of_the_second_half_of_the_classes(layouts, layout):
    name, folder = layouts[layout]
    official = load_dataset(name, folder, offline=True)
    data = load_dataset(name, folder, offline=True, split='zero_shot')
    check_labels(data)
    assert data.class_names == official.class_names and data.num_train_classes == 2
    assert set(data.train.labels) == {0, 1} and set(data.test.labels) == {2, 3}
    assert {*data.train.paths, *data.test.paths} == {*official.train.paths, *official.test.paths}
    assert len(data.train.labels) + len(data.test.labels) == sum(COUNTS[layout])


@pytest.mark.parametrize('pattern, kept', [('sparrow', {'Red_Sparrow', 'Blue_Sparrow'}),
                                           ('Wren|GULL', {'Green_Wren', 'Grey_Gull'}),
                                           ('blue_', {'Blue_Sparrow'})])
@pytest.mark.parametrize('layout', WRITERS)
def test_a_pattern_keeps_classes_and_numbers_them_anew(layouts, layout, pattern, kept):
    name, folder = layouts[layout]
    data = load_dataset(name, folder, offline=True, classes=pattern)
    check_labels(data)
    assert {class_name.split('.')[-1] for class_name in data.class_names} == kept
    assert set(data.train.labels) == set(data.test.labels) == set(range(len(kept)))


def test_a_pattern_and_zero_shot_halve_what_the_pattern_kept(layouts):
    data = load_dataset(*layouts['cub200'], offline=True, classes='Red|Blue|Grey', split='zero_shot')
    check_labels(data)
    assert data.class_names == ('001.Red_Sparrow', '003.Blue_Sparrow', '004.Grey_Gull')
    assert set(data.train.labels) == {0} and set(data.test.labels) == {1, 2}, 'the larger half tests'


def split_of_many(count, **options):
    """Names of the (training, test) classes of `count` classes C00, C01, ... with two photos each."""
    entries = [(f'{label}-{i}', label) for label in range(count) for i in range(2)]
    names = tuple(f'C{label:02}' for label in range(count))
    half = len(entries) // 2
    data = choose(Dataset(make_photo_split(entries[:half]), make_photo_split(entries[half:]), names), 'many', **options)
    for split in (data.train, data.test):
        for path, label in zip(split.paths, split.labels):
            assert data.class_names[label] == f'C{int(path.partition("-")[0]):02}'
    assert len(data.train.paths) + len(data.test.paths) == 2 * len(data.class_names), 'each with all its photos'
    trained = data.class_names[:data.num_train_classes]
    assert set(data.test.labels).isdisjoint(data.train.labels)
    return set(trained), set(data.class_names) - set(trained)


def test_a_split_seed_draws_which_classes_train():
    splits = [split_of_many(11, split='zero_shot', split_seed=seed) for seed in (None, 0, 1, 0)]
    everything = {f'C{label:02}' for label in range(11)}
    assert splits[0][0] == {'C00', 'C01', 'C02', 'C03', 'C04'}, 'without a seed, the first half'
    assert all(train | test == everything and len(train) == 5 for train, test in splits)
    assert splits[1] == splits[3] != splits[2] != splits[0] != splits[1]
    drawn = [split_of_many(11, split='zero_shot', split_seed=seed)[0] for seed in range(200)]
    counts = [sum(name in train for train in drawn) for name in everything]
    assert min(counts) > 50 and max(counts) < 135, 'each class trains in some 5 of 11 splits'


@pytest.mark.parametrize('seed', [None, 0, 1, 7])
def test_the_classes_that_settings_are_chosen_by_are_training_classes(seed):
    train, _ = split_of_many(13, split='zero_shot', split_seed=seed)
    learn, judge = split_of_many(13, split='zero_shot_dev', split_seed=seed)
    assert learn | judge == train and (len(learn), len(judge)) == (3, 3)


def test_patterns_that_keep_nothing_or_too_little_are_refused(layouts):
    name, folder = layouts['cub200']
    with pytest.raises(UserError, match=r"matches a class of cub200, such as 001\.Red_Sparrow, .*; got 'Penguin'"):
        load_dataset(name, folder, offline=True, classes='Penguin')
    with pytest.raises(UserError, match=r"--classes expected a regular expression, got '\(Wren'"):
        load_dataset(name, folder, offline=True, classes='(Wren')
    with pytest.raises(UserError, match='cub200 has no training images for --split zero_shot among its 1 classes'):
        load_dataset(name, folder, offline=True, classes='Wren', split='zero_shot')
    with pytest.raises(ValueError, match="split: expected one of official, zero_shot, zero_shot_dev, got 'half'"):
        load_dataset(name, folder, offline=True, split='half')


@pytest.mark.parametrize('options', [{'classes': '3'}, {'split': 'zero_shot'}])
def test_datasets_of_arrays_know_no_such_parts(options):
    with pytest.raises(UserError, match=r'--classes and --split are for cub200, .*, not for mnist5k'):
        load_dataset('mnist5k', **options)


@pytest.mark.parametrize('layout', WRITERS)
def test_a_validation_split_takes_some_of_each_class_and_leaves_the_rest(layouts, layout):
    data = load_dataset(*layouts[layout], offline=True)
    learn, (name, judge) = data.for_selection('val', 0.3, seed=0)
    assert name == 'val' and set(learn.labels) == set(judge.labels) == {0, 1, 2, 3}
    assert sorted([*learn.paths, *judge.paths]) == sorted(data.train.paths)
    check_labels(data._replace(train=learn, test=judge))


def test_cub_is_found_from_its_own_folder_too(layouts):
    parent = load_dataset(*layouts['cub200'], offline=True)
    own = load_dataset('cub200', os.path.join(layouts['cub200'][1], 'CUB_200_2011'), offline=True)
    np.testing.assert_array_equal(own.train.paths, parent.train.paths)


def change_line(path, number, text):
    with open(path, encoding='utf-8') as file:
        lines = file.read().splitlines()
    lines[number - 1:number] = [] if text is None else [text]
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')


@pytest.mark.parametrize('name, number, text, message', [
    ('images.txt', 3, '3', "images.txt, line 3: expected an image number and a path, got '3'"),
    ('images.txt', 3, '', "images.txt, line 3: expected an image number and a path, got ''"),
    ('images.txt', 3, 'three a.jpg', 'images.txt, line 3: expected an image number and a path'),
    ('images.txt', 3, '2 a.jpg', 'images.txt, line 3: 2 was there before, in .*images.txt, line 2'),
    ('images.txt', 3, '3 001.Red_Sparrow/gone.jpg', 'images.txt, line 3: there is no image .*gone.jpg'),
    ('images.txt', 3, '99 001.Red_Sparrow/Red_Sparrow_0002.jpg',
     'images.txt, line 3: image 99 is not in image_class_labels.txt'),
    ('images.txt', 24, None, 'image_class_labels.txt, line 24: image 24 is not in images.txt'),
    ('images.txt', 3, '3 001.Red_Sparrow//Red_Sparrow_0000.jpg',
     'images.txt, line 3: 001.Red_Sparrow//Red_Sparrow_0000.jpg was there before, in .*images.txt, line 1'),
    ('images.txt', 3, '3 001.Red_Sparrow/a\0b.jpg',
     r"images.txt, line 3: expected an image number and a path, got '3 001\.Red_Sparrow/a\\x00b\.jpg'"),
    ('image_class_labels.txt', 5, '5 5', "image_class_labels.txt, line 5: expected .* of classes.txt, got '5 5'"),
    ('image_class_labels.txt', 5, '5 0', "image_class_labels.txt, line 5: expected .* of classes.txt, got '5 0'"),
    ('image_class_labels.txt', 5, '5', "image_class_labels.txt, line 5: expected .*, got '5'"),
    ('train_test_split.txt', 7, '7 2', "train_test_split.txt, line 7: expected an image number and 0 or 1, got '7 2'"),
    ('train_test_split.txt', 7, None, 'images.txt, line 7: image 7 is not in train_test_split.txt'),
    ('train_test_split.txt', 25, '25 1', 'train_test_split.txt, line 25: image 25 is not in images.txt'),
    ('classes.txt', 2, '2', "classes.txt, line 2: expected a class number and a name, got '2'"),
    ('classes.txt', 2, '2 001.Red_Sparrow',
     'classes.txt, line 2: 001.Red_Sparrow was there before, in .*classes.txt, line 1'),
    ('classes.txt', 2, '2 Green\0Wren', r"classes.txt, line 2: expected a class number .*, got '2 Green\\x00Wren'"),
])
def test_a_malformed_cub_file_is_named_with_its_line(layouts, tmp_path, name, number, text, message):
    folder = tmp_path / 'CUB_200_2011'
    shutil.copytree(os.path.join(layouts['cub200'][1], 'CUB_200_2011'), folder)
    change_line(folder / name, number, text)
    with pytest.raises(UserError, match=message) as caught:
        load_dataset('cub200', str(tmp_path), offline=True)
    assert '\n' not in str(caught.value)


def test_cub_files_that_are_missing_or_no_text_are_named(layouts, tmp_path):
    folder = tmp_path / 'CUB_200_2011'
    shutil.copytree(os.path.join(layouts['cub200'][1], 'CUB_200_2011'), folder)
    (folder / 'classes.txt').write_bytes(b'1 \xff\xfe\n')
    with pytest.raises(UserError, match=r'cannot read .*classes\.txt: it is no text'):
        load_dataset('cub200', str(folder))
    (folder / 'classes.txt').unlink()
    with pytest.raises(UserError, match=r'cannot read .*classes\.txt: No such file'):
        load_dataset('cub200', str(folder))
    os.mkfifo(folder / 'classes.txt')
    with pytest.raises(UserError, match=r'cannot read .*classes\.txt: it is no regular file'):
        load_dataset('cub200', str(folder))


@pytest.mark.parametrize('name, url', [('cub200', r'https://data\.caltech\.edu/.*/CUB_200_2011\.tgz'),
                                       ('cars196', r'https://ai\.stanford\.edu/.*/cars_train\.tgz')])
def test_offline_without_files_says_where_to_get_them(tmp_path, name, url):
    with pytest.raises(UserError, match=f'{name} needs .*--offline.*--data_dir.*{url}'):
        load_dataset(name, str(tmp_path), offline=True)


@pytest.mark.parametrize('name', ['folder', 'recordio'])
def test_a_dataset_of_ones_own_needs_a_folder(name):
    with pytest.raises(UserError, match=f'--dataset {name} needs the folder .*--data_dir'):
        load_dataset(name)


def test_cars_without_test_labels_are_for_zero_shot(tmp_path):
    fixtures.write_cars_pair(tmp_path, with_test=False)
    with pytest.raises(UserError, match=r'cars196 has no test images for --split official .*--split zero_shot'):
        load_dataset('cars196', str(tmp_path), offline=True)
    data = load_dataset('cars196', str(tmp_path), offline=True, split='zero_shot')
    check_labels(data)
    assert (len(data.train.labels), len(data.test.labels)) == (6, 6)


def test_classes_without_images_are_dropped_before_classes_are_halved(tmp_path):
    fixtures.write_cars_pair(tmp_path, with_test=False)
    meta = np.array([(*fixtures.NAMES, 'Ghost 1', 'Ghost 2')], dtype=object)
    savemat(str(tmp_path / 'devkit' / 'cars_meta.mat'), {'class_names': meta})
    data = load_dataset('cars196', str(tmp_path), offline=True, split='zero_shot')
    check_labels(data)
    assert data.class_names == fixtures.NAMES
    assert set(data.train.labels) == {0, 1} and set(data.test.labels) == {2, 3}


def edit_annotations(path, field, value):
    content = loadmat(path)
    content['annotations'][0, 2][field] = value
    savemat(path, {name: array for name, array in content.items() if not name.startswith('__')})


@pytest.mark.parametrize('field, value, message', [
    ('class', 5, 'entry 3: expected a class from 1 to 4, got 5'),
    ('class', 0, 'entry 3: expected a class from 1 to 4, got 0'),
    ('class', 'one', "entry 3: expected a class from 1 to 4, got 'one'"),
    ('FILE', 'gone.jpg', r'entry 3: there is no image .*gone\.jpg'),
])
@pytest.mark.parametrize('layout, file_name, file_field', [
    ('cars196-pair', 'devkit/cars_train_annos.mat', 'fname'),
    ('cars196-pair', 'cars_test_annos_withlabels.mat', 'fname'),
    ('cars196-single', 'cars_annos.mat', 'relative_im_path'),
])
def test_a_malformed_cars_annotation_is_named(layouts, tmp_path, layout, file_name, file_field, field, value, message):
    folder = str(tmp_path / 'cars')
    shutil.copytree(layouts[layout][1], folder)
    edit_annotations(os.path.join(folder, file_name), file_field if field == 'FILE' else field, value)
    with pytest.raises(UserError, match=f'{os.path.basename(file_name)}, {message}'):
        load_dataset('cars196', folder, offline=True)


def test_a_car_that_is_there_twice_is_named_and_so_are_two_classes_of_one_name(layouts, tmp_path):
    folder = str(tmp_path / 'cars')
    shutil.copytree(layouts['cars196-single'][1], folder)
    path = os.path.join(folder, 'cars_annos.mat')
    edit_annotations(path, 'relative_im_path', 'car_ims//00001.jpg')
    with pytest.raises(UserError, match=r'cars_annos\.mat, entry 3: .*00001\.jpg was there before, in entry 1'):
        load_dataset('cars196', folder, offline=True)
    content = loadmat(path)
    content['class_names'][0, 2] = fixtures.NAMES[0]
    savemat(path, {name: content[name] for name in ('annotations', 'class_names')})
    with pytest.raises(UserError, match=r"cars_annos\.mat: classes 1 and 3 are both 'Red_Sparrow'"):
        load_dataset('cars196', folder, offline=True)


@pytest.mark.parametrize('content, message', [
    (b'', 'as a MATLAB file'), (b'no MATLAB' * 100, 'as a MATLAB file'), ({'other': [1]}, 'has no annotations'),
    ({'annotations': np.zeros((1, 3))}, 'expected annotations with fname, class'),
])
def test_a_cars_file_that_is_no_such_file_is_named(layouts, tmp_path, content, message):
    folder = tmp_path / 'cars'
    shutil.copytree(layouts['cars196-pair'][1], folder)
    path = folder / 'devkit' / 'cars_train_annos.mat'
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        savemat(str(path), content)
    with pytest.raises(UserError, match=rf'cars_train_annos\.mat.*{message}'):
        load_dataset('cars196', str(folder), offline=True)


def test_a_folder_passes_over_what_is_no_photo_and_finds_photos_at_any_depth(tmp_path):
    fixtures.write_folder(tmp_path, per_class=2, divided=False, suffix='.PNG')
    fixtures.save(str(tmp_path / 'Grey_Gull' / 'deep' / 'down' / 'x.jpeg'), 3, 77)
    fixtures.save(str(tmp_path / '.hidden' / 'x.jpg'), 0, 0)
    fixtures.save(str(tmp_path / 'Grey_Gull' / '.x.jpg'), 0, 0)
    (tmp_path / 'notes.txt').write_text('no photo')
    (tmp_path / 'Grey_Gull' / 'notes.txt').write_text('no photo')
    data = load_dataset('folder', str(tmp_path))
    check_labels(data)
    assert data.class_names == tuple(sorted(fixtures.NAMES))
    assert sum(path.endswith('x.jpeg') for path in [*data.train.paths, *data.test.paths]) == 1
    assert len(data.train.labels) + len(data.test.labels) == 9


def test_a_class_of_any_name_and_any_depth_is_read(tmp_path):
    """Bytes that are no UTF-8, a tree deeper than Python recurses, a link that leads back."""
    fixtures.write_folder(tmp_path, per_class=2, divided=False)
    os.rename(tmp_path / 'Grey_Gull', os.fsencode(tmp_path) + b'/Gull\xff')
    os.symlink('..', tmp_path / 'Red_Sparrow' / 'up')
    os.symlink('x.jpg', tmp_path / 'Red_Sparrow' / 'x.jpg')  # what cannot be decoded is for the reader to say
    with deep_folder(tmp_path / 'Green_Wren', 'd', 150) as deepest:
        shutil.copy(tmp_path / 'Green_Wren' / '0.jpg', 'deep.jpg')
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(len(inspect.stack(0)) + 100)
        try:
            data = load_dataset('folder', str(tmp_path))
        finally:
            sys.setrecursionlimit(limit)
        paths = [*data.train.paths, *data.test.paths]
        assert str(deepest / 'deep.jpg') in paths and str(tmp_path / 'Red_Sparrow' / 'x.jpg') in paths
    assert len(paths) == 10
    assert data.class_names == ('Blue_Sparrow', 'Green_Wren', 'Gull\\xff', 'Red_Sparrow')
    json.dumps(data.class_names).encode()
    assert {read_photo(path) for path in paths if b'Gull\xff' in os.fsencode(path)} == {
        (tmp_path / os.fsdecode(b'Gull\xff') / f'{i}.jpg').read_bytes() for i in (0, 1)}


def test_a_folder_that_cannot_be_listed_is_named(tmp_path):
    fixtures.write_folder(tmp_path, per_class=2, divided=False)
    with deep_folder(tmp_path / 'Green_Wren', 200 * 'd', 21), pytest.raises(  # a path of 4096 bytes stops root, too
            UserError, match=r'cannot list the folder .*/Green_Wren/dd.*: File name too long'):
        load_dataset('folder', str(tmp_path))
    with pytest.raises(UserError, match=r'cannot list the folder .*missing: No such file or directory'):
        list_photos(str(tmp_path / 'missing'))


@contextlib.contextmanager
def deep_folder(parent, name, depth):
    """`parent`/name/name..., made, entered and removed again step by step, as it may have too long a path."""
    start = os.getcwd()
    os.chdir(parent)
    for _ in range(depth):
        os.mkdir(name)
        os.chdir(name)
    try:
        yield parent.joinpath(*[name] * depth)
    finally:
        for file in os.listdir():
            os.remove(file)
        for _ in range(depth):
            os.chdir('..')
            os.rmdir(name)
        os.chdir(start)


@pytest.mark.parametrize('count, tested', [(1, 0), (2, 1), (3, 1), (10, 2)])
def test_a_lone_photo_trains_and_of_more_a_fifth_but_at_least_one_tests(count, tested):
    entries = [(f'a/{number}.jpg', label) for label in (0, 1) for number in range(count)]
    train, test = split_entries(entries)
    assert sorted(train + test) == sorted(entries)
    for label in (0, 1):
        assert sum(own == label for _, own in test) == tested


def test_only_files_are_read(tmp_path):
    """A pipe is not waited for, a device not read until memory is full; a link to a file is a file."""
    os.mkfifo(tmp_path / 'pipe.jpg')
    os.symlink('/dev/zero', tmp_path / 'zero.jpg')
    for name in ('pipe.jpg', 'zero.jpg'):
        with pytest.raises(OSError, match='it is no regular file'):
            read_photo(str(tmp_path / name))
    with open(tmp_path / 'large.jpg', 'wb') as file:
        file.truncate((1 << 30) + 1)  # and takes no space
    with pytest.raises(OSError, match='it has more than 1073741824 bytes'):
        read_photo(str(tmp_path / 'large.jpg'))
    (tmp_path / 'photo.jpg').write_bytes(b'photo')
    os.symlink('photo.jpg', tmp_path / 'link.jpg')
    assert read_photo(str(tmp_path / 'link.jpg')) == b'photo'
    os.mkfifo(tmp_path / 'all.rec')
    with pytest.raises(UserError, match=r'cannot read .*all\.rec: it is no regular file'):
        load_dataset('recordio', str(tmp_path))


def test_folders_that_are_no_classes_are_refused(tmp_path):
    with pytest.raises(UserError, match=r'--data_dir expected a folder for each class in .*, got none'):
        load_dataset('folder', str(tmp_path))
    fixtures.write_folder(tmp_path)
    (tmp_path / 'train' / 'Empty').mkdir()
    with pytest.raises(UserError, match='Empty should be a class and has no photos'):
        load_dataset('folder', str(tmp_path))
    (tmp_path / 'train' / 'Empty').rmdir()
    os.rename(tmp_path / 'test', tmp_path / 'val')
    with pytest.raises(UserError, match=r'expected train and test, or a folder for each class, .*; got train and val'):
        load_dataset('folder', str(tmp_path))
    os.rename(tmp_path / 'val', tmp_path / 'test')
    shutil.rmtree(tmp_path / 'train' / 'Grey_Gull')
    with pytest.raises(UserError, match='folder has test images but no training images of Grey_Gull'):
        load_dataset('folder', str(tmp_path))


def test_without_a_list_records_are_known_by_their_own_labels(layouts, tmp_path):
    listed = load_dataset(*layouts['recordio-divided'])
    for part in ('train', 'test'):
        shutil.copy(os.path.join(layouts['recordio-divided'][1], part + '.rec'), tmp_path)
    bare = load_dataset('recordio', str(tmp_path))
    assert bare.class_names == ('0', '1', '2', '3') and listed.class_names == fixtures.NAMES
    np.testing.assert_array_equal(bare.train.labels, listed.train.labels)
    assert [read_photo(path) for path in bare.test.paths] == [read_photo(path) for path in listed.test.paths]


def test_records_are_read_as_mxnet_reads_them_even_if_they_hold_the_magic_number(tmp_path):
    magic, path = struct.pack('<I', 0xced7230a), str(tmp_path / 'a.rec')
    contents = [b'', b'x', magic, magic * 3, b'abcd' + magic + b'efg', b'a' + magic, b'abcd' * 9 + magic]
    writer = mx.recordio.MXRecordIO(path, 'w')
    for number, content in enumerate(contents):
        writer.write(mx.recordio.pack(mx.recordio.IRHeader(0, number % 3, number, 0), content))
    writer.close()
    reader = mx.recordio.MXRecordIO(path, 'r')
    expected = [mx.recordio.unpack(reader.read()) for _ in contents]
    for record, (header, content) in zip(scan(path), expected):
        assert record.number == header.id and record.label == header.label
        assert read_record(path, record.offset) == content == contents[header.id]


def test_records_of_one_number_are_all_there_and_no_list_can_name_them(layouts, tmp_path):
    """As where two files with numbers from 0 on were put together."""
    source = os.path.join(layouts['recordio-divided'][1], 'train.rec')
    with open(source, 'rb') as file:
        (tmp_path / 'all.rec').write_bytes(file.read() * 2)
    data = load_dataset('recordio', str(tmp_path))
    assert len(data.train.labels) + len(data.test.labels) == 2 * len(scan(source))
    shutil.copy(source.replace('.rec', '.lst'), tmp_path / 'all.lst')
    first, again = (record.offset for record in scan(str(tmp_path / 'all.rec')) if record.number == 0)
    with pytest.raises(UserError, match=rf'the records at bytes {first} and {again} are both number 0'):
        load_dataset('recordio', str(tmp_path))


@pytest.mark.parametrize('line, message', [
    ('0\t0.0', 'line 1: expected number, whole label and path between tabs'),
    ('zero\t0.0\ta.png', 'line 1: expected number'),
    ('0\t0.5\ta.png', 'line 1: expected number'),
    ('0\tnan\ta.png', 'line 1: expected number'),
    ('0\t1\t2\ta.png', 'line 1: expected number'),
    ('99\t0.0\ta.png', r'line 1: .*all\.rec has no record 99'),
    ('0\t1.0\ta.png', r'line 1: expected label 0, as record 0 of .*all\.rec has it, got 1'),
    ('0\t0.0\ta\0.png', r"line 1: expected number, .*, got '0\\t0\.0\\ta\\x00\.png"),
    ('1\t1.0\tGreen_Wren/0.png', r'line 2: record 1 was there before, in .*all\.lst, line 1'),
])
def test_a_malformed_list_of_records_is_named_with_its_line(layouts, tmp_path, line, message):
    for suffix in ('.rec', '.lst'):
        shutil.copy(os.path.join(layouts['recordio-single'][1], 'all' + suffix), tmp_path)
    change_line(tmp_path / 'all.lst', 1, line)
    with pytest.raises(UserError, match=rf'all\.lst, {message}'):
        load_dataset('recordio', str(tmp_path))


@pytest.mark.parametrize('damage, message', [
    (lambda whole: whole[:-8], r'is damaged: expected \d+ bytes, got \d+'),
    (lambda whole: whole + b'rubbish!', r'byte \d+: expected the start of a record, got 72756262697368'),
    (lambda whole: b'rubbish!', 'byte 0: expected the start of a record'),
    (lambda whole: b'', 'has no records'),
])
def test_a_damaged_record_file_is_named(layouts, tmp_path, damage, message):
    with open(os.path.join(layouts['recordio-single'][1], 'all.rec'), 'rb') as file:
        (tmp_path / 'all.rec').write_bytes(damage(file.read()))
    with pytest.raises(UserError, match=rf'all\.rec,? {message}'):
        load_dataset('recordio', str(tmp_path))


@pytest.mark.parametrize('place, flag, message', [
    (1, 2, r'byte {1}: expected a part of a record with flag 0 or 1, got 2'),
    (1, 7, r'byte {1}: expected a part of a record with flag 0 or 1, got 7'),
    (1, 1, r'byte {2}: expected a part of a record with flag 2 or 3, got 0'),
    (-1, 1, 'is damaged: expected a part of a record with flag 2 or 3 after the last, got the end'),
])
def test_a_flag_that_would_drop_a_record_is_named(layouts, tmp_path, place, flag, message):
    path = os.path.join(layouts['recordio-single'][1], 'all.rec')
    offsets = [record.offset for record in scan(path)]
    with open(path, 'rb') as file:
        content = bytearray(file.read())
    word, = struct.unpack_from('<I', content, offsets[place] + 4)
    struct.pack_into('<I', content, offsets[place] + 4, word | flag << 29)
    (tmp_path / 'all.rec').write_bytes(content)
    with pytest.raises(UserError, match=rf'all\.rec,? {message.format(*offsets)}'):
        load_dataset('recordio', str(tmp_path))
    with pytest.raises(UserError, match=r'all\.rec'):
        read_record(str(tmp_path / 'all.rec'), offsets[place])


def test_folders_that_do_not_tell_classes_apart_do_not_name_them(layouts, tmp_path):
    for suffix in ('.rec', '.lst'):
        shutil.copy(os.path.join(layouts['recordio-single'][1], 'all' + suffix), tmp_path)
    listing = tmp_path / 'all.lst'
    listing.write_text(listing.read_text().replace('Blue_Sparrow/', 'Red_Sparrow/'))
    data = load_dataset('recordio', str(tmp_path))
    assert data.class_names == ('0', '1', '2', '3')
    assert [fixtures.NAMES[label] for label in data.test.labels] == [shown_class(path) for path in data.test.paths]


def test_records_with_several_labels_are_refused(tmp_path):
    writer = mx.recordio.MXRecordIO(str(tmp_path / 'a.rec'), 'w')
    writer.write(struct.pack('<IfQQ2f', 2, 0, 5, 0, 1, 2) + b'photo')  # MXNet's own `pack` fails at this on NumPy 2
    writer.close()
    with pytest.raises(UserError, match=r'a\.rec, record 5: expected one label, a whole number, got 2 labels'):
        load_dataset('recordio', str(tmp_path))


def test_which_record_file_is_meant_must_be_clear(layouts, tmp_path):
    with pytest.raises(UserError, match=r'expected train\.rec and test\.rec, or one \.rec, in .*; got none'):
        load_dataset('recordio', str(tmp_path))
    for name in ('a.rec', 'b.rec'):
        shutil.copy(os.path.join(layouts['recordio-single'][1], 'all.rec'), tmp_path / name)
    with pytest.raises(UserError, match=r'got a\.rec, b\.rec'):
        load_dataset('recordio', str(tmp_path))


def test_names_and_splits_come_without_mxnet(layouts):
    assert set(list_photo_datasets()) == {name for name, _ in layouts.values()}
    code = ('import sys; from utils.data import list_photo_datasets, load_dataset; assert "numpy" not in sys.modules\n'
            'for arg in sys.argv[1:]: load_dataset(*arg.split("=", 1), offline=True)\n'
            'print("mxnet" in sys.modules)')
    done = subprocess.run([sys.executable, '-c', code, *map('='.join, layouts.values())], cwd=ROOT, check=True,
                          capture_output=True, text=True)
    assert done.stdout == 'False\n'
