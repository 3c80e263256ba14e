"""The grammar of --loss: terms with `+` between, each [WEIGHT*]NAME[:OPTION=VALUE...].

    softmax+0.001*center        softtriple        softmax+0.5*triplet:miner=semi_hard:margin=0.1
"""
import re
from typing import NamedTuple, Tuple

_TERM = re.compile(r'(?:(?P<weight>[^*:]+)\*)?(?P<name>[^*:]+)(?P<options>(?::[^:]*)*)')
_PLUS = re.compile(r'(?<!\d[eE])(?<!\d\.[eE])\+')  # 1e+3 is one number
SMALLEST, LARGEST = 1e-30, 1e30  # numbers that a float32 holds, and that can be multiplied a little
_OWN_FLAGS = ('softmax', 'center')  # these have no options here: center loss has its flags, softmax needs none


class Term(NamedTuple):
    """`weight` times the loss called `name`, built with `options`, pairs of a name and a number or word."""
    weight: float
    name: str
    options: Tuple[Tuple[str, object], ...] = ()

    def __str__(self):
        weight = '' if self.weight == 1 else f'{self.weight!r}*'
        return weight + self.name + ''.join(f':{key}={value}' for key, value in self.options)


def parse_loss(text, options=None):
    """The terms of `text`, a list of `Term`.

    options: {name of a loss: names of the options it takes}; softmax and center need not be among them. Without it,
    any name and any option will do. Raises ValueError that says what was expected and what came.
    """
    terms = [_parse_term(part, options) for part in _PLUS.split(text)]
    names = [term.name for term in terms]
    if len(set(names)) < len(names):
        raise ValueError(f'must name each loss once, got {text!r}')
    return terms


def _parse_term(text, options):
    match = _TERM.fullmatch(text)
    if not match:
        raise ValueError(f'must be terms such as softmax+0.001*center or triplet:margin=0.1, got {text!r}')
    name = match['name']
    if options is not None and name not in options and name not in _OWN_FLAGS:
        raise ValueError(f'must be made of {", ".join([*_OWN_FLAGS, *options])}, got {name!r}')
    pairs = [pair.partition('=') for pair in match['options'].split(':')[1:]]
    keys = [key for key, _, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f'must name each option once, got {text!r}')
    for key, _, value in pairs:
        if options is not None and key not in options.get(name, ()):
            known = ', '.join(options.get(name, ())) or 'none'
            raise ValueError(f'has an option {key!r} that {name} does not take: it takes {known}')
        if not value:
            raise ValueError(f'needs a value for {key}, as in {name}:{key}=1, got {text!r}')
    return Term(_weight(match['weight']), name, tuple((key, _option(key, value)) for key, _, value in pairs))


def _weight(text):
    if text is None:
        return 1.0
    weight = _number_or_word(text)
    if isinstance(weight, str) or not weight > 0:
        raise ValueError(f'needs weights that are numbers above 0, got {text!r}')
    if not SMALLEST <= weight <= LARGEST:
        raise ValueError(f'needs weights from {SMALLEST:g} to {LARGEST:g}, got {text!r}')
    return float(weight)


def _option(key, text):
    value = _number_or_word(text)
    if not isinstance(value, str) and value != 0 and not SMALLEST <= abs(value) <= LARGEST:
        raise ValueError(f'needs a value for {key} that is 0 or from {SMALLEST:g} to {LARGEST:g}, got {text!r}')
    return value


def _number_or_word(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def without_center(text):
    """(`text` without its term for center, the weight of that term or None if it has none)."""
    terms = parse_loss(text)
    weight = next((term.weight for term in terms if term.name == 'center'), None)
    return format_loss(term for term in terms if term.name != 'center'), weight


def names_of(text):
    """The names in a text that `parse_loss` takes."""
    return [term.name for term in parse_loss(text)]


def format_loss(terms):
    """The text that `parse_loss` makes the same terms of."""
    return '+'.join(map(str, terms))
