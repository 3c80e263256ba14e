"""What each flag goes with: the modes that look at it, and the settings without which it changes nothing.

Both are said where a flag is declared, in `parser` and `training_flags`. Imports nothing heavy.
"""
from typing import Callable, NamedTuple, Tuple

from ..errors import UserError
from .config import ALL_KEYS, FIRST_KEYS
from .loss_terms import names_of

MODES = ('download', 'train', 'second_train', 'test', 'compare', 'embed', 'query', 'doctor')
MODEL = MODES[1:-1]  # settings: trained with, or compared with what the checkpoint says
DATASET = ('train', 'second_train', 'test', 'compare')
READING = (*DATASET, 'embed')  # images, many of them
TRAINING = ('train', 'second_train')
PROOF = 'implementations'  # what --compare --implementations counts as: no run is made


class Condition(NamedTuple):
    """That a flag changes something only if `holds` is true of the setting `key`; `words` say so."""
    key: str
    words: str
    holds: Callable


class Scope(NamedTuple):
    """Where a flag has a say: in `modes`, where all `conditions` hold. switch: it stands alone, without a value."""
    modes: Tuple[str, ...]
    conditions: Tuple[Condition, ...]
    switch: bool = False


def value(key, *values):
    """The condition that a setting is one of `values`."""
    return Condition(key, f'--{key} {any_of(values)}', values.__contains__)


def switched_on(key):
    return Condition(key, f'--{key}', bool)


def any_loss(names):
    """The condition that `--loss` has a term of `names`."""
    return Condition('loss', f'a --loss that has {any_of(names)}',
                     lambda loss: not set(names).isdisjoint(names_of(loss)))


def any_of(words):
    *first, last = map(str, words)
    return f'{", ".join(first)} or {last}' if first else last


def unmet(scope, settings, unknown=()):
    """The first condition of `scope` that does not hold in the dict `settings`, but for the keys `unknown`; or None."""
    return next((condition for condition in scope.conditions
                 if condition.key not in unknown and not condition.holds(settings[condition.key])), None)


def complaint(flag, condition, settings):
    """'--momentum goes with --optimizer sgd or nag, got adam'."""
    found = settings[condition.key]
    return f'--{flag} goes with {condition.words}' + ('' if found in (None, False) else f', got {found}')


def check_given(request):
    """Raise UserError for a flag that was given and changes nothing, as far as the command line alone tells.

    request: a `Request`. Where a checkpoint decides a setting, `check_settled` goes on; of a comparison, what is a
    setting of its runs is for `plan`.
    """
    asked = [PROOF if mode == 'compare' and request.proof else mode for mode in request.modes]
    for flag in request.typed:
        scope = request.scopes[flag]
        if not set(asked) & set(scope.modes):
            raise UserError(f'--{flag} goes with {_in_words(scope.modes)}, got {_in_words(asked)}')
    if 'compare' not in request.modes:
        _check(request.typed, request, request.config, _decided_by_a_checkpoint(request))


def check_settled(request, config, compared):
    """Raise UserError for a flag that changes nothing in the run of `config`, now that all its settings are known.

    compared: the settings of which a flag was compared with a checkpoint, and so may be given again.
    """
    _check([flag for flag in request.typed if flag not in compared], request, config, ())


def _check(flags, request, config, unknown):
    settings = request.settings(config)
    for flag in flags:
        condition = unmet(request.scopes[flag], settings, unknown)
        if condition:
            raise UserError(complaint(flag, condition, settings))


def _decided_by_a_checkpoint(request):
    if request.resume or not {'download', *TRAINING} & set(request.modes):
        return ALL_KEYS
    return FIRST_KEYS if 'second_train' in request.modes and 'train' not in request.modes else ()


def _in_words(modes):
    return any_of('--compare --implementations' if mode == PROOF else f'--{mode}' for mode in modes
                  if mode != PROOF or 'compare' not in modes)
