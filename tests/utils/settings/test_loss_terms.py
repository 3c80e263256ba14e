"""The grammar of --loss."""
import pytest

from utils.settings.loss_terms import Term, format_loss, names_of, parse_loss

OPTIONS = {'triplet': ('miner', 'margin'), 'softtriple': ('centers_per_class',), 'arcface': ()}


@pytest.mark.parametrize('text, terms', [
    ('softmax', [Term(1, 'softmax')]),
    ('softmax+0.001*center', [Term(1, 'softmax'), Term(0.001, 'center')]),
    ('2*softmax+1e-3*center+triplet', [Term(2, 'softmax'), Term(0.001, 'center'), Term(1, 'triplet')]),
    ('1e+2*softtriple', [Term(100, 'softtriple')]),
    ('triplet:miner=semi_hard:margin=0.1', [Term(1, 'triplet', (('miner', 'semi_hard'), ('margin', 0.1)))]),
    ('0.5*softtriple:centers_per_class=4', [Term(0.5, 'softtriple', (('centers_per_class', 4),))]),
])
def test_terms_weights_and_options(text, terms):
    assert parse_loss(text, OPTIONS) == terms
    assert parse_loss(format_loss(terms), OPTIONS) == terms
    assert names_of(text) == [term.name for term in terms]


@pytest.mark.parametrize('first', ['softmax', 'center', *OPTIONS])
@pytest.mark.parametrize('second', ['softmax', 'center', *OPTIONS])
def test_any_two_losses_add_up_in_either_order(first, second):
    """Some names end in e, which is no exponent."""
    if first != second:
        assert parse_loss(f'{first}+{second}', OPTIONS) == [Term(1, first), Term(1, second)]
        assert parse_loss(f'{first}+1e+1*{second}', OPTIONS) == [Term(1, first), Term(10, second)]


def test_the_number_of_centers_stays_an_integer():
    ((_, value),) = parse_loss('softtriple:centers_per_class=4', OPTIONS)[0].options
    assert isinstance(value, int)


@pytest.mark.parametrize('text, message', [
    ('', "must be terms such as softmax+0.001*center or triplet:margin=0.1, got ''"),
    ('softmax+', "must be terms such as softmax+0.001*center or triplet:margin=0.1, got ''"),
    ('2*3*softmax', 'must be terms such as'),
    ('nonsense', "must be made of softmax, center, triplet, softtriple, arcface, got 'nonsense'"),
    ('softmax+softmax', "must name each loss once, got 'softmax+softmax'"),
    ('x*softmax', "needs weights that are numbers above 0, got 'x'"),
    ('0*softmax', "needs weights that are numbers above 0, got '0'"),
    ('-1*softmax', "needs weights that are numbers above 0, got '-1'"),
    ('nan*softmax', "needs weights that are numbers above 0, got 'nan'"),
    ('1e-320*softmax', "needs weights from 1e-30 to 1e+30, got '1e-320'"),
    ('1e-31*center+softmax', "needs weights from 1e-30 to 1e+30, got '1e-31'"),
    ('1e31*triplet', "needs weights from 1e-30 to 1e+30, got '1e31'"),
    ('inf*softmax', "needs weights from 1e-30 to 1e+30, got 'inf'"),
    (f'{10 ** 400}*softmax', 'needs weights from 1e-30 to 1e+30'),
    ('triplet:margin=1e-320', "needs a value for margin that is 0 or from 1e-30 to 1e+30, got '1e-320'"),
    ('triplet:margin=nan', "needs a value for margin that is 0 or from 1e-30 to 1e+30, got 'nan'"),
    (f'softtriple:centers_per_class={10 ** 400}', 'needs a value for centers_per_class that is 0 or from'),
    ('triplet:gamma=1', "has an option 'gamma' that triplet does not take: it takes miner, margin"),
    ('softmax:margin=1', "has an option 'margin' that softmax does not take: it takes none"),
    ('triplet:margin', "needs a value for margin, as in triplet:margin=1, got 'triplet:margin'"),
    ('triplet:margin=1:margin=2', "must name each option once, got 'triplet:margin=1:margin=2'"),
    ('triplet:margin=', 'needs a value for margin'),
])
def test_a_mistake_says_what_was_expected(text, message):
    with pytest.raises(ValueError) as error:
        parse_loss(text, OPTIONS)
    assert message in str(error.value)
