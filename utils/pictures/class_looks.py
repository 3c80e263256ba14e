"""How a class looks in every picture: its colour, its marker and its name."""
import re

import numpy as np

from .style import COLORS

MARKERS = 'os^Dv*p<P>'  # without x and X: those mark centres
AREAS = {'*': 2.2, 'P': 1.4, '^': 1.3, 'v': 1.3, '<': 1.3, '>': 1.3}  # that look as large as a circle's 1
RIGHT, WRONG = '#1144ee', '#b33c00'  # of answers


def class_colors(count):
    """(count, 3) uint8, the colours of so many classes; from the eleventh class on they come again."""
    colors = np.array([list(bytes.fromhex(color[1:])) for color in COLORS], np.uint8)
    return colors[np.arange(count) % len(COLORS)]


def class_markers(count):
    """The markers of so many classes: a hundred have a colour and a marker that no other has."""
    return [MARKERS[(number + number // len(COLORS)) % len(MARKERS)] for number in range(count)]


def short_names(names):
    """The `names` of all classes as pictures show them: '051.Horned_Grebe', as CUB has it, is 'Horned Grebe'.

    Numbers stay unless all names have one and can be told apart without.
    """
    bare = [re.sub(r'^\d{3}\.(?=.)', '', name) for name in names]
    if len(set(bare)) < len(bare) or any(one == name for one, name in zip(bare, names)):
        bare = names
    return tuple(name.replace('_', ' ') for name in bare)


# Exact in every picture, of however few colours: those of classes, and the ink of notes.
KEPT = np.vstack([class_colors(len(COLORS)), list(bytes.fromhex(WRONG[1:]))]).astype(np.uint8)
