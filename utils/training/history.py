"""What an epoch was, as a row of history.csv: what training knows, and the figures of `evaluation.columns`."""
import numpy as np

from ..data.splits import fixed_sample
from ..evaluation import columns, geometry
from ..evaluation.judging import MOST_LISTED

_SAMPLE_STATISTICS = 500  # images of which triplets are counted


def epoch_row(epoch, log, rates, evaluator, metric_losses, center_moved):
    """The row of an epoch, {column: value or None}.

    log: a `loop.EpochLog`. rates: of the network, and of centres or None where they stand still. evaluator: an
    `Evaluator` of the split that judges. metric_losses: a `MetricLosses` or None. center_moved: how far centres moved,
    None without.
    """
    learns_classes = 'classes' in evaluator.judged_by
    return {
        'epoch': epoch, 'softmax_loss': log.softmax_loss if learns_classes else None,
        'center_loss': None if evaluator.centers is None else log.center_loss,
        **_metric_columns(metric_losses, log, evaluator),
        'train_accuracy': log.accuracy if learns_classes else None,
        **columns.measure_epoch(evaluator, 'test'),
        **(columns.measure_epoch(evaluator, 'retrieval') if 'retrieval' in evaluator.judged_by else {}),
        'center_moved': center_moved, 'collapsed_pairs': evaluator.num_collapsed, 'lr': rates[0], 'alpha': rates[1],
        'seconds': round(log.seconds, 3), **_polar_columns(evaluator.means)}


def _metric_columns(metric_losses, log, evaluator):
    """The means of metric losses over an epoch, and what triplets of the judged images say; {} without such losses."""
    if metric_losses is None:
        return {}
    sample = fixed_sample(len(evaluator.labels), _SAMPLE_STATISTICS)
    return {**{f'{name}_loss': loss for name, loss in zip(metric_losses.names, log.metric_losses)},
            **metric_losses.statistics(evaluator.features[sample], evaluator.labels[sample])}


def _polar_columns(means):
    """Radius and angle (degrees) of each class mean in two features, up to MOST_LISTED classes; else nothing."""
    if means.shape[1] != 2 or len(means) > MOST_LISTED:
        return {}
    found = {}
    for label, (radius, angle) in enumerate(zip(*geometry.polar(means))):
        there = not np.isnan(radius)
        found[f'radius_{label}'], found[f'angle_{label}'] = (radius, angle) if there else (None, None)
    return found
