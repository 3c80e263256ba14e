"""Datasets of photos: each layout gives each photo the class that it shows, and says where it is from."""
import subprocess
import sys

import numpy as np
import pytest

from tests.cli import ROOT
from tests.utils.data.layouts import COUNTS, WRITERS, check_labels
from utils.data import list_photo_datasets, load_dataset
from utils.data.photos import read_photo
from utils.data.splits import split_entries
from utils.errors import UserError


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
def test_a_validation_split_takes_some_of_each_class_and_leaves_the_rest(layouts, layout):
    data = load_dataset(*layouts[layout], offline=True)
    learn, (name, judge) = data.for_selection('val', 0.3, seed=0)
    assert name == 'val' and set(learn.labels) == set(judge.labels) == {0, 1, 2, 3}
    assert sorted([*learn.paths, *judge.paths]) == sorted(data.train.paths)
    check_labels(data._replace(train=learn, test=judge))


@pytest.mark.parametrize('name, url', [('cub200', r'https://data\.caltech\.edu/.*/CUB_200_2011\.tgz'),
                                       ('cars196', r'https://ai\.stanford\.edu/.*/cars_train\.tgz')])
def test_offline_without_files_says_where_to_get_them(tmp_path, name, url):
    with pytest.raises(UserError, match=f'{name} needs .*--offline.*--data_dir.*{url}'):
        load_dataset(name, str(tmp_path), offline=True)


@pytest.mark.parametrize('name', ['folder', 'recordio'])
def test_a_dataset_of_ones_own_needs_a_folder(name):
    with pytest.raises(UserError, match=f'--dataset {name} needs the folder .*--data_dir'):
        load_dataset(name)


@pytest.mark.parametrize('count, tested', [(1, 0), (2, 1), (3, 1), (10, 2)])
def test_a_lone_photo_trains_and_of_more_a_fifth_but_at_least_one_tests(count, tested):
    entries = [(f'a/{number}.jpg', label) for label in (0, 1) for number in range(count)]
    train, test = split_entries(entries)
    assert sorted(train + test) == sorted(entries)
    for label in (0, 1):
        assert sum(own == label for _, own in test) == tested


def test_names_and_splits_come_without_mxnet(layouts):
    assert set(list_photo_datasets()) == {name for name, _ in layouts.values()}
    code = ('import sys; from utils.data import list_photo_datasets, load_dataset; assert "numpy" not in sys.modules\n'
            'for arg in sys.argv[1:]: load_dataset(*arg.split("=", 1), offline=True)\n'
            'print("mxnet" in sys.modules)')
    done = subprocess.run([sys.executable, '-c', code, *map('='.join, layouts.values())], cwd=ROOT, check=True,
                          capture_output=True, text=True)
    assert done.stdout == 'False\n'
