"""The command line: what its flags mean together, and which of them were given. Imports nothing heavy."""
import argparse
import importlib.util
from typing import Callable, NamedTuple

import center_loss
import models

from ..data import list_datasets, list_photo_datasets
from ..errors import UserError
from ..settings.config import ALL_KEYS, lacking
from ..settings.goes_with import MODES, check_given
from ..settings.loss_terms import format_loss, parse_loss
from ..settings.pairs import check_batch_size
from ..settings.presets import PRESETS
from ..settings.recipes import RUNS
from .parser import build_parser

_DIGITS = 10  # classes of MNIST and all that comes in its format
_INSTEAD = {'seed': 'seeds', 'split_seed': 'split_seeds', 'loss': 'runs', 'center_loss': 'runs'}  # with --compare


class Names(NamedTuple):
    """What there is to choose from; the packages that have it import none of each other."""
    networks: list  # for small grey images; names of others are checked by `check_network`
    check_network: Callable  # raises ValueError
    datasets: list
    photo_datasets: list
    center_impls: dict  # name -> options it takes
    metric_losses: dict  # name -> options it takes
    learning_losses: set  # those of them with parameters of their own
    presets: dict  # name -> {flag: value}
    runs: list


def parse(argv):
    """`parse_arguments` with all that this program has to choose from."""
    metric = center_loss.list_losses('metric')
    return parse_arguments(argv, Names(
        networks=models.list_models(), check_network=models.check_name, datasets=list_datasets(),
        photo_datasets=list_photo_datasets(),
        center_impls={name: center_loss.loss_options(name) for name in center_loss.list_losses('center')},
        metric_losses={name: center_loss.loss_options(name) for name in metric},
        learning_losses={name for name in metric if center_loss.has_parameters(name)},
        presets=PRESETS, runs=list(RUNS)))


def parse_arguments(argv, names):
    """Parse `argv` into a namespace, checked as far as the flags alone allow; exits with status 2 on a mistake.

    names: a `Names`. The namespace also has `given`, the dict of the flags that `argv` holds, with `use_bias` spelled
    out as the two flags it stands for, and a center term of `loss` as `center_loss` and `lmbd`; and `asked`, these and
    what the preset says beside them, but for its epochs: what a run that is taken up must have been made with. `typed`
    are the names of what `argv` holds, and `scopes` say what each flag goes with, see `goes_with`.
    """
    parser = build_parser(names)
    args = parser.parse_args(argv)
    changes = {'sweep': args.sweep and _parse_changes(parser, 'sweep', args.sweep),
               'ablate': args.ablate and _parse_changes(parser, 'ablate', args.ablate),
               'own_changes': {run: _parse_changes(parser, 'runs', [pair.partition('=')[::2] for pair in
                                                                    run.split('@')[1:]]) for run in args.runs}}
    plain = {action.dest: action.default for action in parser._actions}
    if args.preset:
        for action in parser._actions:
            action.default = names.presets[args.preset].get(action.dest, action.default)
        args = parser.parse_args(argv)
    vars(args).update(changes)
    defaults = {action.dest: action.default for action in parser._actions}
    for action in parser._actions:
        action.default = argparse.SUPPRESS
    args.given = vars(parser.parse_args(argv))
    args.typed, args.scopes = [flag for flag in args.given if flag not in MODES], parser.scopes
    _spell_out_use_bias(parser, args, defaults)
    _spell_out_loss(parser, args, names)
    _check_modes(parser, args)
    try:
        check_given(args)
        _check_training(parser, args)
    except UserError as error:
        parser.error(str(error))
    _check_names(parser, args, names)
    for option in {option for options in names.center_impls.values() for option in options}:
        if option not in names.center_impls[args.center_impl]:
            setattr(args, option, plain[option])  # whatever a preset says
    preset = {*names.presets.get(args.preset, ())} - {'epochs'}
    if 'use_bias' in preset:
        preset |= {'feature_use_bias', 'output_use_bias'}
    args.asked = {**{key: getattr(args, key) for key in ALL_KEYS if key in preset}, **args.given}
    return args


def _parse_changes(parser, name, changes):
    """[(flag, value), ...] with each value parsed as that flag's own."""
    changeable = {*ALL_KEYS, 'use_bias', 'threads'} - {'seed', 'center_loss'}
    for flag, _ in changes:
        if flag not in changeable:
            parser.error(f'--{name} must name a flag that changes a run, got {flag!r}')
    changes = [(flag, getattr(parser.parse_args(['--compare', f'--{flag}={value}']), flag)) for flag, value in changes]
    if len(set(changes)) < len(changes):
        parser.error(f'--{name} must name each value once, got {",".join("{}={}".format(*pair) for pair in changes)}')
    return changes


def _spell_out_use_bias(parser, args, defaults):
    """`--use_bias` sets both layers; the flag of one layer wins over it."""
    if {'use_bias', 'feature_use_bias', 'output_use_bias'} <= set(args.given):
        parser.error('--use_bias changes nothing beside both --feature_use_bias and --output_use_bias')
    for key in ('feature_use_bias', 'output_use_bias'):
        if 'use_bias' in args.given:
            args.given.setdefault(key, args.given['use_bias'])
        setattr(args, key, args.given.get(key, defaults['use_bias']))


def _spell_out_loss(parser, args, names):
    """`--loss` with a center term is `--center_loss --lmbd WEIGHT` beside the rest; `args.loss` keeps the rest."""
    terms = parse_loss(args.loss, names.metric_losses)
    centers = [term for term in terms if term.name == 'center']
    rest = [term for term in terms if term.name != 'center']
    if not rest:
        parser.error('--loss needs a term beside center: features that are only pulled together all end in one place')
    if centers:
        for flag in ('center_loss', 'lmbd'):
            if flag in args.given:
                parser.error(f'--{flag} does not go with a --loss that has a term for center, got {args.loss}')
        args.given.update(center_loss=True, lmbd=centers[0].weight)
        args.center_loss, args.lmbd = True, centers[0].weight
    args.loss = format_loss(rest)
    if 'loss' in args.given:
        args.given['loss'] = args.loss
        args.center_loss = 'center_loss' in args.given  # a preset's center loss does not stay unsaid
    if args.loss_lr is None and names.learning_losses & {term.name for term in rest}:
        args.loss_lr = args.lr


def _check_modes(parser, args):
    asked = [mode for mode in MODES if getattr(args, mode)]
    if not asked:
        parser.error('expected at least one of the modes ' + ', '.join('--' + mode for mode in MODES))
    for mode in ('compare', 'embed', 'query'):
        if mode in asked and len(asked) > 1:
            parser.error(f'--{mode} runs alone, without other modes')
    if args.download and args.offline:
        parser.error('--download and --offline do not go together')
    if args.download and not args.train and len(asked) > 1:  # whose dataset is that of a checkpoint
        parser.error('--download runs alone or with --train')
    if args.sweep and args.ablate:
        parser.error('--sweep and --ablate do not go together')
    for flag, instead in _INSTEAD.items():
        if args.compare and flag in args.given:
            parser.error(f'--compare takes --{instead}, not --{flag}')
    if args.compare and 'prefix' not in args.given:
        args.prefix = 'comparison'
    args.strict = args.strict or bool(args.query)  # there is nothing but the one photo
    if args.query and not args.index:
        parser.error('--query IMAGE and --index FILE go together')
    if args.projection == 'umap' and not importlib.util.find_spec('umap'):
        parser.error('--projection umap needs the package umap-learn, which is not installed')
    if args.query and 'ckpt_dir' in args.given and 'prefix' not in args.given:
        parser.error('--ckpt_dir goes with --prefix in --query: without it the index knows where the model is')
    if args.train and args.test and 'eval_method' in args.given and not args.resume:
        lack = lacking(vars(args), args.eval_method)
        if lack:
            parser.error(f'--eval_method {args.eval_method} needs {lack}')
    if args.train and not (args.center_loss or args.resume):
        if args.second_train:
            parser.error('--train --second_train needs --center_loss: the second goes on from the centres of the first')
        if args.test and args.eval_method == 'knn':
            parser.error('--train --test --eval_method knn needs --center_loss: without it there are no class centres')


def _check_training(parser, args):
    if args.select_on == 'test' and 'val_fraction' not in args.given:
        args.val_fraction = 0.0  # nobody looks at a validation split: train on everything
    if args.resume or not (args.train or args.second_train):
        return  # a checkpoint decides; of a comparison, each run is looked at by itself
    if args.lr_warmup >= args.epochs:
        parser.error(f'--lr_warmup must be below --epochs {args.epochs}, got {args.lr_warmup:g}')
    if args.lmbd_warmup > args.epochs:
        parser.error(f'--lmbd_warmup must be at most --epochs {args.epochs}, got {args.lmbd_warmup:g}')
    if not args.train:
        return
    if args.select_on == 'val' and args.val_fraction == 0:
        parser.error('--val_fraction must be above 0 with --select_on val, got 0')
    check_batch_size(args.loss, args.batch_size, len(args.gpus or [0]))
    if ('miner=given' in args.loss) != (args.sampler == 'offline_triplets'):
        parser.error('--sampler offline_triplets and --loss triplet:miner=given go together, '
                     f'got --sampler {args.sampler} and --loss {args.loss}')


def _check_names(parser, args, names):
    photos = args.dataset in names.photo_datasets
    # The other modes take both from a checkpoint, or need no network.
    if photos == (args.network in names.networks) and (args.train or args.compare) and not args.resume:
        small, large = ', '.join(names.networks), 'efficientnet_lite0 or a name of GluonCV'
        parser.error(f'--dataset {args.dataset} goes with --network {large if photos else small}, got {args.network}')
    if not photos:
        if args.feature_size == 0:
            parser.error('--feature_size must be at least 1 but for photos, got 0')
        if args.num_classes is None:
            args.num_classes = _DIGITS
    if photos and args.augment != 'none':  # of a preset, too
        parser.error(f'--augment {args.augment} is for small grey images; photos are always cropped and flipped')
