"""The flags of the command line, in groups, with their defaults. Imports nothing heavy."""
import argparse
import re

from . import flag_types as kinds
from .flags import to_argv


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line: `main.py: error: --epochs must be at least 1, got 0`."""

    def error(self, message):
        message = re.sub(r'^argument (\S+): ', r'\1 ', message).replace('\n', ' ')
        self.exit(2, f'{self.prog}: error: {message}\n')


def build_parser(names):
    """The parser; names: an `arguments.Names`."""
    parser = Parser(prog='main.py', allow_abbrev=False, usage='main.py MODE [MODE ...] [FLAG ...]',
                     formatter_class=argparse.RawDescriptionHelpFormatter,
                     description='Center loss (Wen et al., ECCV 2016) for MXNet Gluon: train, second-train and test\n'
                                 'networks, and see their features.',
                     epilog='presets:\n' + '\n'.join(
                         f'  {name}: {" ".join(to_argv(flags))}' for name, flags in names.presets.items()))

    def group(title):
        add = parser.add_argument_group(title).add_argument

        def add_flag(name, default, help, **options):
            text = ','.join(map(str, default)) if isinstance(default, list) else default
            shown = '' if default is None else f' (default: {text})'
            if 'action' not in options:
                options.setdefault('metavar', 'X')
            add(name, default=default, help=help if help is argparse.SUPPRESS else help + shown, **options)
        return add_flag

    def switch(add, name, help):
        add(name, False, help, action='store_true')

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

    add = group('run')
    add('--prefix', 'softmax', 'name of the run and of its files; a comparison without one is called comparison',
        type=kinds.run_name, metavar='NAME')
    add('--ckpt_dir', 'ckpt', 'folder of the checkpoints', metavar='DIR')
    add('--out_dir', 'output', 'folder of the results; each run has its own inside', metavar='DIR')
    switch(add, '--plotting', 'draw feature maps; in training also their GIFs and curves.png')
    add('--preset', None, 'start from the flags of one published recipe, listed below; any flag given here wins '
                          '(default: none)', **kinds.choice(list(names.presets)))
    switch(add, '--resume', 'continue the run NAME where it was cut off')
    add('--defaults_count', False, argparse.SUPPRESS, action='store_true')  # with --resume: as if all flags were given

    add = group('data')
    add('--dataset', 'mnist', 'which images', **kinds.choice(names.datasets))
    add('--data_dir', None, 'folder with the dataset\'s files (default: a cache in your home; missing files are '
                            'downloaded)', metavar='DIR')
    switch(add, '--offline', 'never download')
    add('--classes', None, 'of photos, keep the classes whose name this regular expression matches, such as Sparrow '
                           '(default: all)', metavar='PATTERN')
    add('--split', 'official', 'of photos; zero_shot: the first half of the classes trains, the second half tests',
        **kinds.choice(['official', 'zero_shot']))
    add('--image_size', 224, 'photos are cropped to squares of so many pixels', type=kinds.positive_int, metavar='N')
    switch(add, '--strict', 'stop at the first broken photo instead of leaving it out')
    add('--max_pixels', 178_956_970, 'a photo with more counts as broken; a small file may claim to have billions',
        type=kinds.pixel_count, metavar='N')
    add('--val_fraction', 0.1, 'share of the training set kept for validation; 0 with --select_on test',
        type=kinds.fraction)
    add('--select_on', 'val', 'what chooses the best epoch; test repeats the published programs',
        **kinds.choice(['val', 'test']))

    add = group('network')
    add('--network', 'lenet_plus', f'which network: {", ".join(names.networks)}; for photos, efficientnet_lite0 or a '
                                   'classification network of GluonCV, such as resnet50_v1b',
        type=kinds.network(names.check_network), metavar='NAME')
    add('--num_classes', None, 'classes (default: 10, or as many as there are of photos)', type=kinds.positive_int,
        metavar='C')
    add('--feature_size', 2, 'features; 0, for photos: what the backbone pools', type=kinds.feature_count, metavar='D')
    add('--normalize', False, 'scale features to length 1', type=kinds.boolean, metavar='BOOL')
    add('--dropout', 0.0, 'share of the values dropped in front of the feature layer', type=kinds.fraction)
    add('--pretrained', None, 'start a backbone from weights trained before: without SOURCE its own, else a .params or '
                              'a .pth file (default: random weights)', nargs='?', const='own', type=kinds.source,
        metavar='SOURCE')
    add('--freeze', 'none', 'what of the backbone is not trained; bn: the running statistics; backbone: all of it, its '
                            'features of each photo are computed once', **kinds.choice(['none', 'bn', 'backbone']))
    add('--use_bias', True, 'bias on the feature and the class layer', type=kinds.boolean, metavar='BOOL')
    add('--feature_use_bias', None, 'bias on the feature layer (default: --use_bias)',
        type=kinds.boolean, metavar='BOOL')
    add('--output_use_bias', None, 'bias on the class layer (default: --use_bias)', type=kinds.boolean, metavar='BOOL')

    add = group('loss')
    add('--loss', 'softmax', 'what is minimised: [WEIGHT*]NAME[:OPTION=VALUE...], one or more with + between, such as '
                             'softmax+0.001*center or triplet:margin=0.1; names are softmax, center, '
                             + ', '.join(names.metric_losses), type=kinds.loss(names.metric_losses), metavar='TERMS')
    add('--loss_lr', None, 'learning rate of the parameters that such a loss has of its own (default: --lr)',
        type=kinds.rate)
    switch(add, '--center_loss', 'add center loss, --lmbd strong')
    add('--center_impl', 'embedding', 'which implementation of center loss', **kinds.choice(list(names.center_impls)))
    add('--center_update', 'autograd', 'autograd: centres follow the gradient of the loss; paper: eq. 4 of the paper, '
                                       'whatever lambda and the batch size are', **kinds.choice(['autograd', 'paper']))
    add('--balance', True, 'divide a sample\'s center loss by the count of its class in the batch', type=kinds.boolean,
        metavar='BOOL')
    add('--lmbd', 1.0, 'lambda, the weight of center loss', type=kinds.rate)
    add('--lmbd_warmup', 0.0, 'epochs over which lambda rises from 0', type=kinds.rate)
    add('--alpha', 0.5, 'alpha, the learning rate of the centres', type=kinds.rate)
    add('--alpha_decays', True, 'alpha follows --lr_schedule, as the learning rate does', type=kinds.boolean,
        metavar='BOOL')
    add('--center_optimizer', 'sgd', 'of the centres; sgd is plain, without momentum', **kinds.choice(['sgd', 'adam']))

    add = group('training')
    add('--epochs', 10, 'epochs', type=kinds.positive_int, metavar='N')
    add('--batch_size', 128, 'images a step', type=kinds.positive_int, metavar='B')
    add('--optimizer', 'sgd', 'of the network', **kinds.choice(['sgd', 'nag', 'adam']))
    add('--lr', 0.1, 'learning rate of the network', type=kinds.rate)
    add('--backbone_lr', 1.0, 'of photos, the rate of the backbone as a share of --lr: pretrained layers bear less '
                              'than a new head', type=kinds.rate)
    add('--momentum', 0.0, 'of sgd and nag', type=kinds.rate)
    add('--wd', 1e-4, 'weight decay of the network', type=kinds.rate)
    add('--lr_schedule', 'step', 'of both rates, lr and alpha (but see --alpha_decays); step: see --lr_step; cosine: '
                                 'down to 0 at the last epoch', **kinds.choice(['step', 'cosine']))
    add('--lr_warmup', 0.0, 'epochs over which both rates first rise, from 1/25', type=kinds.rate)
    add('--lr_step', 10, 'both rates are multiplied by --lr_factor after every so many epochs', type=kinds.positive_int,
        metavar='N')
    add('--lr_factor', 0.1, 'see --lr_step', type=kinds.factor)
    add('--augment', 'none', 'affine: turn, shift, scale and shear every training image a little, anew each epoch',
        **kinds.choice(['none', 'affine']))
    add('--ema', 0.0, 'judge and save a moving average of network and centres; this share of it stays a step, such as '
                      '0.998 (0: no averaging)', type=kinds.fraction)
    add('--sampler', 'shuffled', 'how batches are drawn; class_balanced: every class equally often; m_per_class: '
                                 '--per_class images of each of some classes; offline_triplets: triplets mined in the '
                                 'whole training set before every epoch, for --loss triplet:miner=given',
        **kinds.choice(['shuffled', 'class_balanced', 'm_per_class', 'offline_triplets']))
    add('--per_class', 4, 'see --sampler m_per_class', type=kinds.positive_int, metavar='M')
    add('--seed', 0, 'of initial parameters, shuffling and the validation split', type=kinds.natural, metavar='N')

    add = group('test')
    add('--eval_method', 'softmax', 'softmax: highest logit; knn: nearest class centre; neighbors: most votes of the '
                                    '--neighbors nearest training images',
        **kinds.choice(['softmax', 'knn', 'neighbors']))
    add('--neighbors', 5, 'see --eval_method neighbors', type=kinds.positive_int, metavar='K')
    add('--projection', 'tsne', 'of photos, with --plotting: how their features are mapped to a plane; umap needs the '
                                'package umap-learn', **kinds.choice(['tsne', 'pca', 'umap']))
    add('--index', None, 'for --query: what --embed has written (default: none)', metavar='FILE')
    add('--top', 8, 'for --query: how many images to print', type=kinds.positive_int, metavar='N')

    add = group('compare')
    add('--runs', ['softmax', 'center', 'center+second'],
        f'which runs: {", ".join(names.runs)}, or what --loss takes; @FLAG=VALUE behind a run, as in arcface@lr=0.001, '
        'gives it a flag of its own',
        metavar='LIST', type=kinds.list_of(kinds.run_or_loss(names.runs, names.metric_losses)))
    add('--seeds', [0, 1, 2], 'which seeds', type=kinds.list_of(kinds.natural), metavar='LIST')
    switch(add, '--implementations', 'instead of runs, train every implementation of center loss on the same batches: '
                                     'do they agree, and what do they cost?')
    add('--class_counts', [10, 1000, 100000], 'classes, for --implementations', type=kinds.list_of(kinds.positive_int),
        metavar='LIST')
    add('--steps', 300, 'steps, for --implementations', type=kinds.step_count, metavar='N')
    add('--sweep', None, 'make every run once for each value of a flag (default: none)', type=kinds.sweep,
        metavar='FLAG=LIST')
    add('--ablate', None, 'make every run also with each of these flags changed, one at a time (default: none)',
        type=kinds.changes, metavar='FLAG=VALUE,...')

    add = group('machine')
    add('--use_gpu', False, 'use the first GPU if there is one', type=kinds.boolean, metavar='BOOL')
    add('--gpus', None, 'use just these GPUs, e.g. 0,1; a batch is split over them (default: see --use_gpu)',
        type=kinds.gpu_list, metavar='LIST')
    add('--workers', 0, 'processes that decode photos beside this one', type=kinds.worker_count, metavar='N')
    add('--threads', None, 'CPU threads (default: all cores this process may use)',
        type=kinds.thread_count, metavar='N')
    return parser
