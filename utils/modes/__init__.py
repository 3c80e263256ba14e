"""What main.py does, one file a mode."""
from .. import runtime

# MXNet and numpy, and what imports them, are imported inside functions: --help and argument errors need neither.


def run(args):
    """Run the modes of a checked command line; returns the exit status."""
    if args.compare:
        from .compare import compare
        return compare(args)
    runtime.prepare_mxnet(args.threads)  # before numpy is imported
    if args.download:
        _download(args)
    modes = [mode for mode in ('train', 'second_train', 'test', 'embed', 'query') if getattr(args, mode)]
    if modes:
        _run_modes(args, modes)
    return 0


def _run_modes(args, names):
    """Run the modes `names`, which build networks, in this order."""
    import center_loss
    import models

    from . import evaluate, train
    from .building import Builder
    with Builder(models, center_loss, args) as builder:
        for name in names:
            getattr(train if name in ('train', 'second_train') else evaluate, name)(args, builder)


def _download(args):
    """--download: the dataset in its folder, checked."""
    from ..data import load_dataset
    dataset = load_dataset(args.dataset, args.data_dir, False, args.classes, args.split, args.split_seed)
    print(f'{args.dataset}: {len(dataset.train.labels)} images to train on, {len(dataset.test.labels)} to test on, '
          f'{len(dataset.class_names)} classes')
