"""Points to be found among, and neighbours and retrieval measures by their definitions."""
import numpy as np

from utils.evaluation import retrieval


def clusters(seed=0, sizes=(40, 25, 12, 3, 2, 1, 1), feature_size=5):
    """Overlapping classes of uneven sizes, the last two of one item, labelled with gaps; in random order."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(10 * np.arange(len(sizes)), sizes))
    means = rng.normal(size=(len(sizes), feature_size))
    return (means[labels // 10] + rng.normal(size=(len(labels), feature_size))).astype(np.float32), labels


def grid(seed=0, count=60, feature_size=2):
    """Points on a small grid: many are equal, and many distances are."""
    return np.random.default_rng(seed).integers(-1, 2, (count, feature_size)).astype(np.float32)


def distance(a, b, metric):
    a, b = a.astype(np.float64), b.astype(np.float64)
    if metric == 'euclidean':
        return np.sqrt(((a - b) ** 2).sum())
    lengths = np.sqrt((a ** 2).sum()) * np.sqrt((b ** 2).sum())
    return 1 - (a * b).sum() / lengths if lengths else 1.0


def neighbors_by_loops(queries, gallery, k, metric):
    """`nearest_neighbors` by the definition: sort all (distance, index) of each query."""
    alone = queries is None
    return [[j for _, j in sorted((distance(query, item, metric), j) for j, item in enumerate(gallery)
                                  if not (alone and i == j))[:k]]
            for i, query in enumerate(gallery if alone else queries)]


def measures_by_loops(features, labels, metric='euclidean'):
    """(recall at 1, 2, 4, 8, MAP@R, R-precision) by their definitions, one query after the other."""
    found = neighbors_by_loops(None, features, len(labels) - 1, metric)
    recalls, average_precisions, r_precisions = [], [], []
    for i, neighbors in enumerate(found):
        hits = [bool(labels[j] == labels[i]) for j in neighbors]
        r = sum(hits)
        if r == 0:
            continue
        recalls.append([any(hits[:k]) for k in (1, 2, 4, 8)])
        precisions = [sum(hits[:rank]) / rank for rank in range(1, r + 1)]
        average_precisions.append(sum(p for p, hit in zip(precisions, hits) if hit) / r)
        r_precisions.append(sum(hits[:r]) / r)
    return (*np.mean(recalls, axis=0), np.mean(average_precisions), np.mean(r_precisions))


def measures(features, labels, metric='euclidean'):
    """The same six as the program has them."""
    ranking = retrieval.rank(features, labels, metric)
    return (*(retrieval.recall_at_k(ranking, k) for k in (1, 2, 4, 8)),
            retrieval.map_at_r(ranking), retrieval.r_precision(ranking))
