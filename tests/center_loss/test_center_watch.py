"""Centres that nothing moves: said once, with the line to add, and never to those who move or freeze them."""
import re

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from center_loss import get_loss, has_parameters, list_losses
from tests.center_loss.hybrid import hybridize_if_it_can
from tests.center_loss.warned import warned

C, D, CALLS = 5, 3, 100  # recorded calls that may leave the centres where they are


@pytest.fixture(params=[name for name in list_losses() if has_parameters(name)])
def loss(request):
    loss = get_loss(request.param, num_classes=C, feature_size=D)
    loss.initialize()
    hybridize_if_it_can(loss)
    return loss


def train(loss, steps, trainer=None, move=lambda: None):
    """Steps of a user's loop. pytest makes a warning an error."""
    features, labels = nd.array(np.random.default_rng(0).normal(size=(4, D))), nd.array([0, 1, 1, 3])
    for _ in range(steps):
        with autograd.record():
            losses = loss(features, labels)
        losses.backward()
        if trainer:
            trainer.step(4)
        move()


def test_after_a_hundred_calls_a_warning_gives_the_line_to_add_and_the_line_works(loss):
    train(loss, CALLS)
    with warned() as said:
        train(loss, CALLS)
    assert len(said) == 1 and said[0].filename == __file__
    message = str(said[0].message)
    assert message.startswith(f'{type(loss).__name__}: no Trainer has its centres')
    before = loss.centers.asnumpy()
    names = {'gluon': gluon, 'loss': loss}
    exec(re.search(r'trainer = .*?\}\)', message).group(), names)
    train(loss, 1, names['trainer'])
    assert np.abs(loss.centers.asnumpy() - before).max() > 0
    exec(re.search(r'loss\.collect_params\(\)\.setattr\(.*\)', message).group(), names)
    assert {param.grad_req for param in loss.collect_params().values()} == {'null'}


def test_frozen_centers_are_meant_to_stay(loss):
    loss.collect_params().setattr('grad_req', 'null')
    layer = gluon.nn.Dense(D, in_units=D)
    layer.initialize()
    with warned() as said:
        for _ in range(CALLS + 1):
            with autograd.record():
                losses = loss(layer(nd.ones((4, D))), nd.array([0, 1, 1, 3]))
            losses.backward()
    assert said == []


@pytest.mark.parametrize('rate', [0.1, 0.0])
def test_nothing_is_said_to_a_trainer(loss, rate):
    with warned() as said:
        train(loss, CALLS + 1, gluon.Trainer(loss.collect_params(), 'sgd', {'learning_rate': rate}))
    assert said == []


def test_nothing_is_said_to_those_who_move_centers_by_hand(loss):
    (param,) = loss.collect_params().values()
    with warned() as said:
        train(loss, CALLS + 1, move=lambda: param.data()[:].__isub__(0.1 * param.grad()))
    assert said == []


def test_calls_without_a_gradient_do_not_count(loss):
    with warned() as said:
        for _ in range(CALLS + 1):
            loss(nd.ones((4, D)), nd.array([0, 1, 1, 3]))
    assert said == []


def test_centers_on_other_devices_are_watched():
    contexts = [mx.cpu(2), mx.cpu(1)]
    loss = get_loss('center', num_classes=C, feature_size=D)
    loss.initialize(ctx=contexts)
    with warned() as said:
        for context in [mx.cpu(1), *contexts * (CALLS // 2)]:
            with autograd.record():
                loss(nd.ones((2, D), ctx=context), nd.ones((2,), ctx=context))
    assert len(said) == 1


@pytest.mark.parametrize('with_trainer, reads', [(True, 0), (False, 2)])
def test_the_host_waits_for_the_device_twice_at_most(loss, with_trainer, reads, monkeypatch):
    """What is read is counted, as it is read. The first call, which reads the labels, is before."""
    train(loss, 1)
    counted, read = [], nd.NDArray.asnumpy
    monkeypatch.setattr(nd.NDArray, 'asnumpy', lambda array: counted.append(array.shape) or read(array))
    trainer = gluon.Trainer(loss.collect_params(), 'sgd', {'learning_rate': 0.1}) if with_trainer else None
    (param,) = loss.collect_params().values()
    train(loss, CALLS + 50, trainer, move=lambda: with_trainer or param.data()[:].__isub__(0.1 * param.grad()))
    assert len(counted) == reads
