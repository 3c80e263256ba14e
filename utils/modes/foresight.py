"""What can be known of a run before it is built: its dataset, its classes, and what is to choose its epoch."""
import os

import numpy as np

from ..data import load_dataset
from ..errors import UserError
from ..settings.loss_terms import names_of
from ..training.pairs import check_batches


def load(config, args):
    """The dataset of a run; settles `config['num_classes']` if it was not given.

    args: the command line, for where the files are. Raises UserError for files that are missing, for classes too few
    to learn, and for a number of classes that does not fit.
    """
    dataset = load_dataset(config['dataset'], args.data_dir, args.offline, config['classes'], config['split'],
                           config['split_seed'])
    needed = dataset.num_train_classes
    if needed < 2:
        raise UserError(f'{config["dataset"]}: expected at least two classes to train on, got 1 '
                        f'({dataset.class_names[0]})')
    if config['num_classes'] is None:
        config['num_classes'] = needed
    exactly = config['split'] != 'official'  # the classes that follow are those of the test
    if config['num_classes'] < needed or (exactly and config['num_classes'] > needed):
        raise UserError(f'--num_classes must be {"" if exactly else "at least "}{needed}, the classes of '
                        f'{config["dataset"]} to train on, got {config["num_classes"]}')
    return dataset


def selection_of(config):
    """What chooses the best epoch: accuracy where classes are told apart, else how well they are found."""
    return 'softmax' if 'softmax' in names_of(config['loss']) and config['split'] == 'official' else 'recall_at_1'


def check_selection(select_by, judge_name, judge, config):
    """Refuse, before an hour is spent, what `judge` cannot choose an epoch by."""
    if not len(judge.labels):
        raise UserError('no image is left to choose an epoch by: expected classes with at least two training images, '
                        'got one of each')
    if select_by == 'recall_at_1' and np.bincount(judge.labels).max() < 2:
        raise UserError(f'recall at 1 cannot choose an epoch: no class has two images in the {judge_name} split; '
                        'try a larger --val_fraction')
    if select_by != 'recall_at_1' and judge.labels.max() >= config['num_classes']:
        raise UserError(f'{select_by} cannot choose an epoch on the {judge_name} split: its classes are not trained on')


def check_runs(configs, args):
    """Refuse runs that would all end as they begin, before the first of a comparison is made.

    configs: the settings of each run, as dicts. args: of the comparison.
    """
    datasets = {}
    for config in configs:
        config = dict(config)
        source = config['pretrained']
        if source not in (None, 'own') and not os.path.isfile(source):
            raise UserError(f'--pretrained expected a file, and there is no {source}')
        which = tuple(config[key] for key in ('dataset', 'classes', 'split', 'split_seed', 'num_classes'))
        if which not in datasets:
            datasets[which] = load(config, args)
        dataset = datasets[which]
        config['num_classes'] = config['num_classes'] or dataset.num_train_classes
        learn, (judge_name, judge) = dataset.for_selection(config['select_on'], config['val_fraction'], config['seed'])
        check_selection(selection_of(config), judge_name, judge, config)
        check_batches(config, learn.labels, len(args.gpus or [0]))
