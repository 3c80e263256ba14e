"""What can be known of a run before it is built: its dataset, its classes, and what is to choose its epoch."""
import os

import numpy as np

from ..data import load_dataset
from ..errors import UserError
from ..training.pairs import check_batches


def read_dataset(config):
    """The dataset that a config names."""
    data, machine = config.data, config.machine
    return load_dataset(data.dataset, machine.data_dir, machine.offline, data.classes, data.split, data.split_seed)


def load(config):
    """(dataset, config) of a run, with num_classes settled if it was open.

    Raises UserError for files that are missing, for classes too few to learn, and for a number of classes that does
    not fit.
    """
    name, dataset = config.data.dataset, read_dataset(config)
    needed = dataset.num_train_classes
    if needed < 2:
        raise UserError(f'{name}: expected at least two classes to train on, got 1 ({dataset.class_names[0]})')
    if config.network.num_classes is None:
        config = config.replaced(num_classes=needed)
    num_classes = config.network.num_classes
    exactly = config.data.split != 'official'  # the classes that follow are those of the test
    if num_classes < needed or (exactly and num_classes > needed):
        raise UserError(f'--num_classes must be {"" if exactly else "at least "}{needed}, the classes of {name} to '
                        f'train on, got {num_classes}')
    return dataset, config


def for_selection(config, dataset):
    """See `Dataset.for_selection`."""
    return dataset.for_selection(config.data.select_on, config.data.val_fraction, config.training.seed)


def check_selection(select_by, judge_name, judge, num_classes):
    """Refuse, before an hour is spent, what `judge` cannot choose an epoch by."""
    if not len(judge.labels):
        raise UserError('no image is left to choose an epoch by: expected classes with at least two training images, '
                        'got one of each')
    if select_by == 'recall_at_1' and np.bincount(judge.labels).max() < 2:
        raise UserError(f'recall at 1 cannot choose an epoch: no class has two images in the {judge_name} split; '
                        'try a larger --val_fraction')
    if select_by != 'recall_at_1' and judge.labels.max() >= num_classes:
        raise UserError(f'{select_by} cannot choose an epoch on the {judge_name} split: its classes are not trained on')


def check_runs(configs):
    """Refuse runs that would all end as they begin, before the first of a comparison is made."""
    datasets = {}
    for config in configs:
        source = config.network.pretrained
        if source not in (None, 'own') and not os.path.isfile(source):
            raise UserError(f'--pretrained expected a file, and there is no {source}')
        data = config.data
        which = data.dataset, data.classes, data.split, data.split_seed, config.network.num_classes
        if which not in datasets:
            datasets[which] = load(config)
        dataset, settled = datasets[which]
        num_classes = settled.network.num_classes
        train, (judge_name, judge) = for_selection(config, dataset)
        check_selection(config.selected_by, judge_name, judge, num_classes)
        check_batches(config, train.labels, config.machine.devices)
