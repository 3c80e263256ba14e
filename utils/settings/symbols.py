"""The loss of a run as a formula, for pictures."""
import re

from .loss_terms import parse_loss

_MEANINGS = {'L_s': 'softmax', 'L_c': '½‖x \u2212 c‖² of feature x and its class centre c',
             'n': 'images of the class in the batch'}
_UNBALANCED = {'dense': 2, 'function': 1}  # implementations that take no `balance`: how many times L_c they are
_SHORT = {'softmax': 's', 'center': 'c'}


def loss_in_symbols(config, stage='train'):
    """What a run minimises, such as 'L = L_s + 0.1·L_c/n', see `meanings`; other losses by their name.

    config: {flag: value} of results.json. stage: 'train' or 'second_train', which minimises the center loss alone.
    """
    terms = [(f'{term.weight:.4g}·' if term.weight != 1 else '') + _letter(term.name)
             for term in parse_loss(config['loss']) if stage == 'train']
    if config['center_loss']:
        factor = _UNBALANCED.get(config['center_impl'], 1)
        balanced = config['balance'] and config['center_impl'] not in _UNBALANCED
        terms.append(f'{config["lmbd"] * factor:.4g}·{_letter("center")}{"/n" if balanced else ""}')
    return 'L = ' + ' + '.join(terms)


def meanings(formulas):
    """What the letters in formulas of `loss_in_symbols` mean, as one line."""
    there = set(re.findall(r'\w+', ' '.join(formulas)))
    return '; '.join(f'{letter}: {meaning}' for letter, meaning in _MEANINGS.items() if letter in there)


def _letter(name):
    return f'L_{_SHORT.get(name, name)}'
