"""What follows from --loss."""
import pytest

import main
from utils.errors import UserError
from utils.settings.objective import Objective


@pytest.mark.parametrize('loss, weight, others, digits, photos', [
    ('softmax', 1.0, [], ['classes'], ['classes', 'retrieval']),
    ('2*softmax', 2.0, [], ['classes'], ['classes', 'retrieval']),
    ('arcface', 0.0, ['arcface'], ['retrieval'], ['retrieval']),
    ('triplet+0.5*softmax', 0.5, ['triplet'], ['classes', 'retrieval'], ['classes', 'retrieval'])])
def test_the_weight_of_softmax_decides_whether_classes_are_judged(loss, weight, others, digits, photos):
    objective = Objective(loss, None)
    assert objective.softmax_weight == weight and [term.name for term in objective.metric_terms] == others
    assert objective.judged_by(photos=False) == digits and objective.judged_by(photos=True) == photos


def test_only_triplets_that_are_given_are_needed():
    assert Objective('softmax+triplet:margin=0.1:miner=given', None).needs_triplets
    assert not Objective('softmax+triplet:miner=batch_all', None).needs_triplets
    assert not Objective('softmax', None).needs_triplets


def test_an_option_is_what_the_term_says_or_the_default():
    objective = Objective('softmax+triplet:margin=0.7+contrastive', None)
    assert objective.option('triplet', 'margin', 0.2) == 0.7
    assert objective.option('contrastive', 'margin', 0.2) == objective.option('arcface', 'margin', 0.2) == 0.2


@pytest.mark.parametrize('text, learns', [('softmax', False), ('triplet', False), ('softmax+arcface', True),
                                          ('proxy_anchor', True)])
def test_what_learns_has_a_rate_which_is_that_of_the_network_unless_it_is_said(text, learns):
    objective = main.parse(['--train', '--loss', text, '--lr', '0.3']).config.objective
    assert objective.learns == learns and objective.loss_lr == (0.3 if learns else None)
    if learns:
        assert main.parse(['--train', '--loss', text, '--loss_lr', '7']).config.objective.loss_lr == 7


@pytest.mark.parametrize('loss, size, fits', [
    ('softmax', 1, True), ('contrastive', 1, False), ('contrastive', 2, True), ('triplet', 2, False),
    ('triplet', 3, True), ('softmax+contrastive+triplet', 2, False)])
def test_a_batch_has_as_many_images_as_a_term_compares(loss, size, fits):
    if fits:
        Objective(loss, None).check_batch_size(size)
    else:
        with pytest.raises(UserError, match='--batch_size must be at least'):
            Objective(loss, None).check_batch_size(size)
