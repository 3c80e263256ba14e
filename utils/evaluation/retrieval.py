"""Nearest neighbours, and how good a set of features is at finding its own classes by them.

N = gallery items, Q = queries, D = feature size. Neighbours are exact (see `neighbors` for how, and the cost). Recall@K
is the share of queries with at least one of the K nearest OTHER items of the same class (Jegou et al., PAMI 2011);
R-precision and MAP@R are those of Musgrave et al., "A Metric Learning Reality Check", ECCV 2020.

Every item queries all others. An item that is alone in its class has nothing to find: it is no query, but others may
find it. If no class has two items, there is no query, and each of these measures is None. Of equally far items the one
with the lowest index is the nearer.
"""
from typing import NamedTuple

import numpy as np

from . import clustering
from .neighbors import neighbor_chunks

RETRIEVAL_METRIC = 'cosine'  # of what a run reports: metric losses compare directions
RECALL_AT = (1, 2, 4, 8)
_DEPTH = max(RECALL_AT)


class Ranking(NamedTuple):
    """What each of M queries found.

    hits: (M, K) bool, whether its k-th nearest is of its class; K is the largest of `RECALL_AT`, at most N - 1.
    r_precision: (M,). average_precision: (M,), at R.
    """
    hits: np.ndarray
    r_precision: np.ndarray
    average_precision: np.ndarray


def nearest_neighbors(queries, gallery, k, metric='euclidean'):
    """(Q, k) int64 indices of the k nearest gallery items of each query, nearest first.

    queries: (Q, D), or None for the gallery itself, where no item is its own neighbour. gallery: (N, D). metric: one
    of `distances.METRICS`. Raises ValueError if the gallery has fewer than k (other) items.

    >>> import numpy as np
    >>> from utils.evaluation.retrieval import nearest_neighbors
    >>> nearest_neighbors(np.array([[0.9]]), np.array([[0.], [1], [5]]), k=2).tolist()
    [[1, 0]]
    """
    available = len(gallery) - (queries is None)
    if not 1 <= k <= available:
        raise ValueError(f'k must be from 1 to {available}, the items to find, got {k}')
    return np.concatenate([found for _, found in neighbor_chunks(queries, gallery, k, metric)])


def rank(features, labels, metric='euclidean'):
    """The `Ranking` of all queries, in the order of their items. features: (N, D). labels: (N,) integers.

    Each query is followed to the depth of its R, the number of other items of its class, and at least to the largest K
    of Recall@K.

    >>> import numpy as np
    >>> from utils.evaluation.retrieval import rank
    >>> ranking = rank(np.array([[0.], [1], [3], [7]]), np.array([0, 0, 1, 0]))  # the third item is no query
    >>> ranking.hits.astype(int).tolist()
    [[1, 0, 1], [1, 0, 1], [0, 1, 1]]
    >>> ranking.r_precision.tolist(), ranking.average_precision.tolist()
    ([0.5, 0.5, 0.5], [0.5, 0.5, 0.25])
    """
    _, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    others = sizes[classes] - 1  # R of each item
    depth = min(_DEPTH, len(labels) - 1)
    queries = np.flatnonzero(others)
    ranking = Ranking(np.empty((len(queries), depth), bool), np.empty(len(queries)), np.empty(len(queries)))
    reaches = np.maximum(2 ** np.ceil(np.log2(np.maximum(others[queries], 1))).astype(int), depth)
    for reach in np.unique(reaches):  # so that no query of a small class is followed as far as those of a large one
        places = np.flatnonzero(reaches == reach)
        for rows, nearest in neighbor_chunks(None, features, min(reach, len(labels) - 1), metric, queries[places]):
            rows = places[rows]
            hits = classes[nearest] == classes[queries[rows], np.newaxis]
            found = (hits[:, :depth], *_at_r(hits, others[queries[rows]]))
            for whole, part in zip(ranking, found):
                whole[rows] = part
    return ranking


def _at_r(hits, relevant):
    """(R-precision, average precision at R), each (rows,). hits: (rows, K) bool, K >= R. relevant: (rows,) R >= 1."""
    ranks = np.arange(1, hits.shape[1] + 1)
    hits = hits & (ranks <= relevant[:, np.newaxis])
    found = hits.cumsum(axis=1)
    return found[:, -1] / relevant, (found / ranks * hits).sum(axis=1) / relevant


def recall_at_1(features, labels, metric='euclidean'):
    """Recall@1 by itself: of each query one neighbour is looked for, not R. features: (N, D). labels: (N,) integers.

    >>> import numpy as np
    >>> from utils.evaluation.retrieval import recall_at_1
    >>> recall_at_1(np.array([[0.], [1], [3], [4]]), np.array([0, 0, 1, 0]))
    0.6666666666666666
    """
    _, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    queries = sizes[classes] > 1
    if not queries.any():
        return None
    nearest = nearest_neighbors(None, features, 1, metric)[:, 0]
    return float((labels[nearest] == labels)[queries].mean())


def recall_at_k(ranking, k):
    """Share of queries with a hit among their k nearest (or all others, if they are fewer), in [0, 1]; best is 1.

    >>> import numpy as np
    >>> from utils.evaluation.retrieval import rank, recall_at_k
    >>> ranking = rank(np.array([[0.], [1], [3], [7]]), np.array([0, 0, 1, 0]))
    >>> round(recall_at_k(ranking, 1), 3), recall_at_k(ranking, 2)
    (0.667, 1.0)
    """
    return _mean(ranking.hits[:, :k].any(axis=1))


def r_precision(ranking):
    """Mean share of a query's R nearest that are of its class, in [0, 1]; best is 1.

    >>> import numpy as np
    >>> from utils.evaluation.retrieval import r_precision, rank
    >>> r_precision(rank(np.array([[0.], [1], [3], [7]]), np.array([0, 0, 1, 0])))
    0.5
    """
    return _mean(ranking.r_precision)


def map_at_r(ranking):
    """Mean over queries of 1/R times the sum of the precision at each hit among the R nearest, in [0, 1]; best is 1.

    >>> import numpy as np
    >>> from utils.evaluation.retrieval import map_at_r, rank
    >>> round(map_at_r(rank(np.array([[0.], [1], [3], [7]]), np.array([0, 0, 1, 0]))), 3)
    0.417
    """
    return _mean(ranking.average_precision)


def _mean(values):
    return float(values.mean()) if len(values) else None


def vote(train_features, train_labels, features, k, metric='euclidean'):
    """(Q,) the class with the most votes among the k nearest training items of each item.

    Of classes with equally many votes the one with the nearest voter wins. train_features: (N, D). features: (Q, D).
    Raises ValueError if there are fewer than k training items.

    >>> import numpy as np
    >>> from utils.evaluation.retrieval import vote
    >>> vote(np.array([[0.], [1], [3]]), np.array([0, 0, 1]), np.array([[2.5]]), k=3).tolist()
    [0]
    """
    voters = train_labels[nearest_neighbors(features, train_features, k, metric)]
    votes = np.stack([(voters == voters[:, [i]]).sum(axis=1) for i in range(k)], axis=1)  # for the class of voter i
    return voters[np.arange(len(voters)), votes.argmax(axis=1)]  # of equal counts, the first


def evaluate_retrieval(features, labels, metric='euclidean', seed=0, n_init=10):
    """All measures of a set of features as a flat dict of floats, or None where a measure says nothing.

    recall_at_1, 2, 4, 8, map_at_r, r_precision: see above. nmi, ami: see `clustering.scores`; with 'cosine', of
    features scaled to length 1. features: (N, D). labels: (N,) integers.

    >>> import numpy as np
    >>> from utils.evaluation.retrieval import evaluate_retrieval
    >>> found = evaluate_retrieval(np.array([[0.], [1], [8], [9]]), np.array([0, 0, 1, 1]))
    >>> [f'{key} {value:.1f}' for key, value in found.items() if not key.startswith('recall')]
    ['map_at_r 1.0', 'r_precision 1.0', 'nmi 1.0', 'ami 1.0']
    """
    ranking = rank(features, labels, metric)
    nmi, ami = clustering.scores(features, labels, metric, seed, n_init)
    return {**{f'recall_at_{k}': recall_at_k(ranking, k) for k in RECALL_AT},
            'map_at_r': map_at_r(ranking), 'r_precision': r_precision(ranking), 'nmi': nmi, 'ami': ami}
