"""What main.py does, one file a mode."""
from .. import runtime
from .synchronized import working_spaces

# MXNet and numpy, and what imports them, are imported inside functions: --help and argument errors need neither.


def run(request):
    """Run the modes of a checked `Request`; returns the exit status."""
    if 'compare' in request.modes:
        from .compare import compare
        return compare(request)
    if 'doctor' in request.modes:
        from .doctor import doctor
        return doctor(request)
    if request.spread:
        from .launch import launch
        return launch(request)
    if request.config.machine.kvstore != 'local':
        from .worker import join
        join()
    # Before numpy is imported. A server stays in there.
    runtime.prepare_mxnet(request.config.machine.threads, working_spaces(request.config))
    if 'download' in request.modes:
        download(request.config)
    if set(request.modes) - {'download'}:
        _run_with_networks(request)
    return 0


def _run_with_networks(request):
    from .building import Builder
    from .evaluate import test
    from .search import embed, query
    from .train import second_train, train
    from .worker import group_of
    with group_of(request) as group, Builder(request.config.machine, group) as builder:
        for mode in (train, second_train, test, embed, query):
            if mode.__name__ in request.modes:
                group.wait()  # for what the mode before has written
                if not group.rank or mode in (train, second_train):
                    mode(request, builder)


def download(config):
    """--download: the dataset in its folder, checked."""
    from .foresight import read_dataset
    dataset = read_dataset(config)
    print(f'{config.data.dataset}: {len(dataset.train.labels)} images to train on, {len(dataset.test.labels)} to test '
          f'on, {len(dataset.class_names)} classes')
