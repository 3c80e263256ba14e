"""Figures of what a network makes of a set of images: its `loading.outputs.Outputs`."""
from typing import NamedTuple, Optional

import numpy as np

from ..errors import UserError
from . import metrics
from .retrieval import evaluate_retrieval
from .verification import evaluate_verification


class Evaluation(NamedTuple):
    """Accuracies in [0, 1] and distances (see `metrics`) of one set of outputs; None where there is nothing to say."""
    softmax: Optional[float]  # needs classes that were trained on
    knn: Optional[float]  # needs centres too
    intra: float
    inter: Optional[float]  # needs two classes
    intra_inter_ratio: Optional[float]
    center_offset: Optional[float]  # mean distance of a centre to the mean of its class; needs centres


def predict(outputs, method, centers=None):
    """Predicted classes (N,).

    method: 'softmax', the highest logit, or 'knn', the Euclidean nearest of `centers` (C, D). Raises UserError for knn
    without centres.
    """
    if method == 'softmax':
        return outputs.logits.argmax(axis=1)
    if centers is None:
        raise UserError('--eval_method knn needs class centres, and this model was trained without --center_loss; '
                        'test.knn_means in its results.json is the accuracy by the nearest class mean')
    return metrics.nearest_center(outputs.features, centers)


def means_of(outputs):
    """(C, D) mean feature of each class in `outputs`; C also counts classes that no logit knows."""
    return metrics.class_means(outputs.features, outputs.labels, max(outputs.logits.shape[1], outputs.labels.max() + 1))


def knows_classes(outputs):
    """Whether all labels are of classes that the network was trained on."""
    return bool(outputs.labels.max() < outputs.logits.shape[1])


def evaluate(outputs, centers=None):
    """The `Evaluation` of `outputs`, by both methods where there are `centers` (C, D)."""
    means = means_of(outputs)
    intra = metrics.intra_class_distance(outputs.features, outputs.labels, means)
    inter = metrics.inter_class_distance(means)
    inter = None if np.isnan(inter) else inter
    if not knows_classes(outputs):
        return Evaluation(None, None, intra, inter, intra / inter if inter else None, None)
    return Evaluation(
        softmax=metrics.accuracy(outputs.labels, predict(outputs, 'softmax')),
        knn=None if centers is None else metrics.accuracy(outputs.labels, predict(outputs, 'knn', centers)),
        intra=intra, inter=inter, intra_inter_ratio=intra / inter if inter else None,
        center_offset=None if centers is None else float(np.nanmean(np.linalg.norm(centers - means, axis=1))))


def accuracy_by_means(outputs, train):
    """Share of `outputs` whose nearest class mean of the training images' features, `train`, is that of their class.

    Both are `Outputs`. What `predict` by knn is to a network with centres, for one without. Euclidean. A class without
    training images is never predicted.
    """
    means = means_of(train)
    there = np.flatnonzero(~np.isnan(means).any(axis=1))
    return metrics.accuracy(outputs.labels, there[metrics.nearest_center(outputs.features, means[there])])


def report(outputs, predictions):
    """Predicted classes (N,) judged in full, as a dict for JSON: accuracy, that of each class or None, confusion."""
    matrix = metrics.confusion_matrix(outputs.labels, predictions, outputs.logits.shape[1])
    per_class = metrics.per_class_accuracy(matrix)
    return {
        'accuracy': metrics.accuracy(outputs.labels, predictions),
        'per_class_accuracy': [None if np.isnan(value) else float(value) for value in per_class],
        'confusion_matrix': matrix.tolist(),
    }


def report_retrieval(outputs):
    """How well features find their own classes and tell pairs, by cosine, as a flat dict for JSON."""
    return {**evaluate_retrieval(outputs.features, outputs.labels, 'cosine'),
            **evaluate_verification(outputs.features, outputs.labels, 'cosine')}
