"""Each metric-learning loss again, as slow loops in float64: one number a batch.

x = features (B, D), y = labels (B,), w = proxies (M, D); all are normalized in here.
"""
import itertools
import math

import numpy as np


def units(rows):
    return [[float(value) / math.sqrt(sum(float(v) ** 2 for v in row)) for value in row] for row in rows]


def dot(a, b):
    return sum(one * other for one, other in zip(a, b))


def distance(a, b):
    return math.sqrt(sum((one - other) ** 2 for one, other in zip(a, b)))


def valid_triplets(y):
    return [(a, p, n) for a, p, n in itertools.product(range(len(y)), repeat=3)
            if a != p and y[a] == y[p] and y[a] != y[n]]


def mean_above_zero(values):
    active = [value for value in values if value > 0]
    return sum(active) / len(active) if active else 0.0


def contrastive(x, y, pos_margin=0.0, neg_margin=1.0):
    x = units(x)
    pairs = [(i, j) for i, j in itertools.product(range(len(x)), repeat=2) if i != j]
    return (mean_above_zero([distance(x[i], x[j]) - pos_margin for i, j in pairs if y[i] == y[j]])
            + mean_above_zero([neg_margin - distance(x[i], x[j]) for i, j in pairs if y[i] != y[j]]))


def triplet(x, y, miner='batch_all', margin=0.2):
    x = units(x)
    if miner == 'given':
        third = len(x) // 3
        mined = [(i, third + i, 2 * third + i) for i in range(third)]
    elif miner == 'batch_hard':
        mined = []
        for a in sorted({a for a, _, _ in valid_triplets(y)}):
            own = [t for t in valid_triplets(y) if t[0] == a]
            mined.append((a, max((p for _, p, _ in own), key=lambda p: distance(x[a], x[p])),
                          min((n for _, _, n in own), key=lambda n: distance(x[a], x[n]))))
    else:
        mined = valid_triplets(y)
    gaps = [distance(x[a], x[n]) - distance(x[a], x[p]) for a, p, n in mined]
    if miner == 'semi_hard':
        gaps = [gap for gap in gaps if 0 < gap < margin]
    return mean_above_zero([margin - gap for gap in gaps])


def softmax_loss(logits, own):
    return math.log(sum(math.exp(logit - logits[own]) for logit in logits))


def normalized_softmax(x, y, w, scale=20.0):
    x, w = units(x), units(w)
    return np.mean([softmax_loss([scale * dot(x_i, w_c) for w_c in w], own) for x_i, own in zip(x, y)])


def softtriple(x, y, w, centers_per_class=10, scale=20.0, gamma=0.1, tau=0.2, delta=0.01):
    x, w = units(x), units(w)
    k = centers_per_class
    classes = [w[start:start + k] for start in range(0, len(w), k)]
    losses = []
    for x_i, own in zip(x, y):
        similarities = []
        for centers in classes:
            shares = [math.exp(dot(x_i, center) / gamma) for center in centers]
            similarities.append(sum(share / sum(shares) * dot(x_i, center) for share, center in zip(shares, centers)))
        losses.append(softmax_loss([scale * (s - delta * (c == own)) for c, s in enumerate(similarities)], own))
    pairs = sum(math.sqrt(2 - 2 * dot(centers[t], centers[s])) for centers in classes
                for s in range(k) for t in range(s))
    return np.mean(losses) + (tau / (len(classes) * k * (k - 1)) * pairs if k > 1 else 0.0)


def arcface(x, y, w, margin=0.5, scale=64.0):
    def with_margin(cosine):
        angle = math.acos(max(-1.0, min(1.0, cosine)))
        return math.cos(angle + margin) if angle <= math.pi - margin else cosine - margin * math.sin(margin)

    x, w = units(x), units(w)
    return np.mean([softmax_loss([scale * (with_margin(dot(x_i, w_c)) if c == own else dot(x_i, w_c))
                                  for c, w_c in enumerate(w)], own) for x_i, own in zip(x, y)])


def cosface(x, y, w, margin=0.35, scale=64.0):
    x, w = units(x), units(w)
    return np.mean([softmax_loss([scale * (dot(x_i, w_c) - margin * (c == own)) for c, w_c in enumerate(w)], own)
                    for x_i, own in zip(x, y)])


def proxy_anchor(x, y, w, margin=0.1, alpha=32.0):
    x, w = units(x), units(w)
    pull, push = 0.0, 0.0
    for c, w_c in enumerate(w):
        positives = [dot(x_i, w_c) for x_i, own in zip(x, y) if own == c]
        negatives = [dot(x_i, w_c) for x_i, own in zip(x, y) if own != c]
        pull += math.log(1 + sum(math.exp(-alpha * (cosine - margin)) for cosine in positives))
        push += math.log(1 + sum(math.exp(alpha * (cosine + margin)) for cosine in negatives))
    return pull / len(set(y)) + push / len(w)


LOSSES = {function.__name__: function for function in (
    contrastive, triplet, normalized_softmax, softtriple, arcface, cosface, proxy_anchor)}

# (loss, options that matter to it, not its defaults). Each option of a loss is in one of its rows.
CASES = [
    ('contrastive', {}),
    ('contrastive', {'pos_margin': 0.4, 'neg_margin': 1.3}),
    ('triplet', {}),
    ('triplet', {'miner': 'batch_all', 'margin': 0.7}),
    ('triplet', {'miner': 'batch_hard', 'margin': 0.7}),
    ('triplet', {'miner': 'semi_hard', 'margin': 0.7}),
    ('triplet', {'miner': 'given', 'margin': 0.7}),
    ('normalized_softmax', {}),
    ('normalized_softmax', {'scale': 3.0}),
    ('softtriple', {}),
    ('softtriple', {'centers_per_class': 3, 'scale': 4.0, 'gamma': 0.5, 'tau': 2.0, 'delta': 0.3}),
    ('softtriple', {'centers_per_class': 1}),
    ('arcface', {}),
    ('arcface', {'margin': 1.2, 'scale': 5.0}),  # wide enough for angles beyond pi - margin
    ('cosface', {}),
    ('cosface', {'margin': 0.8, 'scale': 5.0}),
    ('proxy_anchor', {}),
    ('proxy_anchor', {'margin': 0.3, 'alpha': 4.0}),
]


def gradient(loss, arrays, index, step=1e-6):
    """d loss(*arrays) / d arrays[index] by central differences; `arrays` are float64."""
    found = np.zeros(arrays[index].shape)
    for place in np.ndindex(found.shape):
        values = []
        for sign in (1, -1):
            moved = [array.copy() for array in arrays]
            moved[index][place] += sign * step
            values.append(loss(*moved))
        found[place] = (values[0] - values[1]) / (2 * step)
    return found
