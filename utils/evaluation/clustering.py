"""How well k-means finds the classes."""
import warnings

import numpy as np

from .distances import as_rows


def scores(features, labels, metric='euclidean', seed=0, n_init=10):
    """(NMI, AMI) between `labels` (N,) and the clusters k-means finds in `features` (N, D), as many as classes.

    NMI is in [0, 1], AMI at most 1 and about 0 for clusters by chance; best is 1. Both divide by the arithmetic mean
    of the two entropies, as in "A Metric Learning Reality Check". With 'cosine', features are scaled to length 1.
    The best of n_init runs counts; they use one core. Equal features share a cluster, so there may be fewer clusters
    than classes; one class against one cluster scores 1, one against several 0.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score
    from threadpoolctl import threadpool_limits
    rows = as_rows(features, metric).astype(np.float32)
    with warnings.catch_warnings(), threadpool_limits(1):  # threads would add up in any order: no seed repeats that
        warnings.simplefilter('ignore', ConvergenceWarning)  # fewer distinct features than classes
        clusters = KMeans(len(np.unique(labels)), n_init=n_init, random_state=seed).fit_predict(rows)
    return float(normalized_mutual_info_score(labels, clusters)), float(adjusted_mutual_info_score(labels, clusters))
