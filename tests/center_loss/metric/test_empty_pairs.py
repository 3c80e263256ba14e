"""Batches in which there is nothing to compare: loss 0, and a warning once a block."""
import itertools

import numpy as np
import pytest
from mxnet import autograd, nd

from center_loss import get_loss, has_parameters, list_losses
from tests.center_loss import metric_oracles
from tests.center_loss.warned import warned

D = 3
PAIR_LOSSES = [('contrastive', {}), ('triplet', {}), ('triplet', {'miner': 'batch_hard'}),
               ('triplet', {'miner': 'semi_hard'})]


def batch(labels):
    return nd.array(np.random.default_rng(len(labels)).normal(size=(len(labels), D))), nd.array(labels)


def comparable(name, labels):
    """The pairs or triplets that the loss can be made of, listed."""
    if name == 'triplet':
        return metric_oracles.valid_triplets(labels)
    return list(itertools.permutations(range(len(labels)), 2))


@pytest.mark.parametrize('hybridize', [False, True])
@pytest.mark.parametrize('name, options', PAIR_LOSSES, ids=str)
def test_a_warning_comes_where_no_pair_or_triplet_can_be(name, options, hybridize):
    seen = set()
    for size in (1, 2, 3, 4):
        for labels in itertools.combinations_with_replacement((-1, 0, 7), size):
            loss = get_loss(name, **options)
            if hybridize:
                loss.hybridize()
            with warned() as said:
                loss(*batch(labels))
            nothing = not comparable(name, labels)
            assert [line.filename for line in said] == [__file__] * nothing, labels
            seen.add(nothing)
    assert seen == {True, False}


@pytest.mark.parametrize('name, least', [('contrastive', 2), ('triplet', 3)])
def test_in_the_hot_path_the_size_alone_tells(name, least):
    loss = get_loss(name)
    loss.hybridize()
    loss(*batch([0, 0, 1, 1]))
    with warned() as said:
        for size in (least, least - 1, 1):
            features, labels = batch([5] * size)
            features.attach_grad()
            with autograd.record():
                losses = loss(features, labels)
            losses.backward()
            assert size == least or (not losses.asnumpy().any() and not features.grad.asnumpy().any())
    (line,) = said
    needs = {'contrastive': 'at least two samples', 'triplet': 'two samples of one class and one of another'}[name]
    assert f'expected {needs} in a batch, got {least - 1} without; its loss is 0' in str(line.message)


@pytest.mark.parametrize('name', [name for name in list_losses() if has_parameters(name)])
def test_one_sample_is_enough_for_a_loss_with_centers(name):
    loss = get_loss(name, num_classes=2, feature_size=D)
    loss.initialize()
    assert max(loss(*batch([label])).asnumpy()[0] for label in (0, 1)) > 0.1


def test_given_triplets_need_no_other():
    loss = get_loss('triplet', miner='given', margin=2)
    assert loss(*batch([0, 0, 1])).asnumpy()[0] > 0
    assert np.isnan(loss(*batch([0, 0, 0])).asnumpy()[0])  # the labels contradict it, which is no loss of 0
