"""The MATLAB files of Cars196, read right or refused by file and entry."""
import os
import shutil

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from tests import photo_fixtures as fixtures
from tests.utils.data.layouts import check_labels
from utils.data import load_dataset
from utils.errors import UserError


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
