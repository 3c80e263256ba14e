"""Center losses as symbols, after an export, and on several devices."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import gluon, nd

from center_loss import get_loss
from tests.center_loss.center.losses import C, D, losses_and_gradients, make, random_batch
from tests.center_loss.hybrid import hybridize_if_it_can


def test_centers_are_found_on_devices_of_which_none_is_the_default(name):
    contexts = [mx.cpu(1), mx.cpu(2)]
    loss = get_loss(name, num_classes=C, feature_size=D)
    loss.initialize(mx.init.One(), ctx=contexts)
    np.testing.assert_array_equal(loss.centers.asnumpy(), np.ones((C, D)))
    for context in contexts:
        losses = loss(nd.zeros((2, D), ctx=context), nd.zeros((2,), ctx=context))
        assert losses.context == context and (losses.asnumpy() > 0).all()


def test_exported_graph_gives_the_same_losses(symbolic_name, tmp_path):
    features, labels = random_batch(16)
    loss = make(symbolic_name)
    hybridize_if_it_can(loss)
    expected = loss(nd.array(features), nd.array(labels)).asnumpy()
    loss.export(str(tmp_path / 'loss'))
    inputs = [mx.sym.var(input_name, dtype='float32') for input_name in ('data0', 'data1')]
    again = gluon.SymbolBlock(mx.sym.load(str(tmp_path / 'loss-symbol.json')), inputs)
    again.load_parameters(str(tmp_path / 'loss-0000.params'))
    np.testing.assert_array_equal(again(nd.array(features), nd.array(labels)).asnumpy(), expected)


def test_runs_with_symbols(symbolic_name):
    features, labels = random_batch(16)
    loss = make(symbolic_name)
    symbol = loss(mx.sym.var('features'), mx.sym.var('labels'))
    (param,) = loss.collect_params().values()
    executor = symbol.bind(mx.cpu(), {'features': nd.array(features), 'labels': nd.array(labels),
                                      param.name: param.data()})
    np.testing.assert_array_equal(executor.forward()[0].asnumpy(),
                                  loss(nd.array(features), nd.array(labels)).asnumpy())


def test_a_hand_written_backward_takes_images_and_no_symbols():
    loss = make('function', np.zeros((C, 12), np.float32))
    features, labels = np.random.default_rng(0).normal(size=(4, 3, 2, 2)).astype(np.float32), np.array([0, 1, 1, 2])
    losses, to_features, _ = losses_and_gradients(loss, features, labels)
    np.testing.assert_allclose(losses, (features ** 2).sum(axis=(1, 2, 3)) / 2, rtol=1e-5)
    np.testing.assert_allclose(to_features, features, rtol=1e-5)
    with pytest.raises(TypeError, match=r'features: expected an NDArray .*, got Symbol'):
        loss(mx.sym.var('features'), mx.sym.var('labels'))
