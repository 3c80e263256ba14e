"""Which runs a comparison takes: the product of its recipes with seeds and changes of a flag."""
import hashlib
import itertools
import re
from typing import List, NamedTuple, Optional

from ..errors import UserError
from ..settings.config import second_prefix
from ..settings.goes_with import unmet
from ..settings.recipes import RUNS, base_of, recipe_of, settings_of

_LONGEST_PREFIX = 150
_OF_THE_COMPARISON = {'prefix', 'out_dir', 'ckpt_dir'}  # every run has its own


class Step(NamedTuple):
    """One process: the run `prefix` that it makes, and the flags that it takes."""
    prefix: str
    flags: dict


class Row(NamedTuple):
    """One row of the table: its name, the runs that it is the mean of, and the row to compare it with."""
    name: str
    prefixes: List[str]
    beside: Optional[str] = None


def plan(args):
    """(rows, steps) of a comparison: what the table shows, and every run it takes, each once and in order.

    args: the parsed command line, with runs, seeds, split_seeds, sweep and ablate, both a list of (flag, value) or
    None, and own_changes, {run: such a list}. Where a flag changes nothing in a run, as lambda in softmax, there is
    just the run as it is. Raises UserError where that is so of every run.
    """
    for run in args.runs:
        _check_own(run, args)
    for flag, _ in (args.sweep or []) + (args.ablate or []):
        if not any(_affects(flag, run, args) for run in args.runs):
            raise _no_change(flag, args)
    changes = {run: _changes(run, args) for run in args.runs}
    for flag in args.typed:
        if not any(_has_a_say(flag, run, args, change) for run in args.runs for change in changes[run]):
            raise _no_change(flag, args)
    first = changes[args.runs[0]]
    rows, steps = [], {}
    for run in args.runs:
        for change in changes[run]:
            prefixes = []
            for split_seed, seed in itertools.product(args.split_seeds or [None], args.seeds):
                made = _steps(args, run, change, split_seed, seed)
                for step in made:
                    if steps.setdefault(step.prefix, step) != step:
                        raise UserError(f'the run {_name(run, change)} would have the name of another, {step.prefix}')
                prefixes.append(made[-1].prefix)
            # One thing apart: another run with the same change where there is one, or the same run without the change.
            if run != args.runs[0] and (args.sweep or change is None):
                other = args.runs[0], change if change in first else first[0]
            else:
                other = run, changes[run][0]
            rows.append(Row(_name(run, change), prefixes, _name(*other) if rows else None))
    return rows, list(steps.values())


def _check_own(run, args):
    """Raise UserError for a flag of a run's own that would not be what its name says."""
    own = [flag for flag, _ in args.own_changes[run]]
    for flag in own:
        if own.count(flag) > 1:
            raise UserError(f'the run {run} must name {flag} once')
        if flag in [swept for swept, _ in args.sweep or []]:
            raise UserError(f'the run {run} has a {flag} of its own, which --sweep would change')
        if not _affects(flag, run, args):
            raise UserError(f'{flag} changes nothing in the run {run}')


def _changes(run, args):
    """The changes of a flag, or None for none, that make different runs of `run`."""
    wanted = args.sweep or [None, *(args.ablate or [])]
    return list(dict.fromkeys(change if change and _affects(change[0], run, args) else None for change in wanted))


def _affects(flag, run, args, change=None):
    """Whether a run, made with `change`, would be another with another value of `flag`."""
    if flag == 'lmbd' and base_of(run) not in RUNS:
        return False  # a center term of a loss has its weight, which is lambda, in its name
    return unmet(args.scopes[flag], settings_of(run, args, _all_changes(run, args, change))) is None


def _has_a_say(flag, run, args, change):
    """Whether what the comparison was given for `flag` changes a run, or is what its name says anyway."""
    recipe = recipe_of(run, args, _all_changes(run, args, change))
    overruled = flag != 'lmbd' and recipe.get(flag, args.given[flag]) != args.given[flag]
    return not overruled and _affects(flag, run, args, change)


def _no_change(flag, args):
    conditions = [unmet(args.scopes[flag], settings_of(run, args, args.own_changes[run])) for run in args.runs]
    words = [f': it goes with {condition.words}' for condition in conditions if condition]
    return UserError(f'--{flag} changes nothing in {", ".join(args.runs)}{"".join(words[:1])}')


def _all_changes(run, args, change):
    return [*args.own_changes[run], *([change] if change else [])]


def _steps(args, run, change, split_seed, seed):
    """What makes a run for one split of the classes and one seed: one step, or two."""
    stem = run if change is None else '{}-{}-{}'.format(run, *change)
    if split_seed is not None:
        stem += f'-split{split_seed}'
    prefix = _as_prefix(f'{stem.replace("+second", "")}-s{seed}')
    drawn = {} if split_seed is None else {'split_seed': split_seed}
    flags = {'prefix': prefix, **drawn, 'seed': seed, **_flags(args, run, _all_changes(run, args, change))}
    steps = [Step(prefix, {'train': True, **flags})]
    if base_of(run) == 'center+second':
        steps.append(Step(second_prefix(prefix), {'second_train': True, **flags}))
    return steps


def _as_prefix(name):
    """`name` as --prefix takes it; short enough for a file name with what is put behind it."""
    name = re.sub(r'[^A-Za-z0-9_.-]', '_', name).replace('..', '._')
    name = re.sub(r'^[.-]', '_', name)
    if len(name) <= _LONGEST_PREFIX:
        return name
    return f'{name[:_LONGEST_PREFIX]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}'


def _name(run, change):
    return run if change is None else '{}, {}={}'.format(run, *change)


def _flags(args, run, changes):
    """The flags of one run: those of the comparison, then `changes`, (flag, value) pairs, then those of its recipe.

    What the comparison was given for other runs, and would change nothing in this one, is left out.
    """
    settings, changed, recipe = settings_of(run, args, changes), dict(changes), recipe_of(run, args, changes)
    given = {flag: args.given[flag] for flag in args.typed
             if flag not in _OF_THE_COMPARISON and 'train' in args.scopes[flag].modes
             and not unmet(args.scopes[flag], settings) and (flag != 'lmbd' or base_of(run) in RUNS)}
    for flag, value in changed.items():
        if base_of(run) == 'keras':
            recipe.pop(flag, None)  # it is fixed; the other runs have worked theirs out from the changed value
        elif flag != 'lmbd' and recipe.get(flag, value) != value:
            raise UserError(f'{flag}={value} changes nothing in the run {run}, which is {flag}={recipe[flag]}')
    layers = {'feature_use_bias', 'output_use_bias'}
    if 'use_bias' in changed:  # it changes both, whatever the comparison says of one
        given = {flag: value for flag, value in given.items() if flag not in layers}
    flags = {**given, **changed, **recipe}
    if layers <= set(flags):
        flags.pop('use_bias', None)
    return flags
