"""The flags of the command line, in groups, with their defaults. Imports nothing heavy."""
import argparse
import re

import models

from ..data import list_datasets, list_photo_datasets
from ..settings.flags import to_argv
from ..settings.goes_with import (
    DATASET,
    MODEL,
    PROOF,
    READING,
    TRAINING,
    Condition,
    Scope,
    any_loss,
    switched_on,
    value,
)
from ..settings.presets import PRESETS
from ..settings.recipes import RUNS
from ..terminal import one_line
from . import flag_types as kinds
from .machine_flags import add_machine_flags
from .training_flags import add_loss_flags, add_training_flags


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line: `main.py: error: --epochs must be at least 1, got 0`."""

    def error(self, message):
        message = re.sub(r'^argument (\S+): ', r'\1 ', message)
        self.exit(2, f'{self.prog}: error: {one_line(message)}\n')

    def parse_known_args(self, args=None, namespace=None):
        for given in args or ():
            if given.startswith('--') and given.endswith('=--'):  # argparse drops the dashes and makes it an empty list
                self.error(f'{given[:-3]} expected a value, got --')
        return super().parse_known_args(args, namespace)


def build_parser():
    """The parser. Its `scopes` say of each flag what it goes with, see `goes_with`."""
    parser = Parser(prog='main.py', allow_abbrev=False, usage='main.py MODE [MODE ...] [FLAG ...]',
                     formatter_class=argparse.RawDescriptionHelpFormatter,
                     description='Center loss (Wen et al., ECCV 2016) for MXNet Gluon: train, second-train and test\n'
                                 'networks, and see their features.')
    parser.scopes = {}
    photos = value('dataset', *list_photo_datasets())
    maps = [switched_on('plotting'), value('feature_size', 2), any_loss(['softmax']),
            value('dataset', *(name for name in list_datasets() if name not in list_photo_datasets()))]

    def group(title, scope=MODEL):
        """A function that adds flags, which go with the modes `scope` unless one has `modes` of its own."""
        add = parser.add_argument_group(title).add_argument

        def add_flag(name, default, help, modes=scope, goes_with=(), **options):
            text = ','.join(map(str, default)) if isinstance(default, list) else default
            shown = '' if default is None else f' (default: {text})'
            if 'action' not in options:
                options.setdefault('metavar', 'X')
            action = add(name, default=default, help=help if help is argparse.SUPPRESS else help + shown, **options)
            parser.scopes[action.dest] = Scope(tuple(modes), tuple(goes_with), switch=action.nargs == 0)
        return add_flag

    def switch(add, name, help, **options):
        add(name, False, help, action='store_true', **options)

    add = group('mode (at least one; several run in this order)')
    switch(add, '--download', 'fetch what --data_dir lacks of --dataset and check it, as --train does too')
    switch(add, '--train', 'train with softmax, and with --center_loss beside it')
    switch(add, '--second_train', 'go on from NAME by center loss alone, centres frozen; writes NAME-second')
    switch(add, '--test', 'evaluate NAME (NAME-second after --second_train) on the test set')
    switch(add, '--compare', 'make --runs over --seeds and put them side by side in output/NAME; alone')
    add('--embed', None, 'write the features that NAME gives the images under DIR to output/NAME/index.npz; alone '
                         '(default: none)',
        metavar='DIR')
    add('--query', None, 'print the images of --index FILE most like this one; alone (default: none)', metavar='IMAGE')
    switch(add, '--doctor', 'say what this machine has, what is wrong and what to do; status 0 if a network can be '
                            'trained; alone')

    add = group('run')
    add('--prefix', 'softmax', 'name of the run and of its files; a comparison without one is called comparison',
        type=kinds.run_name, metavar='NAME', modes=(*MODEL, PROOF))
    add('--ckpt_dir', 'ckpt', 'folder of the checkpoints', metavar='DIR', modes=(*MODEL, 'doctor'))
    add('--out_dir', 'output', 'folder of the results; each run has its own inside', metavar='DIR',
        modes=(*READING, PROOF, 'doctor'))
    switch(add, '--plotting', 'draw feature maps; in training also their GIFs, curves.png and map.png; with --test '
                               'also confusions and disagreements', modes=DATASET)
    add('--picture_format', 'png', 'of curves and grids, of maps of test images, projections and confusion matrices; '
                                   'sheets of images and frames stay png', modes=DATASET,
        goes_with=[switched_on('plotting')], **kinds.choice(['png', 'svg', 'pdf']))
    switch(add, '--regions', 'tint feature maps by what softmax, or --eval_method knn, answers there; where both could '
                             'be asked, lines are the borders by the other', modes=DATASET,
           goes_with=[*maps, value('eval_method', 'softmax', 'knn')])
    switch(add, '--watch_test', 'with --plotting, map the test images after every epoch too, in test.gif and in grids; '
                                 'they choose nothing', modes=(*TRAINING, 'compare'),
           goes_with=[switched_on('plotting')])
    switch(add, '--rays', 'draw the weights of the class layer as rays in feature maps', modes=DATASET, goes_with=maps)
    add('--preset', None, 'start from the flags of one published recipe, listed below; any flag given here wins '
                          '(default: none)', **kinds.choice(list(PRESETS)))
    switch(add, '--resume', 'continue the run NAME where it was cut off', modes=TRAINING)
    switch(add, '--profile', 'measure what the training spends its time on, and write profile.json; takes longer',
           modes=TRAINING)
    add('--defaults_count', False, argparse.SUPPRESS, action='store_true',  # as if all flags were given
        goes_with=[switched_on('resume')])

    add = group('data')
    add('--dataset', 'mnist', 'which images', modes=('download', *MODEL), **kinds.choice(list_datasets()))
    add('--data_dir', None, 'folder with the dataset\'s files (default: a cache in your home; missing files are '
                            'downloaded)', metavar='DIR', modes=('download', *DATASET))
    switch(add, '--offline', 'never download')
    add('--classes', None, 'of photos, keep the classes whose name this regular expression matches, such as Sparrow '
                           '(default: all)', metavar='PATTERN', modes=('download', *MODEL), goes_with=[photos])
    add('--split', 'official', 'of photos; zero_shot: one half of the classes trains, the other half tests; '
                               'zero_shot_dev: the training half of zero_shot, halved again, to choose settings by',
        modes=('download', *MODEL), goes_with=[photos], **kinds.choice(['official', 'zero_shot', 'zero_shot_dev']))
    drawn = [photos, value('split', 'zero_shot', 'zero_shot_dev')]
    add('--split_seed', None, 'of --split zero_shot: draws which classes train (default: the first half of them)',
        type=kinds.natural, metavar='N', modes=('download', *MODEL), goes_with=drawn)
    add('--image_size', 224, 'photos are cropped to squares of so many pixels', type=kinds.image_size, metavar='N',
        goes_with=[photos])
    switch(add, '--strict', 'stop at the first broken photo instead of leaving it out', modes=READING,
           goes_with=[photos])
    add('--max_pixels', 178_956_970, 'a photo with more counts as broken; a small file may claim to have billions',
        type=kinds.pixel_count, metavar='N', modes=(*READING, 'query'), goes_with=[photos])
    add('--val_fraction', 0.1, 'share of the training set kept for validation; 0 with --select_on test',
        type=kinds.fraction)
    add('--select_on', 'val', 'what chooses the best epoch; test repeats the published programs',
        **kinds.choice(['val', 'test']))

    add = group('network')
    add('--network', 'lenet_plus', f'which network: {", ".join(models.list_models())}; for photos, efficientnet_lite0 '
                                   'or a classification network of GluonCV, such as resnet50_v1b',
        type=kinds.network, metavar='NAME')
    add('--num_classes', None, 'classes (default: as many as the dataset has)', type=kinds.positive_int,
        metavar='C')
    add('--feature_size', 2, 'features; 0, for photos: what the backbone pools', type=kinds.feature_count, metavar='D')
    add('--normalize', False, 'scale features to length 1', type=kinds.boolean, metavar='BOOL')
    add('--dropout', 0.0, 'share of the values dropped in front of the feature layer', type=kinds.fraction)
    add('--pretrained', None, 'start a backbone from weights trained before: without SOURCE its own, else a .params or '
                              'a .pth file (default: random weights)', nargs='?', const='own', type=kinds.source,
        metavar='SOURCE', goes_with=[photos])
    add('--freeze', 'none', 'what of the backbone is not trained; bn: the running statistics; backbone: all of it, its '
                            'features of each photo are computed once', goes_with=[photos],
        **kinds.choice(['none', 'bn', 'backbone']))
    add('--use_bias', True, 'bias on the feature and the class layer', type=kinds.boolean, metavar='BOOL')
    add('--feature_use_bias', None, 'bias on the feature layer (default: --use_bias)', type=kinds.boolean,
        metavar='BOOL', goes_with=[Condition('feature_size', '--feature_size above 0', bool)])
    add('--output_use_bias', None, 'bias on the class layer (default: --use_bias)', type=kinds.boolean, metavar='BOOL',
        goes_with=[any_loss(['softmax'])])

    add_loss_flags(group)
    add_training_flags(group)

    add = group('test', ['test'])
    add('--eval_method', 'softmax', 'softmax: highest logit; knn: nearest class centre; neighbors: most votes of the '
                                    '--neighbors nearest training images',
        **kinds.choice(['softmax', 'knn', 'neighbors']))
    add('--neighbors', 5, 'see --eval_method neighbors', type=kinds.positive_int, metavar='K',
        goes_with=[value('eval_method', 'neighbors')])
    add('--projection', 'tsne', 'of photos, with --plotting: how their features are mapped to a plane; umap needs the '
                                'package umap-learn', goes_with=[switched_on('plotting'), photos],
        **kinds.choice(['tsne', 'pca', 'umap']))
    add('--index', None, 'for --query: what --embed has written (default: none)', metavar='FILE', modes=['query'])
    add('--top', 8, 'for --query: how many images to print', type=kinds.positive_int, metavar='N', modes=['query'])

    add = group('compare', ['compare'])
    add('--runs', ['softmax', 'center', 'center+second'],
        f'which runs: {", ".join(RUNS)}, or what --loss takes; @FLAG=VALUE behind a run, as in arcface@lr=0.001, '
        'gives it a flag of its own',
        metavar='LIST', type=kinds.list_of(kinds.run_or_loss(list(RUNS))))
    add('--seeds', [0, 1, 2], 'which seeds', type=kinds.list_of(kinds.natural), metavar='LIST')
    add('--split_seeds', None, 'of --split zero_shot: make every run with each of these; intervals are '
                               'then over splits of the classes (default: none)', type=kinds.list_of(kinds.natural),
        metavar='LIST', goes_with=drawn)
    switch(add, '--implementations', 'instead of runs, train every implementation of center loss on the same batches: '
                                     'do they agree, and what do they cost?', modes=['compare', PROOF])
    add('--class_counts', [10, 1000, 100000], 'classes, for --implementations', type=kinds.list_of(kinds.positive_int),
        metavar='LIST', modes=[PROOF])
    add('--steps', 300, 'steps, for --implementations', type=kinds.step_count, metavar='N', modes=[PROOF])
    add('--sweep', None, 'make every run once for each value of a flag; of several flags, one after the other '
                         '(default: none)', type=kinds.sweep, metavar='FLAG=LIST,...')
    add('--ablate', None, 'make every run also with each of these flags changed, one at a time (default: none)',
        type=kinds.changes, metavar='FLAG=VALUE,...')

    add_machine_flags(group, photos)
    parser.epilog = 'presets:\n' + '\n'.join(
        f'  {name}: {" ".join(to_argv(flags, parser.scopes))}' for name, flags in PRESETS.items())
    return parser
