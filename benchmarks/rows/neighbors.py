"""Finding neighbours: this project, faiss alone, and NumPy with every distance."""
from . import Found
from .clock import once

_ITEMS, _SIZE, _K = 60_000, 128, 10
_QUERIES, _FEATURES = 10_000, 64
_MOST = 100_000  # centres that NumPy is asked for: ten times as many take two minutes


def rank_ours():
    """Seconds to find the 10 nearest of each of 60,000 x 128, itself apart."""
    from utils.evaluation.neighbors import neighbor_chunks
    items = _random(_ITEMS, _SIZE)
    taken = once(lambda: list(neighbor_chunks(None, items, _K, 'euclidean')),
                 lambda: list(neighbor_chunks(None, items[:5_000], _K, 'euclidean')))
    return Found(taken, 2 * _ITEMS ** 2 * _SIZE)


def rank_faiss():
    """The same by faiss alone, which finds each itself among 11."""
    import faiss
    items = _random(_ITEMS, _SIZE)
    return once(lambda: faiss.knn(items, items, _K + 1), lambda: faiss.knn(items[:5_000], items[:5_000], _K + 1))


def rank_numpy():
    """The same where there is no faiss."""
    from utils.evaluation import neighbors
    neighbors._faiss = lambda: None
    return rank_ours()


def nearest_ours(centers):
    """Seconds to find the nearest of so many centres for 10,000 x 64."""
    from utils.evaluation.metrics import nearest_center
    features, table = _random(_QUERIES, _FEATURES), _random(centers, _FEATURES)
    return once(lambda: nearest_center(features, table), lambda: nearest_center(features, table[:1000]))


def nearest_faiss(centers):
    """The same by faiss alone."""
    import faiss
    features, table = _random(_QUERIES, _FEATURES), _random(centers, _FEATURES)
    return once(lambda: faiss.knn(features, table, 1), lambda: faiss.knn(features, table[:1000], 1))


def nearest_numpy(centers):
    """The same where there is no faiss; None for more centres than `_MOST`."""
    from utils.evaluation import neighbors
    neighbors._faiss = lambda: None
    return nearest_ours(centers) if centers <= _MOST else None


def _random(rows, columns):
    import numpy as np
    return np.random.default_rng(rows).standard_normal((rows, columns), np.float32)
