"""Which runs a comparison takes: the named recipes, and their product with seeds and changes of a flag."""
import argparse
import re
from typing import List, NamedTuple, Optional

from .config import CENTER_KEYS
from .errors import UserError
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


class Step(NamedTuple):
    """One process: the run `prefix` that it makes, and the flags that it takes."""
    prefix: str
    flags: dict


class Row(NamedTuple):
    """One row of the table: its name, the runs, one a seed, that it is the mean of, and the row to compare it with."""
    name: str
    prefixes: List[str]
    beside: Optional[str] = None


def plan(args):
    """(rows, steps) of a comparison: what the table shows, and every run it takes, each once and in order.

    args: the parsed command line, with runs, seeds, sweep and ablate, both a list of (flag, value) or None, and
    own_changes, {run: such a list}. Where a flag changes nothing in a run, as lambda in softmax, there is just the run
    as it is. Raises UserError where that is so of every run.
    """
    changes = {run: _changes(run, args) for run in args.runs}
    for flag, _ in (args.sweep or []) + (args.ablate or []):
        if not any(_affects(flag, run, args) for run in args.runs):
            raise UserError(f'{flag} changes nothing in {", ".join(args.runs)}')
    rows, steps = [], {}
    for run in args.runs:
        for change in changes[run]:
            own = args.own_changes[run]
            stem = run if change is None else '{}-{}-{}'.format(run, *change)
            stem = re.sub(r'[^A-Za-z0-9_.-]', '_', stem.replace('+second', ''))  # what --prefix takes
            prefixes = []
            for seed in args.seeds:
                prefix = f'{stem}-s{seed}'
                flags = _flags(args, run, own if change is None else [*own, change])
                steps[prefix] = Step(prefix, {'train': True, 'prefix': prefix, 'seed': seed, **flags})
                if _base(run) == 'center+second':
                    flags = {'second_train': True, 'prefix': prefix, 'seed': seed, **flags}
                    prefix += '-second'
                    steps[prefix] = Step(prefix, flags)
                prefixes.append(prefix)
            # One thing apart: another run with the same change where there is one, or the same run without the change.
            same_change = run != args.runs[0] and (args.sweep or change is None)
            if same_change:
                other = args.runs[0], change if change in changes[args.runs[0]] else None
            else:
                other = run, changes[run][0]
            rows.append(Row(_name(run, change), prefixes, _name(*other) if rows else None))
    return rows, list(steps.values())


def _changes(run, args):
    """The changes of a flag, or None for none, that make different runs of `run`."""
    wanted = args.sweep or [None, *(args.ablate or [])]
    return list(dict.fromkeys(change if change and _affects(change[0], run, args) else None for change in wanted))


def _affects(flag, run, args):
    recipe = _recipe(run, args)
    if flag in CENTER_KEYS:
        return 'center_loss' in recipe or any(term.split('*')[-1] == 'center' for term in recipe['loss'].split('+'))
    return flag != 'loss_lr' or _learns(recipe, args)


def _learns(recipe, args):
    return any(name in recipe['loss'] for name in args.learning_losses)


def _name(run, change):
    return run if change is None else '{}, {}={}'.format(run, *change)


def _base(run):
    """A run without the changes of its own."""
    return run.partition('@')[0]


def _recipe(run, args):
    """The flags of a run by its name, which may be a loss; `loss` always, so that it is what the name says."""
    run = _base(run)
    return {'loss': 'softmax', **RUNS[run](args)} if run in RUNS else {'loss': run}


def _flags(args, run, changes):
    """The flags of one run: those of the comparison, then `changes`, (flag, value) pairs, then those of its recipe."""
    left_out = {'compare', 'runs', 'loss', 'center_loss', 'seeds', 'sweep', 'ablate', 'prefix', 'seed', 'out_dir',
                'ckpt_dir', 'class_counts', 'steps', 'use_bias'}  # the two that use_bias stands for are beside it
    if _base(run) not in RUNS:
        left_out.add('lmbd')  # its center term has a weight
    if not _learns(_recipe(run, args), args):
        left_out.add('loss_lr')
    changed = dict(changes)
    recipe = _recipe(run, argparse.Namespace(**{**vars(args), **changed}))
    for flag, value in changed.items():
        if _base(run) == 'keras':
            recipe.pop(flag, None)  # it is fixed; the other runs have worked theirs out from the changed value
        elif flag != 'lmbd' and recipe.get(flag, value) != value:
            raise UserError(f'{flag}={value} changes nothing in the run {run}, which is {flag}={recipe[flag]}')
    if 'use_bias' in changed:
        changed.update(dict.fromkeys(('feature_use_bias', 'output_use_bias'), changed.pop('use_bias')))
    return {**{key: given for key, given in args.given.items() if key not in left_out}, **changed, **recipe}
