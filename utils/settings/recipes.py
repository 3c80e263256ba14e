"""What the runs of a comparison are: named recipes, or losses."""
import argparse

from ..errors import UserError
from .loss_terms import names_of
from .presets import PRESETS


def _pull(args):
    """Lambda that pulls a feature, without balancing, as `--lmbd` does with it: over the mean count of a class."""
    if args.num_classes is None:
        raise UserError('--compare with unbalanced, dense, function or paper needs --num_classes: their lambda is '
                        'worked out from it')
    return args.lmbd * args.num_classes / args.batch_size


# Name in --runs -> its flags, from the flags of the comparison. All but keras pull features equally hard.
RUNS = {
    'softmax': lambda args: {},  # and no center loss, whatever the comparison or its preset says of it
    'center': lambda args: {'center_loss': True},
    'center+second': lambda args: {'center_loss': True},
    'unbalanced': lambda args: {'center_loss': True, 'balance': False, 'lmbd': _pull(args)},
    'parameter': lambda args: {'center_loss': True, 'center_impl': 'parameter'},
    'dense': lambda args: {'center_loss': True, 'center_impl': 'dense', 'lmbd': _pull(args) / 2},  # it has no 1/2
    'function': lambda args: {'center_loss': True, 'center_impl': 'function', 'lmbd': _pull(args)},
    'paper': lambda args: {'center_loss': True, 'center_update': 'paper', 'balance': False, 'lmbd': _pull(args)},
    'keras': lambda args: {key: value for key, value in PRESETS['keras'].items() if key != 'epochs'},
}


def base_of(run):
    """A run without the changes of its own."""
    return run.partition('@')[0]


def recipe_of(run, args, changes):
    """The flags of a run by its name, which may be a loss; `loss` always, so that it is what the name says.

    They may be worked out from other flags: those of the comparison and `changes`.
    """
    run, args = base_of(run), argparse.Namespace(**{**vars(args), **dict(changes)})
    return {'loss': 'softmax', **RUNS[run](args)} if run in RUNS else {'loss': run}


def settings_of(run, args, changes):
    """What decides which flags change something in a run, as a dict."""
    recipe = recipe_of(run, args, changes)
    center_loss = 'center_loss' in recipe or 'center' in names_of(recipe['loss'])
    fixed = {} if base_of(run) == 'keras' else recipe  # whose flags may be changed
    return {**vars(args), **recipe, **dict(changes), **fixed, 'center_loss': center_loss}
