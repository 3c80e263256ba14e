"""What figures are measured of: the outputs of a network for one set of images, and what several figures share."""
from functools import cached_property

import numpy as np

from . import geometry, metrics
from .judging import knows_classes, means_of, predict
from .retrieval import RETRIEVAL_METRIC, evaluate_retrieval


class Evaluator:
    """One set of `Outputs`, N images, D features, C classes; what is asked for is computed once.

    centers: (C, D), or None without center loss. judged_by: 'classes', accuracy; 'retrieval', what features find; or
    both. train: called without arguments, it returns the `Outputs` of the images that were trained on.

    >>> import numpy as np
    >>> from utils.evaluation.evaluator import Evaluator
    >>> from utils.evaluation.outputs import Outputs
    >>> outputs = Outputs.of(np.array([[2., 1], [2, 1], [0, 3], [2, 3]]),
    ...                      np.array([[0., 0], [2, 0], [0, 4], [2, 4]]), np.array([0, 0, 1, 1]))
    >>> evaluator = Evaluator(outputs)
    >>> evaluator.softmax, evaluator.knn, evaluator.intra, evaluator.inter
    (1.0, None, 1.0, 4.0)
    """

    def __init__(self, outputs, centers=None, judged_by=('classes',), train=None):
        self.outputs = outputs
        self.centers = centers
        self.judged_by = judged_by
        self.train = train

    @property
    def features(self):
        return self.outputs.features

    @property
    def labels(self):
        return self.outputs.labels

    @cached_property
    def knows_classes(self):
        """Whether all labels are of classes that the network was trained on."""
        return knows_classes(self.outputs)

    @cached_property
    def means(self):
        """(C, D) mean feature of each class; C also counts classes that no logit knows."""
        return means_of(self.outputs)

    @cached_property
    def _collapsed(self):
        return geometry.collapsed_pairs(self.features, self.labels, self.means)

    @property
    def collapsed(self):
        """Pairs of classes whose means are closer than their own spread, a set, see `geometry.collapsed_pairs`."""
        return set(self._collapsed[1])

    @property
    def num_collapsed(self):
        """How many such pairs there are, which may be more."""
        return self._collapsed[0]

    @cached_property
    def softmax(self):
        """Accuracy by the highest logit; None where no class layer is trained, or of other classes."""
        if 'classes' not in self.judged_by or not self.knows_classes:
            return None
        return metrics.accuracy(self.labels, predict(self.outputs, 'softmax'))

    @cached_property
    def knn(self):
        """Accuracy by the nearest centre; None without centres, or of other classes."""
        if self.centers is None or not self.knows_classes:
            return None
        return metrics.accuracy(self.labels, predict(self.outputs, 'knn', self.centers))

    @cached_property
    def intra(self):
        """Mean distance of a feature to the mean of its class."""
        return geometry.intra_class_distance(self.features, self.labels, self.means)

    @cached_property
    def inter(self):
        """Mean distance between two class means; None with a single class."""
        inter = geometry.inter_class_distance(self.means)
        return None if np.isnan(inter) else inter

    @cached_property
    def center_offset(self):
        """Mean distance of a centre to the mean of its class; None without centres, or of other classes."""
        if self.centers is None or not self.knows_classes:
            return None
        return float(np.nanmean(np.linalg.norm(self.centers - self.means, axis=1)))

    @cached_property
    def retrieval(self):
        """All that `retrieval.evaluate_retrieval` measures, by cosine."""
        return evaluate_retrieval(self.features, self.labels, RETRIEVAL_METRIC)

    @cached_property
    def ring(self):
        """`geometry.ring_score` of the class means."""
        return geometry.ring_score(self.means)
