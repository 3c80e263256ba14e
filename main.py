"""Train, second-train and test networks with center loss. `python main.py --help` lists the flags."""
import os
import sys

try:
    from utils import signals
    if __name__ == '__main__':
        signals.end_at_once()  # importing the rest takes a moment too
except KeyboardInterrupt:
    print('main.py: interrupted', file=sys.stderr)
    sys.exit(130)

import shlex

import center_loss
import models
from center_loss import has_parameters, list_losses, loss_options
from utils import runtime
from utils.cli.arguments import Names, parse_arguments
from utils.comparison.plan import plan
from utils.data import list_datasets, list_photo_datasets, load_dataset
from utils.errors import UserError
from utils.settings import config as configs
from utils.settings.presets import PRESETS
from utils.settings.recipes import RUNS
from utils.storage import locks
from utils.terminal import cleaned_output, one_line

# MXNet and numpy, and what imports them, are imported inside functions: --help and argument errors need neither.


@cleaned_output()
def main(argv=None):
    """Run the modes that `argv` asks for; returns the exit status: 0, 2 after a user's mistake,
    130 after Ctrl-C, 143 after SIGTERM, 141 when nobody reads the output any more."""
    argv = sys.argv[1:] if argv is None else argv
    args = parse(argv)
    args.running = None  # the state file of the training that is going on
    args.command = shlex.join(['python', 'main.py', *argv])
    try:
        check_files(args)
        with locks.held((args.ckpt_dir, args.out_dir), written_names(args)):
            return run(args)
    except UserError as error:
        print(f'main.py: error: {one_line(error)}', file=sys.stderr)
        return 2
    except OSError as error:  # our output cannot be written: the disk is full, or its reader has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 141
        print(f'main.py: error: {one_line(error)}', file=sys.stderr)
        return 2
    except KeyboardInterrupt as stopped:
        kept = '; the same command goes on where it was' if args.compare and not args.implementations else ''
        if args.running:
            kept = f'; the last checkpoint is {args.running}, --resume goes on from it'
        return signals.report(stopped, kept)


def run(args):
    """Run the modes of a checked command line; returns the exit status."""
    if args.compare:
        return compare(args)
    runtime.prepare_mxnet(args.threads)  # before numpy is imported
    if args.download:
        download(args)
    modes = [mode for mode in ('train', 'second_train', 'test', 'embed', 'query') if getattr(args, mode)]
    if modes:
        run_modes(args, modes)
    return 0


def run_modes(args, names):
    """Run the modes `names`, which build networks, in this order."""
    from utils.modes import evaluate as test_modes
    from utils.modes import train as train_modes
    from utils.modes.building import Builder
    with Builder(models, center_loss, args) as builder:
        for name in names:
            getattr(train_modes if name in ('train', 'second_train') else test_modes, name)(args, builder)


def download(args):
    """--download: the dataset in its folder, checked."""
    dataset = load_dataset(args.dataset, args.data_dir, False, args.classes, args.split, args.split_seed)
    print(f'{args.dataset}: {len(dataset.train.labels)} images to train on, {len(dataset.test.labels)} to test on, '
          f'{len(dataset.class_names)} classes')


def parse(argv):
    metric = list_losses('metric')
    return parse_arguments(argv, Names(
        networks=models.list_models(), check_network=models.check_name, datasets=list_datasets(),
        photo_datasets=list_photo_datasets(), center_impls={name: loss_options(name) for name in list_losses('center')},
        metric_losses={name: loss_options(name) for name in metric},
        learning_losses={name for name in metric if has_parameters(name)}, presets=PRESETS, runs=list(RUNS)))


def check_files(args):
    """Refuse what can be refused before MXNet is imported: a name that is taken, modes whose checkpoint is missing."""
    folder = os.path.join(args.out_dir, args.prefix)
    state = os.path.join(args.ckpt_dir, args.prefix + '.state')
    if args.compare and any(map(os.path.exists, (os.path.join(folder, 'results.json'), state))):
        raise UserError(f'{folder} holds a run, and would hold a comparison too: choose another --prefix')
    for written in [folder] * args.train + [configs.second_prefix(folder)] * args.second_train:
        if os.path.isdir(os.path.join(written, 'runs')):
            raise UserError(f'{written} holds a comparison, and would hold a run too: choose another --prefix')
    first = checkpoint_path(args, args.prefix)
    if args.second_train and not args.train and not os.path.exists(first):
        raise UserError(f'--second_train goes on from a model trained before, and there is no {first}')
    if args.test and not (args.train or args.second_train) and not os.path.exists(first):
        raise UserError(f'--test needs a trained model, and there is no {first}')
    if args.resume and not any(os.path.exists(path) for path in training_states(args)):
        raise UserError(f'--resume found nothing to resume: there is no {" or ".join(training_states(args))}')


def checkpoint_path(args, prefix):
    return os.path.join(args.ckpt_dir, prefix + '.params')


def written_names(args):
    """The runs, or the comparison, whose files the modes asked for replace."""
    return [args.prefix] * (args.train or args.compare) + [configs.second_prefix(args.prefix)] * args.second_train


def training_states(args):
    """The state files of the training modes asked for, in the order they run."""
    return [os.path.join(args.ckpt_dir, name + '.state') for name in written_names(args)]


def compare(args):
    """--compare: make the runs that are missing and put all side by side; returns the exit status, 1 if one failed."""
    from utils.comparison.runner import Comparison, write_comparison
    if args.implementations:
        return compare_implementations(args)
    comparison = Comparison(args, os.path.abspath(__file__), lambda argv: configs.config_of(parse(argv)))
    rows, steps = plan(args)
    failed = comparison.complete(steps, lambda configs: check_runs(args, configs))
    for path in write_comparison(comparison, args.command, rows, failed):
        print('wrote', path)
    return 1 if failed else 0


def check_runs(args, configs):
    """Refuse what no run of these settings survives before the first is made, not when its turn comes."""
    losses = {config['loss'] for config in configs}
    if losses - {'softmax'} or (args.gpus and configs):
        runtime.prepare_mxnet(args.threads)
        from utils.modes.building import Builder
        with Builder(models, center_loss, args) as builder:
            for loss in sorted(losses):
                builder.check_losses({'loss': loss})
    if configs:
        from utils.modes import foresight
        foresight.check_runs(configs, args)


def compare_implementations(args):
    """--compare --implementations: the side-by-side proof of what is the same, as a table; returns the exit status."""
    from benchmarks import implementations
    from utils.storage import files
    runtime.prepare_mxnet(args.threads)  # notes how many threads the processes that measure take
    rows = implementations.compare(args.class_counts, args.steps, args.threads)
    folder = os.path.join(args.out_dir, args.prefix)
    files.write_json(os.path.join(folder, 'implementations.json'),
                     {'command': args.command, 'versions': runtime.versions(), 'rows': rows})
    files.write_bytes(os.path.join(folder, 'implementations.md'), implementations.to_markdown(rows).encode())
    print('wrote', os.path.join(folder, 'implementations.md'))
    return 0


if __name__ == '__main__':
    sys.exit(signals.run(main))
