"""What the runs of a comparison are: named recipes, or losses."""
from typing import NamedTuple, Optional

from .loss_terms import without_center
from .presets import PRESETS


class Recipe(NamedTuple):
    """What the name of a run says of its flags.

    fixed: {flag: value} that make it this run. defaults: {flag: value} that win over what the comparison says, and that
    --sweep, --ablate and the run's own flags may change. pull: lambda is worked out so that center loss pulls a feature
    so many times as hard as `center` does (docs/losses.md); None leaves lambda as it is. second_of: the run that it is
    the second training of.
    """
    fixed: dict
    defaults: dict = {}  # noqa: RUF012, never written to
    pull: Optional[float] = None
    second_of: Optional[str] = None


def _center(**fixed):
    return {'loss': 'softmax', 'center_loss': True, **fixed}


RUNS = {
    'softmax': Recipe({'loss': 'softmax', 'center_loss': False}),
    'center': Recipe(_center()),
    'center+second': Recipe(_center(), second_of='center'),
    'unbalanced': Recipe(_center(balance=False), pull=1.0),
    'parameter': Recipe(_center(center_impl='parameter')),
    'dense': Recipe(_center(center_impl='dense'), pull=0.5),  # it has no 1/2
    'function': Recipe(_center(center_impl='function'), pull=1.0),
    'paper': Recipe(_center(center_update='paper', balance=False), pull=1.0),
    'keras': Recipe({'center_loss': True}, {'loss': 'softmax', **{
        flag: value for flag, value in PRESETS['keras'].items() if flag not in ('epochs', 'center_loss')}}),
}


def base_of(run):
    """A run without the flags of its own."""
    return run.partition('@')[0]


def recipe_of(run):
    """The `Recipe` of a run by its name, which may be a loss."""
    base = base_of(run)
    if base in RUNS:
        return RUNS[base]
    loss, weight = without_center(base)
    return Recipe({'loss': loss, 'center_loss': weight is not None, **({} if weight is None else {'lmbd': weight})})
