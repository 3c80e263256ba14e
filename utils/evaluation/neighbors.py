"""The nearest items of a gallery, exact, of equally far ones the lowest index first; by faiss where that pays.

faiss looks in float32 for somewhat more candidates than are asked for. Where rounding leaves open which of two is the
nearer, or whether one was missed, float64 decides: the answers are those of `distances`, in any number of threads.
"""
import functools

import numpy as np

from .distances import as_rows, check_rows, distance_chunks

WORTH = 1 << 24  # distances, from which on looking by faiss is the faster way
_CHUNK_ELEMENTS = 1 << 22  # candidates at once
_ROUNDING = 2.0 ** -24  # of float32, relative


@functools.lru_cache(maxsize=None)
def _faiss():
    """The package, or None on a machine that it has no wheel for."""
    try:
        import faiss
    except ImportError:
        return None
    return faiss


def neighbor_chunks(queries, gallery, k, metric, asking=None):
    """Yield (rows, (len(rows), k) nearest items) for successive queries; rows: slice of the queries.

    queries: (Q, D), or None for items of the gallery (N, D) itself, of which none is its own neighbour: all, or those
    of the indices `asking`. metric: one of `distances.METRICS`.

    >>> import numpy as np
    >>> from utils.evaluation.neighbors import neighbor_chunks
    >>> [(rows, found.tolist()) for rows, found in neighbor_chunks(None, np.array([[0.], [1], [3]]), 1, 'euclidean')]
    [(slice(0, 3, None), [[1], [0], [1]])]
    """
    if queries is None and asking is None:
        asking = np.arange(len(gallery))
    count = len(asking) if queries is None else len(queries)
    if count * len(gallery) < WORTH or _faiss() is None:
        yield from _by_all_distances(queries, gallery, k, metric, asking)
    else:
        yield from _by_candidates(queries, gallery, k, metric, asking)


def _by_all_distances(queries, gallery, k, metric, asking):
    for start, distances in distance_chunks(gallery, queries, metric, asking):
        rows = slice(start, start + len(distances))
        if queries is None:
            distances[np.arange(len(distances)), asking[rows]] = np.inf
        yield rows, _smallest(distances, k)


def _by_candidates(queries, gallery, k, metric, asking):
    check_rows(gallery, queries, metric)
    items = _Float32(gallery, metric)
    wanted = int(min(len(gallery), k + 1 + max(8, k // 8)))
    step = max(1, _CHUNK_ELEMENTS // wanted)
    for start in range(0, len(asking) if queries is None else len(queries), step):
        rows = slice(start, start + step)
        chunk = gallery[asking[rows]] if queries is None else queries[rows]
        values, columns, error = items.search(chunk, wanted)
        limits = values[:, -1] - error  # nothing that was not found is nearer
        unclear = np.diff(values, axis=1, append=np.inf) <= 2 * error[:, np.newaxis]
        unclear[:, 1:] |= unclear[:, :-1]
        line, place = np.nonzero(unclear)
        values[line, place] = _exact(chunk, gallery, line, columns[line, place], metric)
        if queries is None:
            values[columns == asking[rows, np.newaxis]] = np.inf
        order = np.lexsort((columns, values), axis=1)[:, :k]
        nearest = np.take_along_axis(columns, order, axis=1)
        missed = np.take_along_axis(values, order[:, -1:], axis=1)[:, 0] + error >= limits
        if wanted < len(gallery) and missed.any():
            missed = np.flatnonzero(missed)
            alone = asking[rows][missed] if queries is None else None
            found = _by_all_distances(None if queries is None else chunk[missed], gallery, k, metric, alone)
            nearest[missed] = np.concatenate([one for _, one in found])
        yield rows, nearest


class _Float32:
    """A gallery (N, D) as faiss takes it."""

    def __init__(self, gallery, metric):
        self._metric = metric
        self._origin = gallery.mean(axis=0, dtype=np.float64).astype(gallery.dtype)
        self._items, lengths = self._scaled(gallery)
        self._longest = lengths.max()

    def search(self, queries, count):
        """((rows, count) values, rising, (rows, count) items, (rows,) the most that rounding changes a value)."""
        faiss = _faiss()
        rows, lengths = self._scaled(queries)
        kind = faiss.METRIC_INNER_PRODUCT if self._metric == 'cosine' else faiss.METRIC_L2
        values, columns = faiss.knn(rows, self._items, count, kind)
        values = values.astype(np.float64)
        # Of a sum of D products each (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), and of its parts.
        error = 2 * (rows.shape[1] + 8) * _ROUNDING
        if self._metric == 'cosine':
            return 1 - values, columns, np.full(len(rows), error)
        return values, columns, error / 2 * (lengths + self._longest) ** 2

    def _scaled(self, features):
        """`features` as (N, D) float32 rows, and how long they are: for 'cosine', of length 1."""
        if self._metric == 'euclidean':
            features = features - self._origin  # changes no distance, and keeps the digits that far-off points cost
        rows = np.ascontiguousarray(features, np.float32)
        lengths = np.sqrt(np.einsum('nd,nd->n', rows, rows, dtype=np.float64))
        if self._metric == 'cosine':
            rows = rows / np.where(lengths > 0, lengths, 1)[:, np.newaxis].astype(np.float32)
        return rows, lengths


def _exact(queries, gallery, lines, columns, metric):
    """(M,) values in float64 of M pairs: queries[lines] and gallery[columns]."""
    values = np.empty(len(lines))
    step = max(1, _CHUNK_ELEMENTS // gallery.shape[1])
    for start in range(0, len(lines), step):
        part = slice(start, start + step)
        asked, items = as_rows(queries[lines[part]], metric), as_rows(gallery[columns[part]], metric)
        if metric == 'cosine':
            values[part] = 1 - np.einsum('nd,nd->n', asked, items)
        else:
            asked -= items
            values[part] = np.einsum('nd,nd->n', asked, asked)
    return values


def _smallest(values, k):
    """(rows, k) columns of the k smallest values of each row, in order; of equal values the lowest column first."""
    found = np.argpartition(values, k - 1, axis=1)[:, :k]
    limits = np.take_along_axis(values, found, axis=1).max(axis=1)
    ties = np.count_nonzero(values <= limits[:, np.newaxis], axis=1) > k  # the partition took any of the last
    for row in np.flatnonzero(ties):
        candidates = np.flatnonzero(values[row] <= limits[row])
        found[row] = candidates[np.argsort(values[row, candidates], kind='stable')[:k]]
    found.sort(axis=1)
    order = np.argsort(np.take_along_axis(values, found, axis=1), axis=1, kind='stable')
    return np.take_along_axis(found, order, axis=1)
