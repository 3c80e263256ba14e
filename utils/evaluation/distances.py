"""Distances from every query to every item of a gallery, exact, a few rows at a time.

N = gallery items, Q = queries, D = feature size. All sums are in float64, which keeps what float32 features can tell
apart even where the expansion ||x||^2 + ||y||^2 - 2xy cancels. Equal items are equally far from everything, to the
last bit: a matrix product may add up equal columns in different order, so each distinct item is multiplied once.

Cost: N * Q * D multiplications; in memory, a float64 copy of the gallery and a few arrays of _CHUNK_ELEMENTS.
"""
import hashlib

import numpy as np

from ..errors import UserError

METRICS = ('euclidean', 'cosine')
_CHUNK_ELEMENTS = 1 << 24  # of the Q-by-N matrix held at once: 128 MB of float64


def as_rows(features, metric):
    """`features` (N, D) in float64, for 'cosine' scaled to length 1 (a row of zeros stays).

    Raises UserError for another metric, another shape, and for values that are NaN or infinite.

    >>> import numpy as np
    >>> from utils.evaluation.distances import as_rows
    >>> as_rows(np.array([[0, 5], [0, 0]]), 'cosine').tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    check_rows(features, None, metric)
    rows = features.astype(np.float64)
    if metric == 'cosine':
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows /= np.where(lengths > 0, lengths, 1)
    return rows


def check_rows(gallery, queries, metric):
    """Raise UserError for what no distance can be measured of, see `distance_chunks`.

    >>> import numpy as np
    >>> from utils.evaluation.distances import check_rows
    >>> check_rows(np.zeros((3, 2)), np.ones((1, 2)), 'cosine')
    """
    if metric not in METRICS:
        raise UserError(f'a metric must be one of {", ".join(METRICS)}, got {metric}')
    for features in (gallery,) if queries is None else (gallery, queries):
        if features.ndim != 2:
            raise UserError(f'features must have shape (N, D), got {features.shape}')
        if not np.isfinite(features).all():
            raise UserError('features must be finite, got NaN or infinity: the network that made them has diverged')
    if queries is not None and queries.shape[1] != gallery.shape[1]:
        raise UserError(f'queries must have the gallery\'s {gallery.shape[1]} features, got {queries.shape[1]}')


def distance_chunks(gallery, queries=None, metric='euclidean', asking=None):
    """Yield (start, distances) for successive queries, distances (rows, N) those of queries start, start + 1, ...

    gallery: (N, D). queries: (Q, D), or None for the gallery itself, or its items of the indices `asking`; an item is
    then exactly 0 away from itself and from its equals. 'euclidean' yields the squared Euclidean distance, 'cosine' 1 -
    the cosine (0 to 2; 1 to or from a row of zeros). The caller may overwrite a chunk. Raises UserError as `as_rows`
    does, and if queries and gallery differ in D.

    >>> import numpy as np
    >>> from utils.evaluation.distances import distance_chunks
    >>> [(start, distances.tolist()) for start, distances in distance_chunks(np.array([[0, 0], [3, 4]]))]
    [(0, [[0.0, 25.0], [25.0, 0.0]])]
    """
    check_rows(gallery, queries, metric)
    items = as_rows(gallery, metric)
    if queries is not None:
        rows = as_rows(queries, metric)
    else:
        rows = items if asking is None else items[asking]
    first, inverse = _distinct(items)
    own = inverse if asking is None else inverse[asking]  # which of the distinct ones asks
    repeated = len(first) < len(items)
    distinct = items[first] if repeated else items
    squares = np.einsum('nd,nd->n', distinct, distinct)
    step = max(1, _CHUNK_ELEMENTS // len(items))
    for start in range(0, len(rows), step):
        chunk = rows[start:start + step]
        distances = chunk @ distinct.T
        if metric == 'cosine':
            np.subtract(1, distances, out=distances)
        else:
            distances *= -2
            distances += squares
            distances += np.einsum('nd,nd->n', chunk, chunk)[:, np.newaxis]
        np.maximum(distances, 0, out=distances)
        if queries is None:
            distances[np.arange(len(chunk)), own[start:start + step]] = 0
        yield start, distances[:, inverse] if repeated else distances


def _distinct(rows):
    """(first, inverse): index (U,) of the first of each distinct row; for each row (N,), which distinct row it is."""
    places = {}
    keys = (hashlib.blake2b(row + 0.0, digest_size=16).digest() for row in rows)  # + 0.0: -0 equals 0
    inverse = np.array([places.setdefault(key, len(places)) for key in keys], np.int64)
    return np.unique(inverse, return_index=True)[1], inverse
