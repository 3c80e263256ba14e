"""What a run warns of after an epoch: classes on top of each other, features that all point the same way."""
from ..terminal import warn
from .wording import collapse_warning, shrink_warning

_COLLAPSED = 0.05  # mean distance between unit features of two classes, at most 2
_SETTLING_EPOCHS = 2  # before which classes on top of each other mean nothing


class CollapseWatch:
    """Warns after an epoch. collapsed: the pairs of classes that were so close after the last one."""

    def __init__(self):
        self.collapsed = set()

    def after_epoch(self, judged):
        """judged: a `JudgedEpoch`."""
        evaluator, row = judged.evaluator, judged.row
        lasting, self.collapsed = sorted(evaluator.collapsed & self.collapsed), evaluator.collapsed
        if lasting and evaluator.centers is not None and row['epoch'] > _SETTLING_EPOCHS:
            warn(collapse_warning(lasting))
        distance = row.get('d_an')  # None without triplets, NaN without a pair of two classes
        if distance is not None and distance < _COLLAPSED:
            warn(shrink_warning(distance))
