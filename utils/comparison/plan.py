"""Which runs a comparison takes: the product of its recipes with seeds and changes of a flag."""
import hashlib
import itertools
import re
from typing import List, NamedTuple, Optional

from ..errors import UserError
from ..settings.goes_with import unmet
from ..settings.recipes import base_of, recipe_of
from ..storage.run_paths import second_prefix
from .variants import Variant, affects, check_own, flags_of, has_a_say, settings_of

_LONGEST_PREFIX = 150


class Step(NamedTuple):
    """One process: the run `prefix` that it makes, and the flags that it takes."""
    prefix: str
    flags: dict


class Row(NamedTuple):
    """One row of the table: its name, the runs that it is the mean of, the row to compare it with, and what it is.

    baseline: None for the first row and, where several flags are swept, for the first value of each.
    """
    name: str
    prefixes: List[str]
    baseline: Optional[str] = None
    variant: Optional[Variant] = None


def plan(compared):
    """(rows, steps) of a comparison: what the table shows, and every run it takes, each once and in order.

    compared: a `ComparedRuns`. Where a flag changes nothing in a run, as lambda in softmax, there is just the run as it
    is. Raises UserError where that is so of every run.
    """
    for run in compared.runs:
        check_own(run, compared)
    changes = compared.sweep or [None, *(compared.ablate or [])]
    for flag, _ in filter(None, changes):
        if not any(affects(flag, Variant(run), compared) for run in compared.runs):
            raise _no_change(flag, compared)
    variants = {run: list(dict.fromkeys(
        Variant(run, change if change and affects(change[0], Variant(run), compared) else None) for change in changes))
        for run in compared.runs}
    everything = list(itertools.chain.from_iterable(variants.values()))
    for flag in compared.typed:
        if not any(has_a_say(flag, variant, compared) for variant in everything):
            raise _no_change(flag, compared)
    rows, steps = [], {}
    for variant in everything:
        made = [_steps(compared, variant, split_seed, seed)
                for split_seed, seed in itertools.product(compared.split_seeds or [None], compared.seeds)]
        for step in itertools.chain.from_iterable(made):
            if steps.setdefault(step.prefix, step) != step:
                raise UserError(f'the run {variant.name} would have the name of another, {step.prefix}')
        other = _other(variant, variants, compared)
        prefixes = [steps_of_one[-1].prefix for steps_of_one in made]
        rows.append(Row(variant.name, prefixes, other and other.name, variant))
    return rows, list(steps.values())


def _other(variant, variants, compared):
    """The variant to compare with, one thing apart, or None. variants: {run: those of it}, the first first.

    For another run it is the first with the same change where there is one, or as it is. Else it is the same run as it
    is or, in a sweep, with the first value of the same flag: None for this one.
    """
    run, own = compared.runs[0], variants[variant.run]
    if variant.run != run and (compared.sweep or variant.change is None):
        return next((same for same in (Variant(run, variant.change), Variant(run)) if same in variants[run]),
                    variants[run][0])
    if compared.sweep:
        own = [one for one in own if _flag(one) == _flag(variant)]
    return None if own[0] == variant else own[0]


def _flag(variant):
    """Which flag is changed in a variant; None if none is."""
    return variant.change and variant.change[0]


def _no_change(flag, compared):
    reasons = []
    for run in compared.runs:
        fixed, condition = recipe_of(run).fixed, unmet(compared.scopes[flag], settings_of(Variant(run), compared))
        if flag in fixed:
            reasons.append(f': {run} is {flag}={fixed[flag]}')
        elif condition:
            reasons.append(f': it goes with {condition.words}')
    return UserError(f'--{flag} changes nothing in {", ".join(compared.runs)}{"".join(reasons[:1])}')


def _steps(compared, variant, split_seed, seed):
    """What makes a run for one split of the classes and one seed: one step, or two."""
    second_of, base = recipe_of(variant.run).second_of, base_of(variant.run)
    stem = (second_of or base) + variant.run[len(base):]
    if variant.change:
        stem += '-{}-{}'.format(*variant.change)
    drawn = {} if split_seed is None else {'split_seed': split_seed}
    prefix = _as_prefix(f'{stem}{f"-split{split_seed}" if drawn else ""}-s{seed}')
    flags = {'prefix': prefix, **drawn, 'seed': seed, **flags_of(variant, compared)}
    if seed != compared.seeds[0] or (drawn and split_seed != compared.split_seeds[0]):
        flags = {flag: value for flag, value in flags.items() if not _draws(flag, compared)}  # of a row, one is shown
    steps = [Step(prefix, {'train': True, **flags})]
    if second_of:
        steps.append(Step(second_prefix(prefix), {'second_train': True, **flags}))
    return steps


def _draws(flag, compared):
    return flag == 'plotting' or any(condition.key == 'plotting' for condition in compared.scopes[flag].conditions)


def _as_prefix(name):
    """`name` as --prefix takes it; short enough for a file name with what is put behind it."""
    name = re.sub(r'[^A-Za-z0-9_.-]', '_', name).replace('..', '._')
    name = re.sub(r'^[.-]', '_', name)
    if len(name) <= _LONGEST_PREFIX:
        return name
    return f'{name[:_LONGEST_PREFIX]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}'
