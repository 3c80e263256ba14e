"""The best of equally accurate epochs, against losses written out by hand or Gluon's own."""
import numpy as np
import pytest
from mxnet import gluon, nd

from utils.errors import UserError
from utils.evaluation.evaluator import Evaluator
from utils.evaluation.outputs import Outputs
from utils.training.selection import Selection

RNG = np.random.default_rng(0)
LABELS = np.array([0, 0, 1, 1, 2, 2, 2])
LOGITS = RNG.normal(size=(7, 3)).astype(np.float32) * 4
OUTPUTS = Outputs.of(LOGITS, RNG.normal(size=(7, 5)).astype(np.float32), LABELS)
CENTERS = RNG.normal(size=(3, 5)).astype(np.float32)


def cross_entropy():
    return gluon.loss.SoftmaxCrossEntropyLoss()(nd.array(LOGITS), nd.array(LABELS)).mean().asscalar()


def center_loss():
    return sum(((x - CENTERS[y]) ** 2).sum() / 2 for x, y in zip(OUTPUTS.features, LABELS)) / 7


def spread_of_directions():
    unit = [x / np.sqrt((x ** 2).sum()) for x in OUTPUTS.features]
    means = [np.mean([x for x, y in zip(unit, LABELS) if y == label], axis=0) for label in range(3)]
    intra = np.mean([np.sqrt(((x - means[y]) ** 2).sum()) for x, y in zip(unit, LABELS)])
    return intra / np.mean([np.sqrt(((means[i] - means[j]) ** 2).sum()) for i, j in ((0, 1), (0, 2), (1, 2))])


@pytest.mark.parametrize('by, loss', [
    ('softmax', cross_entropy), ('knn', center_loss), ('recall_at_1', spread_of_directions)])
def test_the_loss_that_ties_go_by(by, loss):
    selection = Selection(by)
    assert selection.takes({'epoch': 4, by: 0.5}, Evaluator(OUTPUTS, CENTERS if by == 'knn' else None), 'val')
    assert selection.report('val') == {'on': 'val', 'by': by, 'epoch': 4, by: 0.5, 'ties_by': loss.__name__,
                                       'loss': pytest.approx(loss(), rel=1e-5)}


def test_the_figure_comes_first_then_the_loss_then_the_order():
    selection = Selection('softmax')
    offers = [(1, 0.5, 2.0), (2, 0.5, 1.0), (3, 0.4, 9.0), (4, 0.5, 1.0), (5, 0.6, 0.5), (6, 0.6, 2.0), (7, 0.6, 0.1)]
    right = np.eye(3, dtype=np.float32)[LABELS]
    taken = [epoch for epoch, accuracy, doubt in offers
             if selection.takes({'epoch': epoch, 'softmax': accuracy},
                                Evaluator(Outputs.of(right / doubt, right, LABELS)), 'val')]
    assert taken == [1, 2, 5, 7] and selection.best['epoch'] == 7


@pytest.mark.parametrize('features', [OUTPUTS.features, np.ones((7, 5), np.float32), np.zeros((7, 5), np.float32)])
def test_of_one_class_or_one_direction_the_first_of_equals_stays(features):
    selection = Selection('recall_at_1')
    labels = LABELS * 0 if features is OUTPUTS.features else LABELS
    evaluator = Evaluator(OUTPUTS._replace(features=features, labels=labels))
    first, second, third = ({'epoch': epoch, 'recall_at_1': 1.0} for epoch in (1, 2, 3))
    assert selection.takes(first, evaluator, 'val') and not selection.takes(second, evaluator, 'val')
    assert selection.report('val')['loss'] is None and not selection.takes(third, Evaluator(OUTPUTS), 'val')


def test_without_its_figure_no_epoch_is_chosen():
    with pytest.raises(UserError, match=r'recall at 1 cannot choose an epoch: .* of the val split'):
        Selection('recall_at_1').takes({'epoch': 1, 'recall_at_1': None}, Evaluator(OUTPUTS), 'val')


def test_what_another_figure_chose_is_not_taken_up():
    selection, best = Selection('softmax'), {'epoch': 3, 'softmax': 0.5, 'loss': 1.0, 'digest': 'd'}
    with pytest.raises(UserError, match=r'run\.state was made by another version .* no knn\. Remove it, or start'):
        Selection('knn').resume(best, 'run.state')
    for key in best:
        with pytest.raises(UserError, match=f'its best epoch has no {key}'):
            Selection('softmax').resume({other: best[other] for other in best if other != key}, 'run.state')
    selection.resume(best, 'run.state')
    assert not selection.takes({'epoch': 4, 'softmax': 0.4}, Evaluator(OUTPUTS), 'val') and selection.best == best
