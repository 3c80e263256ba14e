"""Confusions for tests."""
import numpy as np

from utils.evaluation.confusion import Confusion


def counted(matrix):
    """The `Confusion` whose counts are `matrix` (C, C)."""
    labels, answers = np.nonzero(matrix)
    counts = np.asarray(matrix)[labels, answers]
    return Confusion.of(np.repeat(labels, counts), np.repeat(answers, counts), len(matrix))
