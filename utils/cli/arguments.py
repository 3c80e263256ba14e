"""The command line: what it asks for. Imports nothing heavy."""
import argparse
import shlex
from dataclasses import fields

from ..errors import UserError
from ..settings.config import ALL_KEYS, Config
from ..settings.goes_with import MODES
from ..settings.presets import PRESETS
from ..settings.request import ComparedRuns, Evaluation, Layers, Proof, Request, Search, Spread
from ..storage.run_paths import RunPaths
from .checks import check
from .defaults import explicit_settings, settle
from .parser import build_parser

_CHANGEABLE = {*ALL_KEYS, 'use_bias', 'threads', 'sparse_centers'} - {'seed', 'center_loss'}  # in a comparison


def parse(argv):
    """The `Request` that `argv` makes, checked as far as the flags alone allow; exits with status 2 on a mistake."""
    parser = build_parser()
    args = parser.parse_args(argv)
    changes = _all_changes(parser, args)
    plain = {action.dest: action.default for action in parser._actions}
    preset = PRESETS.get(args.preset, {})
    _set_defaults(parser, preset)
    args = parser.parse_args(argv)
    _set_defaults(parser, dict.fromkeys(plain, argparse.SUPPRESS))
    typed = {flag: value for flag, value in vars(parser.parse_args(argv)).items() if flag not in MODES}
    try:
        settle(args, typed, plain)
        vars(args).update(changes)
        request = _request(argv, args, typed, preset, parser.scopes)
        check(request)
    except UserError as error:
        parser.error(str(error))
    return request


def _set_defaults(parser, defaults):
    for action in parser._actions:
        action.default = defaults.get(action.dest, action.default)


def _request(argv, args, typed, preset, scopes):
    config = Config.of(vars(args))
    explicit = explicit_settings(args, typed, preset, ALL_KEYS)
    if args.defaults_count:
        explicit = {key: value for key, value in config.saved().items() if (key, value) != ('num_classes', None)}
    own = {**vars(args), 'typed': typed, 'scopes': scopes, 'settings': vars(args)}
    return Request(
        command=shlex.join(['python', 'main.py', *argv]), modes=tuple(mode for mode in MODES if own[mode]),
        paths=_made(RunPaths, own, RunPaths._fields), plotting=args.plotting, picture_format=args.picture_format,
        watch_test=args.watch_test, layers=_made(Layers, own), resume=args.resume, profile=args.profile, config=config,
        typed=typed, explicit=explicit, scopes=scopes,
        evaluation=_made(Evaluation, own), search=_made(Search, own), spread=_made(Spread, own),
        comparison=_made(ComparedRuns, own) if args.compare else None,
        proof=_made(Proof, own) if args.implementations else None)


def _made(cls, values, names=None):
    """An object of `cls` with the values that bear the names of its fields."""
    return cls(**{name: values[name] for name in names or [field.name for field in fields(cls)]})


def _all_changes(parser, args):
    """What --sweep, --ablate and @ change in the runs of a comparison."""
    return {'sweep': args.sweep and _parse_changes(parser, 'sweep', args.sweep),
            'ablate': args.ablate and _parse_changes(parser, 'ablate', args.ablate),
            'own_changes': {run: _parse_changes(parser, 'runs', [pair.partition('=')[::2] for pair in
                                                                 run.split('@')[1:]]) for run in args.runs}}


def _parse_changes(parser, name, changes):
    """[(flag, value), ...] with each value parsed as that flag's own."""
    for flag, _ in changes:
        if flag not in _CHANGEABLE:
            parser.error(f'--{name} must name a flag that changes a run, got {flag!r}')
    changes = [(flag, getattr(parser.parse_args(['--compare', f'--{flag}={value}']), flag)) for flag, value in changes]
    if len(set(changes)) < len(changes):
        parser.error(f'--{name} must name each value once, got {",".join("{}={}".format(*pair) for pair in changes)}')
    return changes
