"""The Embedding replaces the Parameter dict: the two must not differ in anything but how they are written."""
import subprocess
import sys

import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from center_loss import CenterLoss, ParameterCenterLoss
from tests.center_loss.center.losses import C, D, losses_and_gradients, make, random_batch


def trajectory(name, balance, steps=200):
    """Losses and centres of `steps` steps in which features, too, follow their gradient."""
    loss = make(name, balance=balance)
    loss.hybridize()
    trainer = gluon.Trainer(loss.collect_params(), 'sgd', {'learning_rate': 0.5})
    features, labels = random_batch(40)
    features, labels = nd.array(features), nd.array(labels)
    seen = []
    for _ in range(steps):
        features.attach_grad()
        with autograd.record():
            losses = loss(features, labels)
        losses.backward()
        trainer.step(40)
        features = features - 0.1 * features.grad
        seen.append((losses.asnumpy(), features.asnumpy(), loss.centers.asnumpy()))
    return seen


@pytest.mark.parametrize('balance', [False, True])
def test_two_hundred_steps_are_the_same(balance):
    first, second = trajectory('embedding', balance), trajectory('parameter', balance)
    for step, (one, other) in enumerate(zip(first, second)):
        for got, wanted in zip(one, other):
            np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-7, err_msg=f'step {step}')
    moved = np.abs(first[-1][2] - first[0][2]).max()
    assert moved > 0.1, 'the trajectory must go somewhere, or agreement shows nothing'


@pytest.mark.parametrize('balance', [False, True])
def test_a_sparse_gradient_is_the_dense_one(balance):
    features, labels = random_batch(16)
    full, sparse = make('embedding', balance=balance), make('embedding', balance=balance, sparse_grad=True)
    for got, wanted in zip(losses_and_gradients(sparse, features, labels),
                           losses_and_gradients(full, features, labels)):
        np.testing.assert_allclose(got, wanted, rtol=1e-6)
    (param,) = sparse.collect_params().values()
    assert param.grad().stype == 'row_sparse'


def test_a_parameter_has_no_sparse_gradient_and_says_so():
    with pytest.raises(ValueError, match=r'sparse_grad: expected False .*, got True'):
        ParameterCenterLoss(C, D, sparse_grad=True)


def test_initial_centers_come_from_the_initializer_that_was_given():
    for cls in (CenterLoss, ParameterCenterLoss):
        loss = cls(C, D, weight_initializer='ones')
        loss.initialize()
        np.testing.assert_array_equal(loss.centers.asnumpy(), np.ones((C, D)))


def test_the_library_imports_mxnet_and_numpy_and_nothing_of_ours():
    """In a fresh process: neither plots, nor GluonCV, nor our other packages come with it."""
    code = ('import sys, center_loss; center_loss.CenterLoss; '
            'print([name for name in ("matplotlib", "gluoncv", "imageio", "tqdm", "models", "utils") '
            'if name in sys.modules], "mxnet" in sys.modules)')
    answer = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert answer.stdout.split('\n')[0] == '[] True'
