"""Features of many dimensions as points in a plane, and a scatter plot of them."""
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..errors import UserError
from ..evaluation.distances import as_rows
from . import style
from .class_looks import class_colors, class_markers
from .feature_map import FeatureMap, Plane, common_limits

METHODS = ('pca', 'tsne', 'umap')
_LEGEND_ROWS = 36
_NUMBER_SIZE = np.array([0.036, 0.03])  # width and height of a class's number, of the axes'


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
    """Draw points (N, 2), a colour, a marker and a number for each class, and its name beside the plot.

    labels: (N,) indices of class_names, which colour, marker and number follow. Classes without points are left out. A
    number stands at the median of its class, or as near as the other numbers let it.
    """
    with style.applied():
        figure = _draw(points, axis_names, labels, class_names, title)
        style.write_figure(path, figure, bbox_inches='tight')


def _draw(points, axis_names, labels, class_names, title):
    classes = np.unique(labels)
    figure = Figure(figsize=(7, 7))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    low, high = common_limits([FeatureMap(points, labels, None, title)])
    places = _apart(np.array([np.median(points[labels == label], axis=0) for label in classes]),
                    _NUMBER_SIZE * (high - low))
    colors, markers = class_colors(len(class_names)) / 255, class_markers(len(class_names))
    for label, place in zip(classes, places):
        axes.scatter(*points[labels == label].T, s=14, lw=0, alpha=0.7, color=colors[label], marker=markers[label],
                     label=f'{label + 1}  {class_names[label].replace("_", " ")}')
        axes.text(*place, label + 1, ha='center', va='center', fontsize=8, zorder=3,
                  bbox={'boxstyle': 'round,pad=0.15', 'fc': 'white', 'ec': colors[label], 'alpha': 0.85})
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect='equal')
    axes.set(title=title, xlabel=axis_names[0], ylabel=axis_names[1])
    legend = axes.legend(
        loc='upper left', bbox_to_anchor=(1.01, 1), borderaxespad=0, ncol=-(-len(classes) // _LEGEND_ROWS),
        markerscale=1.6, handletextpad=0.3, columnspacing=1)
    for text in legend.get_texts():
        text.set_parse_math(False)  # a name with two $ is no formula
    return figure


def _apart(places, size):
    """`places` (C, 2), moved little by little until no two overlap as ellipses of `size` (2,), or for 200 steps."""
    angles = np.arange(len(places))
    places = places / size + 1e-3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # equal ones need a direction
    for _ in range(200):
        offsets = places[:, np.newaxis] - places
        distances = np.linalg.norm(offsets, axis=2)
        np.fill_diagonal(distances, np.inf)
        short = np.maximum(1 - distances, 0)
        if not short.any():
            break
        places += (offsets * (short / distances)[..., np.newaxis]).sum(axis=1) / 2
    return places * size
