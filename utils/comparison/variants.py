"""A run of a comparison with one change of a flag, or without: which flags change something in it, and which it takes.

A flag has its value from, in this order: the defaults of main.py; what the comparison was given; the defaults of the
run's recipe; the run's own flags and the change; what the recipe fixes.
"""
from typing import NamedTuple, Optional

from ..errors import UserError
from ..settings.goes_with import unmet
from ..settings.recipes import base_of, recipe_of

_OF_THE_COMPARISON = {'prefix', 'out_dir', 'ckpt_dir'}  # every run has its own


class Variant(NamedTuple):
    """A run, made with one of --sweep or --ablate, a (flag, value), or as it is."""
    run: str
    change: Optional[tuple] = None

    @property
    def name(self):
        return self.run if self.change is None else '{}, {}={}'.format(self.run, *self.change)


def check_own(run, compared):
    """Raise UserError for a flag of a run's own that would not be what its name says."""
    own = [flag for flag, _ in compared.own_changes[run]]
    for flag, value in compared.own_changes[run]:
        if own.count(flag) > 1:
            raise UserError(f'the run {run} must name {flag} once')
        if flag in [swept for swept, _ in compared.sweep or []]:
            raise UserError(f'the run {run} has a {flag} of its own, which --sweep would change')
        fixed = recipe_of(run).fixed
        if flag in fixed and fixed[flag] != value:
            raise UserError(f'{flag}={value} changes nothing in the run {run}, which is {flag}={fixed[flag]}')
        if flag not in fixed and not affects(flag, Variant(run), compared):
            raise UserError(f'{flag} changes nothing in the run {run}')


def _changed(variant, compared):
    """{flag: value} of what is changed for one variant."""
    return dict([*compared.own_changes[variant.run], *filter(None, [variant.change])])


def settings_of(variant, compared):
    """What decides which flags change something in a run, as a dict."""
    recipe = recipe_of(variant.run)
    return {**compared.settings, **recipe.defaults, **_changed(variant, compared), **recipe.fixed}


def affects(flag, variant, compared):
    """Whether a run would be another with another value of `flag`."""
    return flag not in recipe_of(variant.run).fixed and not unmet(compared.scopes[flag], settings_of(variant, compared))


def has_a_say(flag, variant, compared):
    """Whether what the comparison was given for `flag` changes a run, or is what its name says anyway."""
    recipe = recipe_of(variant.run)
    said = {**recipe.defaults, **recipe.fixed}
    if flag in said:
        return said[flag] == compared.typed[flag]
    return affects(flag, variant, compared)


def flags_of(variant, compared):
    """The flags of one run: those of the comparison that change something in it, those of its recipe, its changes."""
    recipe, settings, changed = recipe_of(variant.run), settings_of(variant, compared), _changed(variant, compared)
    given = {flag: compared.typed[flag] for flag in compared.typed
             if flag not in _OF_THE_COMPARISON and 'train' in compared.scopes[flag].modes
             and not unmet(compared.scopes[flag], settings)}
    layers = {'feature_use_bias', 'output_use_bias'}
    if 'use_bias' in changed:  # it changes both, whatever the comparison says of one
        given = {flag: value for flag, value in given.items() if flag not in layers}
    flags = {**given, **recipe.defaults, **changed, **recipe.fixed}
    if recipe.pull:
        flags['lmbd'] = recipe.pull * _equal_lmbd(settings, variant.run)
    if layers <= set(flags):
        flags.pop('use_bias', None)
    return flags


def _equal_lmbd(settings, run):
    """Lambda that pulls a feature, without balancing, as `--lmbd` does with it: over the mean count of a class."""
    if settings['num_classes'] is None:
        raise UserError(f'--compare with {base_of(run)} needs --num_classes: its lambda is worked out from it')
    return settings['lmbd'] * settings['num_classes'] / settings['batch_size']
