"""How well k-means finds the classes."""
import warnings

import numpy as np

from .distances import as_rows
from .geometry import MOST_CLASSES, SAMPLED_CLASSES


def scores(features, labels, metric='euclidean', seed=0, n_init=10):
    """(NMI, AMI) between `labels` (N,) and the clusters that k-means finds in `features` (N, D), one for each class.

    NMI is in [0, 1]. AMI is at most 1, and about 0 for clusters by chance. Best is 1. Both divide by the arithmetic
    mean of the two entropies, as in "A Metric Learning Reality Check". With 'cosine', features are scaled to length 1.
    The best of `n_init` runs counts; they use one core. Equal features share a cluster, so there may be fewer clusters
    than classes. If there is one cluster, one class scores 1 and several score 0. Above geometry.MOST_CLASSES it is an
    estimate: of the features of SAMPLED_CLASSES drawn at random, always the same. Raises UserError as
    `distances.as_rows` does.

    >>> import numpy as np
    >>> from utils.evaluation.clustering import scores
    >>> nmi, ami = scores(np.array([[0.], [1], [8], [9]]), np.array([5, 5, 7, 7]))
    >>> round(nmi, 3), round(ami, 3)
    (1.0, 1.0)
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score
    from threadpoolctl import threadpool_limits
    classes = np.unique(labels)
    if len(classes) > MOST_CLASSES:
        there = np.isin(labels, np.random.default_rng(0).choice(classes, SAMPLED_CLASSES, replace=False))
        features, labels = features[there], labels[there]
    rows = as_rows(features, metric).astype(np.float32)
    with warnings.catch_warnings(), threadpool_limits(1):  # threads would add up in any order: no seed repeats that
        warnings.simplefilter('ignore', ConvergenceWarning)  # fewer distinct features than classes
        clusters = KMeans(len(np.unique(labels)), n_init=n_init, random_state=seed).fit_predict(rows)
    return float(normalized_mutual_info_score(labels, clusters)), float(adjusted_mutual_info_score(labels, clusters))
