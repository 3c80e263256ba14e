"""pytorch-metric-learning (2.9) as a second oracle, where it is installed."""
import numpy as np
import pytest
from mxnet import nd

from center_loss import get_loss, has_parameters
from tests.center_loss.metric.losses import run

torch = pytest.importorskip('torch', reason='PyTorch, the second oracle, is not installed')
pytest.importorskip('pytorch_metric_learning', reason='pytorch-metric-learning, the second oracle, is not installed')

from pytorch_metric_learning import distances, losses, miners, regularizers  # noqa: E402

C, D, K = 6, 8, 3
EUCLIDEAN = distances.LpDistance(normalize_embeddings=True, p=2)


def soft_triple(per_class=K, tau=0.2, **kwargs):
    regularizer = regularizers.SparseCentersRegularizer(C, per_class) if per_class > 1 else None
    return losses.SoftTripleLoss(C, D, per_class, weight_regularizer=regularizer, weight_reg_weight=tau, **kwargs)


# Our name, our options, their loss, their miner. Their names differ for some options, and ArcFace's degrees.
CASES = [
    ('contrastive', {}, losses.ContrastiveLoss(distance=EUCLIDEAN), None),
    ('contrastive', {'pos_margin': 0.9, 'neg_margin': 1.2},
     losses.ContrastiveLoss(0.9, 1.2, distance=EUCLIDEAN), None),
    ('triplet', {'margin': 0.3}, losses.TripletMarginLoss(0.3, distance=EUCLIDEAN), None),
    ('triplet', {'margin': 0.3, 'miner': 'batch_hard'}, losses.TripletMarginLoss(0.3, distance=EUCLIDEAN),
     miners.BatchHardMiner(distance=EUCLIDEAN)),
    ('triplet', {'margin': 0.3, 'miner': 'semi_hard'}, losses.TripletMarginLoss(0.3, distance=EUCLIDEAN),
     miners.TripletMarginMiner(0.3, 'semihard', distance=EUCLIDEAN)),
    ('normalized_softmax', {}, losses.NormalizedSoftmaxLoss(C, D, temperature=1 / 20), None),
    ('softtriple', {'centers_per_class': K}, soft_triple(), None),
    ('softtriple', {'centers_per_class': 2, 'scale': 9.0, 'gamma': 0.4, 'tau': 3.0, 'delta': 0.2},
     soft_triple(2, 3.0, la=9, gamma=0.4, margin=0.2), None),
    ('softtriple', {'centers_per_class': 1}, soft_triple(1), None),
    ('arcface', {}, losses.ArcFaceLoss(C, D, margin=np.degrees(0.5)), None),
    ('arcface', {'margin': 1.2, 'scale': 8.0}, losses.ArcFaceLoss(C, D, margin=np.degrees(1.2), scale=8), None),
    ('cosface', {}, losses.CosFaceLoss(C, D), None),
    ('proxy_anchor', {}, losses.ProxyAnchorLoss(C, D), None),
    ('proxy_anchor', {'margin': 0.3, 'alpha': 5.0}, losses.ProxyAnchorLoss(C, D, margin=0.3, alpha=5), None),
]


@pytest.mark.parametrize('size', [7, 60])
@pytest.mark.parametrize('name, options, theirs, miner', CASES)
def test_values_and_gradients_are_those_of_pytorch_metric_learning(name, options, theirs, miner, size):
    rng = np.random.default_rng(size)
    features, labels = rng.normal(size=(size, D)), rng.integers(0, C, size)
    x, y = torch.tensor(features, requires_grad=True), torch.tensor(labels)
    value = theirs(x, y, miner(x, y) if miner else None)
    value.backward()

    ours = get_loss(name, **({'num_classes': C, 'feature_size': D} if has_parameters(name) else {}), **options)
    ours.initialize()
    for param, other in zip(ours.collect_params().values(), theirs.parameters()):
        weights = other.detach().numpy()
        param.set_data(nd.array(weights if weights.shape == param.shape else weights.T))
    losses, to_features, to_parameters = run(ours, features, labels)

    def close(got, wanted):
        np.testing.assert_allclose(got / size, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())

    close(losses.sum(), value.item())
    close(to_features, x.grad.numpy())
    for got, other in zip(to_parameters.values(), theirs.parameters()):
        wanted = other.grad.numpy()
        close(got, wanted if wanted.shape == got.shape else wanted.T)
        other.grad = None
