"""Frames of runs that nobody trained."""
import numpy as np

from utils.pictures.frame import Frame


def frame(epoch=1, count=200, classes=10, scale=1.0, spread=0.1, accuracies=(0.9, 0.8), pairs=0):
    """Classes on a ring that grows with the epoch, the first image wrongly classified; centres at their middles."""
    rng = np.random.default_rng(epoch)
    labels = np.arange(count) % classes
    angles = np.arange(classes) * 2 * np.pi / classes
    centers = scale * epoch * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    answers = labels.copy()
    answers[0] = 1
    return Frame(centers[labels] + scale * rng.normal(size=(count, 2)) * spread, labels, np.arange(count),
                 np.array(accuracies), np.array([pairs, 45]), softmax=answers, centers=centers)


def runs_of(*epochs, splits=('train', 'val'), **options):
    """{name: {split: frames}} of runs with so many epochs."""
    return {f'run {number}\nL = L_s + {number}·L_c': {split: [frame(epoch, **options) for epoch in range(1, count + 1)]
                                                     for split in splits} for number, count in enumerate(epochs)}
