"""What the letters in pictures can say: names of classes in scripts that Matplotlib's own font lacks."""
import functools
import os

import matplotlib
from matplotlib.ft2font import FT2Font

from ..storage import files
from .class_looks import short_names

PATH = os.path.join(matplotlib.get_data_path(), 'fonts', 'ttf', 'DejaVuSans.ttf')


@functools.lru_cache(maxsize=None)
def _characters():
    return frozenset(FT2Font(PATH).get_charmap())


def drawable(names):
    """The `short_names` of all classes; one with a character that the font lacks is its number, such as 'no. 3'."""
    return _drawable(tuple(names))


@functools.lru_cache(maxsize=2)  # of an epoch's pictures, and of those before
def _drawable(names):
    return tuple(name if _can_draw(name) else f'no. {number}' for number, name in enumerate(short_names(names), 1))


def write_legend(path, names):
    """Write the names that `drawable` made numbers of as lines of text, '3<tab>name'; returns whether there are any."""
    lines = [f'{number}\t{name}\n' for number, name in enumerate(names, 1) if not _can_draw(name)]
    if lines:
        files.write_bytes(path, ''.join(lines).encode('utf-8', 'replace'))
    return bool(lines)


def _can_draw(name):
    return _characters().issuperset(map(ord, name))
