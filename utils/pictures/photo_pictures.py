"""Pictures of how a network sees photos: what queries find, and a map of all features."""
import numpy as np

from ..evaluation.retrieval import RETRIEVAL_METRIC
from . import fonts
from .projections import project, write_projection
from .retrieval_sheet import write_retrieval_sheet

_FEWEST = 5  # images that say anything by a picture
_MOST_MAPPED = 3000  # features that t-SNE places in a minute


def write_pictures(stem, crops, outputs, class_names, projection='tsne', kind='png'):
    """Write STEM-retrieval.png and STEM-PROJECTION.KIND; returns the paths, none where photos are too few.

    crops: the `CenterCrops` that `outputs` were made of.
    """
    if len(outputs.labels) < _FEWEST:
        return []
    names = fonts.drawable(class_names)
    paths = [stem + '-retrieval.png', f'{stem}-{projection}.{kind}']
    write_retrieval_sheet(paths[0], crops, outputs, names)
    sample = np.random.default_rng(0).permutation(len(outputs.labels))[:_MOST_MAPPED]
    points, axes = project(outputs.features[sample], projection, RETRIEVAL_METRIC)
    write_projection(paths[1], points, axes, outputs.labels[sample], names, 'test features')
    return paths
