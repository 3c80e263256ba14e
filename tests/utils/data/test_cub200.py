"""The text files of CUB-200-2011, read right or refused by file and line."""
import os
import shutil

import numpy as np
import pytest

from tests.utils.data.layouts import change_line
from utils.data import load_dataset
from utils.errors import UserError


def test_cub_is_found_from_its_own_folder_too(layouts):
    parent = load_dataset(*layouts['cub200'], offline=True)
    own = load_dataset('cub200', os.path.join(layouts['cub200'][1], 'CUB_200_2011'), offline=True)
    np.testing.assert_array_equal(own.train.paths, parent.train.paths)


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
