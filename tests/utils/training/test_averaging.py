"""The moving average against a loop in numpy."""
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


def test_is_the_weighted_sum_of_all_steps():
    net, trainer = build()
    expected, average = [value.astype(np.float64) for value in values(net)], Average([net, None], 0.5)
    for number in range(1, 13):
        step(net, trainer, number)
        average.update()
        keep = min(0.5, (1 + number) / (10 + number))
        expected = [keep * old + (1 - keep) * new for old, new in zip(expected, values(net))]
    trained = values(net)
    with average.in_place():
        for got, wanted, raw in zip(values(net), expected, trained):
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
            assert not np.allclose(got, raw, rtol=1e-3)
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
