"""The command line: groups of flags, their checks, and which of them were given. Imports nothing heavy."""
import argparse
import re

from . import flag_types as kinds
from .flags import to_argv

MODES = ('train', 'second_train', 'test', 'compare')


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line: `main.py: error: --epochs must be at least 1, got 0`."""

    def error(self, message):
        message = re.sub(r'^argument (\S+): ', r'\1 ', message).replace('\n', ' ')
        self.exit(2, f'{self.prog}: error: {message}\n')


def parse_arguments(argv, *, networks, datasets, center_impls, presets, runs):
    """Parse `argv` into a namespace, checked as far as the flags alone allow; exits with status 2 on a mistake.

    networks, datasets, runs: the names to choose from. center_impls: {name: options it takes}. presets: {name: {flag:
    value}}. The namespace also has `given`, the dict of the flags that `argv` holds, with `use_bias` spelled out as the
    two flags it stands for.
    """
    parser = _build_parser(networks, datasets, center_impls, presets, runs)
    args = parser.parse_args(argv)
    changes = {'sweep': args.sweep and _parse_changes(parser, 'sweep', args.sweep),
               'ablate': args.ablate and _parse_changes(parser, 'ablate', args.ablate)}
    if args.preset:
        for action in parser._actions:
            action.default = presets[args.preset].get(action.dest, action.default)
        args = parser.parse_args(argv)
    vars(args).update(changes)
    defaults = {action.dest: action.default for action in parser._actions}
    for action in parser._actions:
        action.default = argparse.SUPPRESS
    args.given = vars(parser.parse_args(argv))
    _spell_out_use_bias(args, defaults)
    _check_together(parser, args, center_impls)
    return args


def _parse_changes(parser, name, changes):
    """[(flag, value), ...] with each value parsed as that flag's own."""
    changeable = {action.dest for action in parser._actions if action.type is not None} - {
        'prefix', 'seed', 'runs', 'seeds', 'sweep', 'ablate', 'preset', 'eval_method', 'class_counts', 'steps'}
    for flag, _ in changes:
        if flag not in changeable:
            parser.error(f'--{name} must name a flag that changes a run, got {flag!r}')
    return [(flag, getattr(parser.parse_args(['--compare', f'--{flag}={value}']), flag)) for flag, value in changes]


def _spell_out_use_bias(args, defaults):
    """`--use_bias` sets both layers; the flag of one layer wins over it."""
    for key in ('feature_use_bias', 'output_use_bias'):
        if 'use_bias' in args.given:
            args.given.setdefault(key, args.given['use_bias'])
        setattr(args, key, args.given.get(key, defaults['use_bias']))


def _check_together(parser, args, center_impls):
    if not any(getattr(args, mode) for mode in MODES):
        parser.error('expected at least one of the modes ' + ', '.join('--' + mode for mode in MODES))
    if args.compare and any(getattr(args, mode) for mode in MODES if mode != 'compare'):
        parser.error('--compare runs alone, without other modes')
    if args.sweep and args.ablate:
        parser.error('--sweep and --ablate do not go together')
    if args.implementations and not args.compare:
        parser.error('--implementations goes with --compare')
    if args.resume and not (args.train or args.second_train):
        parser.error('--resume goes with --train or --second_train')
    if args.train and not (args.center_loss or args.resume):
        if args.second_train:
            parser.error('--train --second_train needs --center_loss: the second goes on from the centres of the first')
        if args.test and args.eval_method == 'knn':
            parser.error('--train --test --eval_method knn needs --center_loss: without it there are no class centres')
    if args.select_on == 'test' and 'val_fraction' not in args.given:
        args.val_fraction = 0.0  # nobody looks at a validation split: train on everything
    if args.lr_schedule == 'cosine' and args.lr_warmup >= args.epochs:
        parser.error(f'--lr_warmup must be below --epochs {args.epochs}, got {args.lr_warmup:g}')
    if args.lr_schedule == 'cosine' and {'lr_step', 'lr_factor'} & set(args.given):
        parser.error('--lr_step and --lr_factor go with --lr_schedule step, got cosine')
    if args.select_on == 'val' and args.val_fraction == 0:
        parser.error('--val_fraction must be above 0 with --select_on val, got 0')
    for option in {option for options in center_impls.values() for option in options}:
        if option in args.given and option not in center_impls[args.center_impl]:
            takers = [name for name, options in center_impls.items() if option in options]
            parser.error(f'--{option} goes with --center_impl {" or ".join(takers)}, got {args.center_impl}')


def _build_parser(networks, datasets, center_impls, presets, runs):
    parser = _Parser(prog='main.py', allow_abbrev=False, usage='main.py MODE [MODE ...] [FLAG ...]',
                     formatter_class=argparse.RawDescriptionHelpFormatter,
                     description='Center loss (Wen et al., ECCV 2016) for MXNet Gluon: train, second-train and test\n'
                                 'networks, and see their features.',
                     epilog='presets:\n' + '\n'.join(
                         f'  {name}: {" ".join(to_argv(flags))}' for name, flags in presets.items()))

    def group(title):
        add = parser.add_argument_group(title).add_argument

        def add_flag(name, default, help, **options):
            text = ','.join(map(str, default)) if isinstance(default, list) else default
            shown = '' if default is None else f' (default: {text})'
            if 'action' not in options:
                options.setdefault('metavar', 'X')
            add(name, default=default, help=help + shown, **options)
        return add_flag

    def switch(add, name, help):
        add(name, False, help, action='store_true')

    add = group('mode (at least one; several run in this order)')
    switch(add, '--train', 'train with softmax, and with --center_loss beside it')
    switch(add, '--second_train', 'go on from NAME by center loss alone, centres frozen; writes NAME-second')
    switch(add, '--test', 'evaluate NAME (NAME-second after --second_train) on the test set')
    switch(add, '--compare', 'make --runs over --seeds and put them side by side in output/NAME; alone')

    add = group('run')
    add('--prefix', 'softmax', 'name of the run and of its files', type=kinds.run_name, metavar='NAME')
    add('--ckpt_dir', 'ckpt', 'folder of the checkpoints', metavar='DIR')
    add('--out_dir', 'output', 'folder of the results; each run has its own inside', metavar='DIR')
    switch(add, '--plotting', 'draw feature maps; in training also their GIFs and curves.png')
    add('--preset', None, 'start from the flags of one published recipe, listed below; any flag given here wins '
                          '(default: none)', **kinds.choice(list(presets)))
    switch(add, '--resume', 'continue the run NAME where it was cut off')

    add = group('data')
    add('--dataset', 'mnist', 'which images', **kinds.choice(datasets))
    add('--data_dir', None, 'folder with the dataset\'s files (default: a cache in your home; missing files are '
                            'downloaded)', metavar='DIR')
    switch(add, '--offline', 'never download')
    add('--val_fraction', 0.1, 'share of the training set kept for validation; 0 with --select_on test',
        type=kinds.fraction)
    add('--select_on', 'val', 'what chooses the best epoch; test repeats the published programs',
        **kinds.choice(['val', 'test']))

    add = group('network')
    add('--network', 'lenet_plus', 'which network', **kinds.choice(networks))
    add('--num_classes', 10, 'classes', type=kinds.positive_int, metavar='C')
    add('--feature_size', 2, 'features', type=kinds.positive_int, metavar='D')
    add('--use_bias', True, 'bias on the feature and the class layer', type=kinds.boolean, metavar='BOOL')
    add('--feature_use_bias', None, 'bias on the feature layer (default: --use_bias)',
        type=kinds.boolean, metavar='BOOL')
    add('--output_use_bias', None, 'bias on the class layer (default: --use_bias)', type=kinds.boolean, metavar='BOOL')

    add = group('loss')
    switch(add, '--center_loss', 'add center loss to softmax')
    add('--center_impl', 'embedding', 'which implementation of center loss', **kinds.choice(list(center_impls)))
    add('--center_update', 'autograd', 'autograd: centres follow the gradient of the loss; paper: eq. 4 of the paper, '
                                       'whatever lambda and the batch size are', **kinds.choice(['autograd', 'paper']))
    add('--balance', True, 'divide a sample\'s center loss by the count of its class in the batch', type=kinds.boolean,
        metavar='BOOL')
    add('--lmbd', 1.0, 'lambda, the weight of center loss', type=kinds.rate)
    add('--lmbd_warmup', 0.0, 'epochs over which lambda rises from 0', type=kinds.rate)
    add('--alpha', 0.5, 'alpha, the learning rate of the centres', type=kinds.rate)
    add('--center_optimizer', 'sgd', 'of the centres; sgd is plain, without momentum', **kinds.choice(['sgd', 'adam']))

    add = group('training')
    add('--epochs', 10, 'epochs', type=kinds.positive_int, metavar='N')
    add('--batch_size', 128, 'images a step', type=kinds.positive_int, metavar='B')
    add('--optimizer', 'sgd', 'of the network', **kinds.choice(['sgd', 'nag', 'adam']))
    add('--lr', 0.1, 'learning rate of the network', type=kinds.rate)
    add('--momentum', 0.0, 'of sgd and nag', type=kinds.rate)
    add('--wd', 1e-4, 'weight decay of the network', type=kinds.rate)
    add('--lr_schedule', 'step', 'of both rates, lr and alpha; step: see --lr_step; cosine: down to 0 at the last '
                                 'epoch', **kinds.choice(['step', 'cosine']))
    add('--lr_warmup', 0.0, 'epochs over which both rates first rise, from 1/25', type=kinds.rate)
    add('--lr_step', 10, 'both rates are multiplied by --lr_factor after every so many epochs', type=kinds.positive_int,
        metavar='N')
    add('--lr_factor', 0.1, 'see --lr_step', type=kinds.factor)
    add('--augment', 'none', 'affine: turn, shift, scale and shear every training image a little, anew each epoch',
        **kinds.choice(['none', 'affine']))
    add('--ema', 0.0, 'judge and save a moving average of network and centres; this share of it stays a step, such as '
                      '0.998 (0: no averaging)', type=kinds.fraction)
    add('--seed', 0, 'of initial parameters, shuffling and the validation split', type=kinds.natural, metavar='N')

    add = group('test')
    add('--eval_method', 'softmax', 'softmax: highest logit; knn: nearest class centre',
        **kinds.choice(['softmax', 'knn']))

    add = group('compare')
    add('--runs', ['softmax', 'center', 'center+second'], 'which runs: ' + ', '.join(runs), metavar='LIST',
        type=kinds.list_of(kinds.choice(runs)['type']))
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
    add('--threads', None, 'CPU threads (default: all cores this process may use)',
        type=kinds.thread_count, metavar='N')
    return parser
