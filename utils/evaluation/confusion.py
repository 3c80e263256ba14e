"""Which classes were taken for which, as the counts that there are: N images, not C x C cells."""
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Confusion:
    """labels, answers, counts: (K,), how many images of a class were given which; K pairs of classes, in rising order.

    num_classes: C.

    >>> import numpy as np
    >>> from utils.evaluation.confusion import Confusion
    >>> confusion = Confusion.of(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), num_classes=3)
    >>> confusion.matrix([0, 1]).tolist(), confusion.mistakes(5)
    ([[1, 2], [0, 1]], [(0, 1, 2)])
    """
    labels: np.ndarray
    answers: np.ndarray
    counts: np.ndarray
    num_classes: int

    @classmethod
    def of(cls, labels, answers, num_classes):
        """That of labels and answers, (N,) integers in 0..C-1."""
        cells, counts = np.unique(labels.astype(np.int64) * num_classes + answers, return_counts=True)
        return cls(cells // num_classes, cells % num_classes, counts, num_classes)

    @cached_property
    def images(self):
        """(C,) images of each class."""
        return np.bincount(self.labels, self.counts, self.num_classes).astype(np.int64)

    @cached_property
    def accuracies(self):
        """(C,) share of each class that is answered right (its recall); NaN for a class without images."""
        right = np.where(self.labels == self.answers, self.counts, 0)
        right = np.bincount(self.labels, right, self.num_classes)
        return np.divide(right, self.images, out=np.full(self.num_classes, np.nan), where=self.images > 0)

    @property
    def present(self):
        """The classes that have images or were answered, rising."""
        return np.union1d(self.labels, self.answers)

    def ends(self, most):
        """(lowest, highest): at most so many classes with images by their accuracy, the lowest and the highest first.
        """
        there = np.flatnonzero(self.images)
        order = there[np.argsort(self.accuracies[there], kind='stable')]
        return order[:most], order[::-1][:most]

    def images_answered(self, label, answer):
        """How many images of a class were given which."""
        return int(self.counts[(self.labels == label) & (self.answers == answer)].sum())

    def matrix(self, classes):
        """(K, K) counts of K `classes`, rising, alone: a row is a class, a column what it was taken for."""
        classes, matrix = np.asarray(classes), np.zeros((len(classes),) * 2, np.int64)
        there = np.isin(self.labels, classes) & np.isin(self.answers, classes)
        rows, columns = (np.searchsorted(classes, cells[there]) for cells in (self.labels, self.answers))
        matrix[rows, columns] = self.counts[there]
        return matrix

    def mistakes(self, most):
        """At most so many (label, answer, images) of classes taken for others, the most images first."""
        wrong = np.flatnonzero(self.labels != self.answers)
        order = wrong[np.argsort(-self.counts[wrong], kind='stable')[:most]]
        return [tuple(map(int, cell)) for cell in zip(self.labels[order], self.answers[order], self.counts[order])]

    def most_confused(self, most):
        """At most so many pairs (a, b) of classes, those of which the largest shares are taken for each other first.

        The share of a pair is the mean of two, of a taken for b and of b taken for a; the former is the larger.
        """
        wrong = self.labels != self.answers
        labels, answers = self.labels[wrong], self.answers[wrong]
        shares = self.counts[wrong] / self.images[labels]
        low, high = np.minimum(labels, answers), np.maximum(labels, answers)
        pairs, which = np.unique(low * self.num_classes + high, return_inverse=True)
        upward, downward = (np.bincount(which, np.where(labels == one, shares, 0), len(pairs)) for one in (low, high))
        order = np.argsort(-(upward + downward), kind='stable')[:most]
        found = [divmod(int(pair), self.num_classes) for pair in pairs[order]]
        return [(a, b) if upward[place] >= downward[place] else (b, a) for place, (a, b) in zip(order, found)]
