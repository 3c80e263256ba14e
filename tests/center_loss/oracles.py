"""Each loss again, as slow loops in float64: what it is worth, what its gradients are, and how far one step goes.

B samples, C classes, D features; x = features (B, D), y = labels (B,), c = centers (C, D), n = samples of a class.
"""
from typing import Callable, NamedTuple

import numpy as np


class Case(NamedTuple):
    """One loss in one setting.

    loss(square, n, lmbd): of a sample, from its squared distance. pull(n, lmbd, B): dL/dx = pull * (x - c).
    push(n, lmbd, B): its share of dL/dc = push * (c - x). step(alpha, lmbd, n, B): a trainer's step moves a centre by
    step * (mean of its class - c), the column of the table in docs/losses.md.
    """
    name: str
    options: dict
    loss: Callable
    pull: Callable
    push: Callable
    step: Callable


CASES = {
    'embedding, balanced': Case(
        'embedding', {'balance': True},
        loss=lambda square, n, lmbd: lmbd / 2 * square / n,
        pull=lambda n, lmbd, size: lmbd / n,
        push=lambda n, lmbd, size: lmbd / n,
        step=lambda alpha, lmbd, n, size: alpha * lmbd / size),
    'embedding': Case(
        'embedding', {'balance': False},
        loss=lambda square, n, lmbd: lmbd / 2 * square,
        pull=lambda n, lmbd, size: lmbd,
        push=lambda n, lmbd, size: lmbd,
        step=lambda alpha, lmbd, n, size: alpha * lmbd * n / size),
    'embedding, paper': Case(
        'embedding', {'balance': False, 'center_update': 'paper'},
        loss=lambda square, n, lmbd: lmbd / 2 * square,
        pull=lambda n, lmbd, size: lmbd,
        push=lambda n, lmbd, size: size / (1 + n),
        step=lambda alpha, lmbd, n, size: alpha * n / (1 + n)),
    'dense': Case(
        'dense', {},
        loss=lambda square, n, lmbd: lmbd * square,
        pull=lambda n, lmbd, size: 2 * lmbd,
        push=lambda n, lmbd, size: 2,
        step=lambda alpha, lmbd, n, size: 2 * alpha * n / size),
    'function': Case(
        'function', {},
        loss=lambda square, n, lmbd: lmbd / 2 * square,
        pull=lambda n, lmbd, size: lmbd,
        push=lambda n, lmbd, size: 1 / (1 + n),
        step=lambda alpha, lmbd, n, size: alpha * n / (1 + n) / size),
}
CASES['embedding, paper, balanced'] = CASES['embedding, balanced']._replace(
    options={'balance': True, 'center_update': 'paper'}, push=CASES['embedding, paper'].push,
    step=CASES['embedding, paper'].step)
CASES['parameter, balanced'] = CASES['embedding, balanced']._replace(name='parameter')
CASES['parameter'] = CASES['embedding']._replace(name='parameter')


def losses_and_gradients(case, features, labels, centers, lmbd):
    """(losses (B,), dL/dx (B, D), dL/dc (C, D)) of the summed loss of a `Case`, by loops over samples and features.

    lmbd: a number, or one a sample.
    """
    size = len(features)
    lmbd = np.broadcast_to(lmbd, size)
    losses, to_features, to_centers = np.zeros(size), np.zeros(features.shape), np.zeros(centers.shape)
    for i in range(size):
        y = labels[i]
        n = sum(1 for other in labels if other == y)
        square = 0.0
        for d in range(features.shape[1]):
            difference = float(features[i, d]) - float(centers[y, d])
            square += difference ** 2
            to_features[i, d] = case.pull(n, lmbd[i], size) * difference
            to_centers[y, d] -= case.push(n, lmbd[i], size) * difference
        losses[i] = case.loss(square, n, lmbd[i])
    return losses, to_features, to_centers
