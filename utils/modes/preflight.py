"""What is refused before MXNet is imported: a name that is taken, modes whose checkpoint is missing."""
import os

from ..errors import UserError


def check_files(request):
    """Refuse what can be refused before MXNet is imported: a name that is taken, modes whose checkpoint is missing."""
    modes, paths = request.modes, request.paths
    if 'compare' in modes and any(map(os.path.exists, (paths.results, paths.state))):
        raise UserError(f'{paths.output()} holds a run, and would hold a comparison too: choose another --prefix')
    for run in trained_paths(request):
        if os.path.isdir(run.runs):
            raise UserError(f'{run.output()} holds a comparison, and would hold a run too: choose another --prefix')
    trained = os.path.exists(paths.best)
    if 'second_train' in modes and 'train' not in modes and not trained:
        raise UserError(f'--second_train goes on from a model trained before, and there is no {paths.best}')
    if 'test' in modes and not trained_paths(request) and not trained:
        raise UserError(f'--test needs a trained model, and there is no {paths.best}')
    states = [run.state for run in trained_paths(request)]
    if request.resume and not any(map(os.path.exists, states)):
        raise UserError(f'--resume found nothing to resume: there is no {" or ".join(states)}')


def written_names(request):
    """The runs, or the comparison, whose files this process replaces; of several processes, none knows it yet."""
    if request.spread or request.config.machine.kvstore != 'local':
        return []
    return trained_names(request)


def trained_names(request):
    """The runs, or the comparison, whose files the modes asked for replace."""
    return [paths.prefix for paths in ([request.paths] if 'compare' in request.modes else trained_paths(request))]


def trained_paths(request):
    """The paths of the runs that the training modes make, in the order they run."""
    return ([request.paths] * ('train' in request.modes)
            + [request.paths.second] * ('second_train' in request.modes))
