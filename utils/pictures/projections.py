"""Features of many dimensions as points in a plane, and a scatter plot of them."""
import numpy as np

from ..errors import UserError
from ..evaluation.distances import as_rows
from .feature_map import FeatureMap, write_feature_maps
from .plane import Plane

METHODS = ('pca', 'tsne', 'umap')


def project(features, method, metric='euclidean', seed=0):
    """((N, 2) points, the names of the two axes) of features (N, D), N >= 1.

    'pca': the principal plane, for fewer than three features the features themselves. 'tsne': van der Maaten & Hinton,
    JMLR 2008, perplexity 30 or what N allows. 'umap': McInnes et al., 2018. With the metric 'cosine', features are
    scaled to length 1 first. Of fewer than four items or three features there is nothing to reduce: it is done by PCA,
    as the axes' names say; items that are all equal fall on the origin. Raises UserError for another method, and for
    umap where it is not installed.
    """
    if method not in METHODS:
        raise UserError(f'a projection must be one of {", ".join(METHODS)}, got {method}')
    rows = as_rows(features, metric)
    if (rows == rows[0]).all():
        return np.zeros((len(rows), 2)), ('all features are equal', '')
    if method == 'pca' or len(rows) < 4 or rows.shape[1] < 3:
        plane = Plane(rows)
        return plane.project(rows), plane.axis_names
    reduce, name = {'tsne': (_tsne, 't-SNE'), 'umap': (_umap, 'UMAP')}[method]
    return reduce(rows.astype(np.float32), seed), (f'{name} 1', f'{name} 2')


def _tsne(rows, seed):
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits
    with threadpool_limits(1):  # the same points on every machine; and on a busy one threads wait for each other
        return TSNE(perplexity=min(30, (len(rows) - 1) / 3), init='pca', learning_rate='auto',
                    random_state=seed).fit_transform(rows)


def _umap(rows, seed):
    try:
        import umap
    except ImportError as error:
        raise UserError(f'the projection umap needs the package umap-learn ({error})') from error
    return umap.UMAP(n_neighbors=min(15, len(rows) - 1), random_state=seed, n_jobs=1).fit_transform(rows)


def write_projection(path, points, axis_names, labels, class_names, title):
    """Draw points (N, 2) as a feature map without an origin. labels: (N,) indices of class_names."""
    write_feature_maps(path, [FeatureMap(points, labels, None, title, origin=None)], axis_names, class_names)
