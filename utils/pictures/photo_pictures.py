"""Pictures of how a network sees photos: what queries find, which classes are mistaken, and a map of all features."""
import numpy as np

from ..evaluation.retrieval import RETRIEVAL_METRIC
from . import fonts
from .confusion import write_confusion
from .projections import project, write_projection
from .retrieval_sheet import write_retrieval_sheet

_FEWEST = 5  # images that say anything by a picture
_MOST_MAPPED = 3000  # features that t-SNE places in a minute


def write_pictures(stem, crops, outputs, class_names, confusion=None, projection='tsne', kind='png'):
    """Write STEM-retrieval.png, STEM-PROJECTION.KIND and, with `confusion`, STEM-confusion.KIND; returns the paths.

    Where names of classes cannot be drawn, they are in STEM-classes.txt, by number.

    confusion: (C, C) counts, or None. crops: the `CenterCrops` that `outputs` were made of.
    """
    if len(outputs.labels) < _FEWEST:
        return []
    names = fonts.drawable(class_names)
    paths = [stem + '-retrieval.png', f'{stem}-{projection}.{kind}']
    write_retrieval_sheet(paths[0], crops, outputs, names)
    sample = np.random.default_rng(0).permutation(len(outputs.labels))[:_MOST_MAPPED]
    points, axes = project(outputs.features[sample], projection, RETRIEVAL_METRIC)
    write_projection(paths[1], points, axes, outputs.labels[sample], names, 'test features')
    if confusion is not None:
        paths.append(f'{stem}-confusion.{kind}')
        present = np.unique(outputs.labels)
        write_confusion(paths[2], np.asarray(confusion)[np.ix_(present, present)],
                        [names[label] for label in present], 'test set: which classes are taken for which')
    if fonts.write_legend(stem + '-classes.txt', class_names):
        paths.append(stem + '-classes.txt')
    return paths
