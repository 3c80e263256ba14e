"""Folders of photos, one a class: which photos are found, and what is read of them."""
import contextlib
import inspect
import json
import os
import shutil
import sys

import pytest

from tests import photo_fixtures as fixtures
from tests.utils.data.layouts import check_labels
from utils.data import load_dataset
from utils.data.photos import list_photos, read_photo
from utils.errors import UserError


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
