"""Which classes train and which test: halves, drawn ones, those of a pattern."""
import pytest

from tests.utils.data.layouts import COUNTS, WRITERS, check_labels
from utils.data import load_dataset
from utils.data.class_splits import choose
from utils.data.dataset import Dataset, make_photo_split
from utils.errors import UserError


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
