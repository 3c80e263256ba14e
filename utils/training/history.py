"""Columns of a run's history that only some runs have."""
import numpy as np

from ..data.splits import fixed_sample
from ..evaluation import metrics
from ..evaluation.retrieval import rank, recall_at_k

METRIC = 'cosine'  # of retrieval: metric losses compare directions
_SAMPLE_STATISTICS = 500  # images of which triplets are counted


def metric_columns(metric_losses, log, outputs):
    """The means of metric losses over an epoch, and what triplets of the judged images say; {} without such losses.

    metric_losses: a `MetricLosses` or None. log: a `training.EpochLog`. outputs: of `outputs.extract`.
    """
    if metric_losses is None:
        return {}
    sample = fixed_sample(len(outputs.labels), _SAMPLE_STATISTICS)
    return {**{f'{name}_loss': loss for name, loss in zip(metric_losses.names, log.metric_losses)},
            **metric_losses.statistics(outputs.features[sample], outputs.labels[sample])}


def retrieval_columns(outputs):
    """Recall at 1, None where no class has two images."""
    return {'recall_at_1': recall_at_k(rank(outputs.features, outputs.labels, METRIC, depth=1), 1)}


def polar_columns(means):
    """Radius and angle (degrees) of each class mean in two features; else nothing."""
    if means.shape[1] != 2:
        return {}
    columns = {}
    for label, (radius, angle) in enumerate(zip(*metrics.polar(means))):
        there = not np.isnan(radius)
        columns[f'radius_{label}'], columns[f'angle_{label}'] = (radius, angle) if there else (None, None)
    return columns
