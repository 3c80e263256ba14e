"""Command lines made from the parser's own flags, with values that each takes, values that it refuses, and odd ones."""
import argparse
import contextlib
import io
import itertools
import random

import center_loss
import main
from utils.cli.parser import build_parser
from utils.settings.goes_with import MODES

# What the runs in the folder that cases start from were made with.
DIGITS = '--dataset mnist5k --network lenet --batch_size 100 --lr 0.03'
PHOTOS = ('--dataset folder --data_dir photos --network efficientnet_lite0 --freeze backbone --image_size 32 '
          '--feature_size 4 --batch_size 8 --val_fraction 0.34')
COMPARISON = f'--compare --prefix pair --runs softmax,center --seeds 0 --epochs 1 --plotting {DIGITS}'
_PATHS = ('photos', 'photos/train', 'photos/train/Red_Sparrow', 'photos/train/Red_Sparrow/0.jpg', 'odd', 'traps',
          'odd/train/C\udcff/0.jpg', 'traps/0/pipe.jpg', 'traps/0/endless.jpg', 'traps/0/loop.jpg', 'empty', 'digits',
          'CUB_200_2011', 'cars', 'rec', 'idx', 'output/shots/index.npz', 'ckpt/digits.params', 'ckpt', 'nowhere',
          'weights/zipped.pth', '/dev/null', '/dev/null/x', '/proc/x', 'new/folder')
_NUMBERS = ('0', '1', '2', '4', '10', '100', '0.5', '0.01', '0.999', '1e-8', '1e-320', '1e30', '1e31', '1e400', '-1',
            '-0.0', 'nan', 'inf', '-inf', '0x10', '1_0', '1e3', '\uff12', '2147483647', '2147483648', str(2 ** 64),
            '9' * 400, '9' * 5000)
_WORDS = ('True', 'no', 'own', '0,1', '0,0', 'softmax,center', 'center+second', 'arcface@lr=0.001', 'lmbd=0.1,1',
          'ema=0.5,augment=affine', 'x=1', 'epochs=0', 'best', 'Sparrow', 'Red|Blue', '(', '[a-z]+$', 'resnet18_v1b')
_ODD = ('', ' ', '-1', '--', '--train', '-h', '\u00e9', '\udcff', 'C\udcff/x', 'a b', "it's", '$(x)', '*', '\n', 'a\nb',
        '\x1b[31mred', '\t', '../x', 'x' * 300, 'd/' * 2100 + 'x', '\U0001f600', '\u202e', '%s%n', '{}', '\\', '+', ',',
        '=', 'a=', '=b', '@', ':', 'softmax*', '1e-320*softmax', '*'.join('1' * 2000), 'center', 'nan*softmax')
# Of the values that a flag takes, those that cost seconds rather than hours.
_CHEAP = {'epochs': '1 2', 'batch_size': '50 100 1000000', 'network': 'lenet efficientnet_lite0', 'workers': '0 1',
          'threads': '1 2', 'cpus': '1 2', 'launch': '1 2', 'servers': '1 2', 'steps': '21', 'class_counts': '10 1,10',
          'num_classes': '1 4 9 10 11', 'image_size': '32 40', 'feature_size': '0 1 2 64', 'seeds': '0 1',
          'runs': 'softmax center softmax,center arcface@lr=0.001'}
_TRIES = 50
_SHARES = (0.85, 0.08, 0.07)  # of values that a flag takes, that it refuses, and odd ones


class Generator:
    """Makes the lines of a seed."""

    def __init__(self, seed):
        self._seed = seed
        losses = center_loss.list_losses('metric')
        texts = (*_NUMBERS, *_WORDS, *_PATHS, *(f'softmax+0.1*{name}' for name in ('center', *losses)),
                 *losses, 'triplet:miner=given', 'triplet:margin=abc', 'softtriple:x=1')
        actions = build_parser()._actions
        self._modes = [action for action in actions if action.dest in MODES]
        self._flags = [action for action in actions if action.dest not in MODES]
        self._values = {action: _sorted_by(action, texts) for action in actions}
        self._sets = [found for count in range(len(MODES) + 1) for found in itertools.combinations(self._modes, count)]

    def line(self, number):
        """(argv, modes, sorts) of line `number`; sorts: one word for each flag, what its value is.

        Of three lines, two have any modes, one set after the other, and any values: nearly all are refused at once. The
        third has modes that go together, and the parser finds nothing wrong with it.
        """
        dice = random.Random(f'{self._seed} line {number}')
        if number % 3:
            return self._line(self._sets[number % len(self._sets)], dice)
        for _ in range(_TRIES):
            line = self._line(self._likely(dice), dice)
            if _is_taken(line[0]):
                break
        return line

    def _line(self, modes, dice):
        names = [action.dest for action in modes]
        flags = dice.sample(self._flags, dice.randint(1, 6))
        argv, sorts = _base(names, dice), []
        for action in (*modes, *flags):
            sort, arguments = self._written(action, dice)
            argv += arguments
            if action in flags:
                sorts.append(sort)
        drawn = {action.dest for action in flags}
        if {'train', 'second_train', 'compare'} & set(names) and 'epochs' not in drawn:
            argv += ['--epochs', '1']
        if 'implementations' in drawn:
            argv += ['--steps', '21', '--class_counts', '10']
        return argv + ['--offline'] * ('download' not in names), names, sorts

    def _likely(self, dice):
        """Modes that go together."""
        names = dice.choice(('train', 'train', 'train test', 'second_train', 'train second_train test', 'test', 'test',
                             'compare', 'embed', 'query', 'download')).split()
        return [action for action in self._modes if action.dest in names]

    def _written(self, action, dice):
        """(what sort of value it is, a flag as it stands in a command line)."""
        flag = dice.choice(action.option_strings)
        if action.nargs == 0:
            return ('switch', [flag]) if dice.random() < 0.97 else ('odd', [flag + '=' + dice.choice(_ODD)])
        if dice.random() < 0.02:
            return 'odd', [flag]
        good, bad = self._values[action]
        pools = {'good': good, 'bad': bad or good, 'odd': _ODD}
        (sort,) = dice.choices(list(pools), _SHARES)
        value = dice.choice(pools[sort])
        return sort, [f'{flag}={value}'] if dice.random() < 0.5 or value.startswith('-') else [flag, value]


def _is_taken(argv):
    """Whether the parser finds nothing to refuse."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main.parse(argv)
    except SystemExit:
        return False
    except Exception:
        return True  # to be shown
    return True


def _sorted_by(action, texts):
    """(texts that a flag takes, texts that it refuses)."""
    if action.type is None:
        return _WORDS if action.metavar == 'PATTERN' else _PATHS, ()
    choices = action.metavar[1:-1].split(',') if action.metavar.startswith('{') else ()
    found = [], []
    for text in (*choices, *texts):
        try:
            action.type(text)
            found[0].append(text)
        except (argparse.ArgumentTypeError, TypeError, ValueError):
            found[1].append(text)
    return _CHEAP[action.dest].split() if action.dest in _CHEAP else found[0], found[1]


def _base(modes, dice):
    """Flags with which these modes would do something; now and then none, but for a comparison, whose defaults are nine
    runs."""
    if 'compare' in modes:
        return dice.choice((COMPARISON.replace('--compare ', ''), f'--runs softmax --seeds 0 {DIGITS}',
                            '--runs softmax --seeds 0')).split()
    if dice.random() < 0.15:
        return []
    if 'query' in modes:
        return ['--index', dice.choice(('output/shots/index.npz', 'odd_index/shots/index.npz'))]
    if 'train' not in modes:
        return dice.choice(('--prefix digits', '--prefix digits', '--prefix shots --data_dir photos')).split()
    return dice.choice((DIGITS, DIGITS + ' --center_loss', DIGITS + ' --prefix digits', PHOTOS,
                        PHOTOS + ' --prefix shots')).split()
