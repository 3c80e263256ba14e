"""PyTorch's autograd as a second oracle, where it is installed."""
import numpy as np
import pytest

from tests.center_loss.center.losses import losses_and_gradients, make, random_batch, random_centers
from tests.center_loss.oracles import CASES

torch = pytest.importorskip('torch', reason='PyTorch, the second oracle, is not installed')
LMBD = 0.3


def by_torch(key, features, labels, centers):
    """(losses, dL/dx, dL/dc) of the summed loss of CASES[key], centre gradients by the rule that the case claims."""
    x, c = (torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in (features, centers))
    y = torch.tensor(labels)
    counts = torch.bincount(y, minlength=len(centers))[y]
    if key == 'dense':
        square = (x ** 2).sum(1, keepdim=True) + (c ** 2).sum(1)[None] - 2 * x @ c.T
        mask = torch.nn.functional.one_hot(y, len(centers))
        losses = LMBD * (square * mask).clamp(1e-12, 1e12).sum(1)
    else:
        losses = LMBD / 2 * ((x - c[y]) ** 2).sum(1)
        if 'balanced' in key:
            losses = losses / counts
    (to_features,) = torch.autograd.grad(losses.sum(), x, retain_graph=True)
    pushed = losses / LMBD if key == 'dense' else losses
    if key == 'function' or 'paper' in key:
        pushed = ((x - c[y]) ** 2).sum(1) / 2 / (1 + counts) * (len(labels) if 'paper' in key else 1)
    (to_centers,) = torch.autograd.grad(pushed.sum(), c)
    return losses.detach().numpy(), to_features.numpy(), to_centers.numpy()


@pytest.mark.parametrize('key', CASES)
@pytest.mark.parametrize('size', [1, 7, 64])
def test_losses_and_gradients_are_those_of_torch_autograd(key, size):
    features, labels = random_batch(size)
    loss = make(CASES[key].name, lmbd=LMBD, **CASES[key].options)
    for got, wanted in zip(losses_and_gradients(loss, features, labels),
                           by_torch(key, features, labels, random_centers())):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
