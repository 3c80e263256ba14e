"""--compare: many runs side by side, or the implementations of center loss."""
import os

from .. import runtime, signals
from ..cli.arguments import parse
from ..comparison.plan import plan
from ..comparison.runner import Comparison

MAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'main.py')


def compare(request):
    """--compare: make the runs that are missing and put all side by side; returns the exit status, 1 if one failed."""
    if request.proof:
        from . import implementations
        return implementations.run(request)
    with signals.leaving('; the same command goes on where it was'):
        comparison = Comparison(request.paths, request.scopes, MAIN, lambda argv: parse(argv).config)
        rows, steps = plan(request.comparison)
        failed = comparison.complete(steps, lambda configs: _check_runs(request.config.machine, configs))
        from ..comparison.output import write_comparison  # and Matplotlib
        for path in write_comparison(comparison, request.command, rows, failed, request.picture_format):
            print('wrote', path)
    return 1 if failed else 0


def _check_runs(machine, configs):
    """Refuse what no run of these settings survives before the first is made, not when its turn comes."""
    objectives = {config.objective.loss: config.objective for config in configs}
    if set(objectives) - {'softmax'} or (machine.gpus and configs):
        runtime.prepare_mxnet(machine.threads)
        from .building import Builder
        with Builder(machine) as builder:
            for loss in sorted(objectives):
                builder.check_losses(objectives[loss])
    if configs:
        from . import foresight
        foresight.check_runs(configs)
