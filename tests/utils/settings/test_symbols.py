"""The loss of a run in symbols: its terms, with the weight that each has in what is minimised."""
import pytest

from tests.settings import make_config
from utils.settings.symbols import loss_in_symbols, meanings


@pytest.mark.parametrize('flags, stage, formula', [
    ({}, 'train', 'L = L_s'),
    ({'center_loss': True, 'lmbd': 0.1}, 'train', 'L = L_s + 0.1·L_c/n'),
    ({'center_loss': True, 'lmbd': 0.0}, 'train', 'L = L_s + 0·L_c/n'),
    ({'center_loss': True, 'balance': False}, 'train', 'L = L_s + 1·L_c'),
    ({'center_loss': True, 'center_impl': 'dense', 'lmbd': 0.25}, 'train', 'L = L_s + 0.5·L_c'),
    ({'center_loss': True, 'center_impl': 'function', 'lmbd': 0.25}, 'train', 'L = L_s + 0.25·L_c'),
    ({'center_loss': True, 'lmbd': 0.1}, 'second_train', 'L = 0.1·L_c/n'),
    ({'loss': '0.5*triplet:margin=0.1+normalized_softmax'}, 'train', 'L = 0.5·L_triplet + L_normalized_softmax')])
def test_a_formula_has_the_terms_of_the_loss_with_their_weights(flags, stage, formula):
    assert loss_in_symbols(make_config(**flags).saved(), stage) == formula


def test_only_letters_that_are_there_are_explained():
    assert meanings(['L = L_s', 'L = L_s + 1·L_c']) == (
        'L_s: softmax; L_c: ½‖x \u2212 c‖² of feature x and its class centre c')
    assert meanings(['L = L_triplet']) == ''
    assert meanings(['L = L_c/n']).endswith('n: images of the class in the batch')
