"""The moving average against a loop in numpy."""
import math

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from utils.training.averaging import Average


def build(contexts=None):
    """A layer with running statistics beside its weights, and its trainer."""
    mx.random.seed(0)
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(3, in_units=4), gluon.nn.BatchNorm(in_channels=3))
    net.initialize(mx.init.Xavier(), ctx=contexts or [mx.cpu()])
    return net, gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 0.5, 'momentum': 0.9})


def step(net, trainer, number):
    with autograd.record():
        loss = (net(nd.array(np.random.default_rng(number).random((8, 4)))) ** 2).sum()
    loss.backward()
    trainer.step(8)


def values(net):
    return [param.list_data()[0].asnumpy() for param in net.collect_params().values()]


def weights_of_values(decay, steps):
    """(steps + 1,) how much each value counts in the average: that of the start, then that after each step."""
    net = gluon.nn.Dense(steps + 1, in_units=1, use_bias=False)
    net.initialize()
    net.weight.set_data(nd.eye(steps + 1)[:, :1])
    average = Average([net, None], decay)
    for number in range(1, steps + 1):
        net.weight.set_data(nd.eye(steps + 1)[:, number:number + 1])
        average.update()
    with average.in_place():
        return net.weight.data().asnumpy()[:, 0]


def test_late_in_a_training_each_step_counts_a_fixed_part_less_than_the_next():
    """With 0.5, from the eighth step on: half of the average is the last value, a quarter the one before, ..."""
    weights = weights_of_values(0.5, 16)
    np.testing.assert_allclose(weights[:8:-1], 0.5 ** np.arange(1, 9), rtol=1e-5)
    np.testing.assert_allclose(weights.sum(), 1, rtol=1e-5)


@pytest.mark.parametrize('steps', [1, 2, 5, 30])
def test_early_in_a_training_the_random_start_is_soon_gone(steps):
    """Step n counts C(n + 9, 8), a polynomial of degree 8, and the start 10; together they are C(steps + 10, 9)."""
    counts = np.array([10, *(math.comb(number + 9, 8) for number in range(1, steps + 1))])
    weights = weights_of_values(0.999, steps)
    np.testing.assert_allclose(weights, counts / counts.sum(), rtol=1e-4)
    assert weights[0] < 0.2


def test_all_that_is_trained_is_averaged_and_comes_back():
    """Running statistics too. With 0.5 the value before one step counts 2 / 11, the one after it 9 / 11."""
    net, trainer = build()
    before, average = values(net), Average([net, None], 0.5)
    step(net, trainer, 1)
    average.update()
    trained = values(net)
    assert len(trained) == 6
    with average.in_place():
        for got, old, new in zip(values(net), before, trained):
            np.testing.assert_allclose(got, (2 * old + 9 * new) / 11, rtol=1e-5, atol=1e-6)
    assert sum(not np.allclose(old, new, rtol=1e-3) for old, new in zip(before, trained)) >= 4
    for got, wanted in zip(values(net), trained):
        np.testing.assert_array_equal(got, wanted)


def test_what_was_trained_comes_back_after_an_error():
    net, trainer = build()
    average = Average([net], 0.9)
    step(net, trainer, 1)
    trained = values(net)
    with pytest.raises(KeyError), average.in_place():
        raise KeyError
    for got, wanted in zip(values(net), trained):
        np.testing.assert_array_equal(got, wanted)


def test_every_device_gets_the_average():
    net, _ = build([mx.cpu(0), mx.cpu(1)])
    average = Average([net], 0.9)
    for param in net.collect_params().values():
        param.set_data(param.list_data()[0] + 1)
    average.update()
    with average.in_place():
        for param in net.collect_params().values():
            first, second = (array.asnumpy() for array in param.list_data())
            np.testing.assert_array_equal(first, second)
