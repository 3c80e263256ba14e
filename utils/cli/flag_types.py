"""What a flag's value may be: argparse types that say what was expected and what came."""
import argparse
import os
import re

import center_loss
import models

from ..settings.loss_terms import LARGEST, SMALLEST, names_of, parse_loss

_OPTIONS = {name: center_loss.loss_options(name) for name in center_loss.list_losses('metric')}


def choice(names):
    def check(text):
        if text not in names:
            raise argparse.ArgumentTypeError(f'must be one of {", ".join(names)}, got {text!r}')
        return text
    return {'type': check, 'metavar': '{' + ','.join(names) + '}'}


def number(kind, expected, accept):
    """An argparse type: `kind(text)` if `accept` holds, else an error that says what was expected and what came."""
    def check(text):
        try:
            value = kind(text)
            good = accept(value)
        except ValueError:
            good = False
        if not good:
            raise argparse.ArgumentTypeError(f'must be {expected}, got {text}')
        if 0 < value < SMALLEST:
            raise argparse.ArgumentTypeError(f'must be 0 or at least {SMALLEST:g}, got {text}')
        return value
    return check


positive_int = number(int, 'an integer from 1 to 1000000', lambda value: 1 <= value <= 1_000_000)
feature_count = number(int, 'an integer from 0 to 1000000', lambda value: 0 <= value <= 1_000_000)
worker_count = number(int, 'an integer from 0 to 64', lambda value: 0 <= value <= 64)
image_size = number(int, 'an integer from 1 to 4096', lambda value: 1 <= value <= 4096)
pixel_count = number(int, 'an integer from 1 to 4294836225', lambda value: 1 <= value <= 65535 ** 2)
step_count = number(int, 'an integer from 21 to 1000000', lambda value: 21 <= value <= 1_000_000)
thread_count = number(int, 'an integer from 1 to 1024', lambda value: 1 <= value <= 1024)
device_count = number(int, 'an integer from 1 to 64', lambda value: 1 <= value <= 64)
natural = number(int, 'an integer from 0 to 2147483647', lambda value: 0 <= value < 2 ** 31)
rate = number(float, 'a number from 0 to 1e30', lambda value: 0 <= value <= LARGEST)
epochs = number(float, 'a number from 0 to 1000000', lambda value: 0 <= value <= 1_000_000)
factor = number(float, 'a number from 0 to 1', lambda value: 0 <= value <= 1)
fraction = number(float, 'a number from 0 to below 1', lambda value: 0 <= value < 1)


def boolean(text):
    words = {'true': True, 'yes': True, '1': True, 'false': False, 'no': False, '0': False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f'must be True or False, got {text!r}')
    return words[text.lower()]


def source(text):
    """A file, by its absolute path: a checkpoint remembers it, and may be used from another folder."""
    if not text:
        raise argparse.ArgumentTypeError("must be a file, got ''")
    return text if text == 'own' else os.path.abspath(text)


def network(text):
    try:
        models.check_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).replace('name: expected', 'must be', 1)) from error
    return text


def loss(text):
    try:
        parse_loss(text, _OPTIONS)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def run_or_loss(runs):
    """An argparse type: one of `runs`, or a loss, and behind it any number of @FLAG=VALUE, which are not looked at."""
    def check(text):
        try:
            run = text.partition('@')[0]
            if run not in runs and set(names_of(loss(run))) == {'center'}:
                raise argparse.ArgumentTypeError('needs a term beside center')
            return text
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentTypeError(f'must be one of {", ".join(runs)}, or a --loss, which {error}') from error
    return check


def gpu_list(text):
    if not re.fullmatch(r'\d+(,\d+)*', text):
        raise argparse.ArgumentTypeError(f'must be GPU numbers such as 0 or 0,1, got {text!r}')
    numbers = [int(number) for number in text.split(',')]
    if len(set(numbers)) < len(numbers):
        raise argparse.ArgumentTypeError(f'must name each GPU once, got {text!r}')
    return numbers


def host(text):
    """A name or an address that ssh takes, maybe with a user; not what it would take for an option."""
    if not re.fullmatch(r'[\w.@:\[\]%-]+', text) or text.startswith('-'):
        raise argparse.ArgumentTypeError(f'must be the names of machines, got {text!r}')
    return text


def list_of(check):
    """An argparse type: values that `check` takes, with commas between, each once."""
    def check_all(text):
        values = [check(part) for part in text.split(',')]
        if len(set(values)) < len(values):
            raise argparse.ArgumentTypeError(f'must name each value once, got {text}')
        return values
    return check_all


def sweep(text):
    """[(flag, value), ...] of 'lmbd=0,1,alpha=0.1,0.5': a name and = begin the values of another flag."""
    pairs = []
    for part in text.split(','):
        named = re.fullmatch(r'(\w+)=(.*)', part, re.DOTALL)
        flag, value = named.groups() if named else (pairs[-1][0] if pairs else '', part)
        if not (flag and value):
            raise argparse.ArgumentTypeError(f'must be a flag and its values, such as lmbd=0.1,1, got {text!r}')
        pairs.append((flag, value))
    return pairs


def changes(text):
    pairs = [part.partition('=') for part in text.split(',')]
    if not all(flag and value for flag, _, value in pairs):
        raise argparse.ArgumentTypeError(f'must be flags with a value each, such as ema=0,augment=none, got {text!r}')
    return [(flag, value) for flag, _, value in pairs]


def run_name(text):
    if '..' in text or not re.fullmatch(r'[A-Za-z0-9_][A-Za-z0-9_.-]*', text):
        raise argparse.ArgumentTypeError('must be a plain file name (letters, digits, _, -, .; no folder, no ..), '
                                         f'got {text!r}')
    return text
