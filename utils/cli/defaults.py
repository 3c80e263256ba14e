"""Settings that follow from others, where nobody says them."""
import center_loss

from ..data import num_classes_of
from ..errors import UserError
from ..settings.loss_terms import names_of, without_center

BIASES = ('feature_use_bias', 'output_use_bias')


def settle(args, typed, plain):
    """Fill in what `args`, a namespace with the flags of a preset in it, leaves open.

    typed: {flag: value} of the command line. plain: {flag: default} without a preset. Raises UserError for flags of
    which one says what the other does.
    """
    _settle_biases(args, typed)
    _settle_loss(args, typed)
    if args.compare and 'prefix' not in typed:
        args.prefix = 'comparison'
    if args.query:  # there is nothing but the one photo
        args.strict = True
    if args.select_on == 'test' and 'val_fraction' not in typed:
        args.val_fraction = 0.0  # nobody looks at a validation split: train on everything
    if args.num_classes is None:
        args.num_classes = num_classes_of(args.dataset)
    taken = center_loss.loss_options(args.center_impl)
    for option in {option for name in center_loss.list_losses('center') for option in center_loss.loss_options(name)}:
        if option not in taken:
            setattr(args, option, plain[option])  # whatever a preset says


def _settle_biases(args, typed):
    """`--use_bias` sets both layers; the flag of one layer wins over it."""
    if {'use_bias', *BIASES} <= set(typed):
        raise UserError('--use_bias changes nothing beside both --feature_use_bias and --output_use_bias')
    for key in BIASES:
        setattr(args, key, typed.get(key, args.use_bias))


def _settle_loss(args, typed):
    """`--loss` with a center term is `--center_loss --lmbd WEIGHT` beside the rest; `args.loss` keeps the rest."""
    loss, weight = without_center(args.loss)
    if not loss:
        raise UserError('--loss needs a term beside center: features that are only pulled together all end in one '
                        'place')
    if weight is not None:
        for flag in ('center_loss', 'lmbd'):
            if flag in typed:
                raise UserError(f'--{flag} does not go with a --loss that has a term for center, got {args.loss}')
        args.lmbd = weight
    if 'loss' in typed:  # a preset's center loss does not stay unsaid
        args.center_loss = weight is not None or 'center_loss' in typed
    args.loss = loss
    if args.loss_lr is None and any(map(center_loss.has_parameters, set(names_of(loss)) - {'softmax'})):
        args.loss_lr = args.lr


def explicit_settings(args, typed, preset, keys):
    """{setting: value} of what the user asked for, by a flag or by the preset, but for its epochs.

    preset: {flag: value}. keys: the names of all settings.
    """
    said = ({*preset} - {'epochs'}) | {*typed}
    if 'use_bias' in said:
        said |= {*BIASES}
    if 'center' in names_of(typed.get('loss', 'softmax')):
        said |= {'center_loss', 'lmbd'}
    as_said = {**vars(args), **typed, 'loss': args.loss}  # also what another setting makes change nothing
    return {key: as_said[key] for key in keys if key in said}
