"""Each loss again, as slow loops in float64: what it is worth and what its gradients are.

An oracle takes (features (B, D), labels (B,), centers (C, D), lmbd, balance) and returns the loss of each sample (B,)
and the gradients of their sum with respect to features (B, D) and centers (C, D).
"""
import numpy as np


def center_loss(features, labels, centers, lmbd, balance):
    losses = np.zeros(len(features))
    to_features, to_centers = np.zeros(features.shape), np.zeros(centers.shape)
    for i, (x, y) in enumerate(zip(features, labels)):
        count = sum(1 for other in labels if other == y) if balance else 1
        for d in range(len(x)):
            difference = float(x[d]) - float(centers[y, d])
            losses[i] += lmbd / 2 * difference ** 2 / count
            to_features[i, d] += lmbd * difference / count
            to_centers[y, d] -= lmbd * difference / count
    return losses, to_features, to_centers


# Every name of list_losses() needs one.
ORACLES = {
    'embedding': center_loss,
    'parameter': center_loss,
}
