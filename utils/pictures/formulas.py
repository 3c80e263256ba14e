"""Formulas as text that Matplotlib sets as mathematics."""
import re


def typeset(text):
    """'L = L_s + 2·L_triplet': letters that stand alone slanted, what is behind a `_` small and below them."""
    return re.sub(r'\b([A-Za-z])(?:_(\w+))?\b', lambda found: f'${found[1]}{_below(found[2])}$', text)


def _below(word):
    return '_{\\mathrm{' + word.replace('_', r'\ ') + '}}' if word else ''
