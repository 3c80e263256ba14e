"""--compare: many runs side by side, or the implementations of center loss."""
import os

from .. import runtime
from ..cli.arguments import parse
from ..comparison.plan import plan
from ..comparison.runner import Comparison, write_comparison
from ..settings.config import config_of

MAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'main.py')


def compare(args):
    """--compare: make the runs that are missing and put all side by side; returns the exit status, 1 if one failed."""
    if args.implementations:
        from . import implementations
        return implementations.run(args)
    comparison = Comparison(args, MAIN, lambda argv: config_of(parse(argv)))
    rows, steps = plan(args)
    failed = comparison.complete(steps, lambda configs: _check_runs(args, configs))
    for path in write_comparison(comparison, args.command, rows, failed):
        print('wrote', path)
    return 1 if failed else 0


def _check_runs(args, configs):
    """Refuse what no run of these settings survives before the first is made, not when its turn comes."""
    losses = {config['loss'] for config in configs}
    if losses - {'softmax'} or (args.gpus and configs):
        runtime.prepare_mxnet(args.threads)
        import center_loss
        import models

        from .building import Builder
        with Builder(models, center_loss, args) as builder:
            for loss in sorted(losses):
                builder.check_losses({'loss': loss})
    if configs:
        from . import foresight
        foresight.check_runs(configs, args)
