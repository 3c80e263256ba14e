"""Train, second-train and test networks with center loss. `python main.py --help` lists the flags."""
import os
import shlex
import sys

from center_loss import get_loss, list_losses, loss_options
from models import get_model, list_models
from utils import config as configs
from utils import runtime
from utils.arguments import parse_arguments
from utils.data import list_datasets, load_dataset
from utils.errors import UserError
from utils.plan import RUNS, plan
from utils.presets import PRESETS

# MXNet and numpy, and what imports them, are imported inside functions: --help and argument errors need neither.


def main(argv=None):
    """Run the modes that `argv` asks for; returns the exit status: 0, 2 after a user's mistake,
    130 after Ctrl-C, 141 when nobody reads the output any more."""
    argv = sys.argv[1:] if argv is None else argv
    for name in ('stdout', 'stderr'):  # None where the caller has closed them
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, 'w'))  # noqa: SIM115, it stays open as long as we run
    args = parse(argv)
    args.running = None  # the state file of the training that is going on
    args.command = shlex.join(['python', 'main.py', *argv])
    try:
        check_files(args)
        if args.compare:
            return compare(args)
        runtime.prepare_mxnet(args.threads)
        args.contexts = runtime.choose_contexts(args.use_gpu, args.gpus)
        if args.train:
            train(args)
        if args.second_train:
            second_train(args)
        if args.test:
            test(args)
    except UserError as error:
        print(f'main.py: error: {error}', file=sys.stderr)
        return 2
    except OSError as error:  # our output cannot be written: the disk is full, or its reader has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 141
        print(f'main.py: error: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        kept = '; the same command goes on where it was' if args.compare else ''
        if args.running and os.path.exists(args.running):
            kept = f'; the last checkpoint is {args.running}, --resume goes on from it'
        print(f'\nmain.py: interrupted{kept}', file=sys.stderr)
        return 130
    return 0


def parse(argv):
    return parse_arguments(argv, networks=list_models(), datasets=list_datasets(), presets=PRESETS, runs=list(RUNS),
                           center_impls={name: loss_options(name) for name in list_losses()})


def check_files(args):
    """Refuse what can be refused before MXNet is imported: modes whose checkpoint is missing."""
    first = checkpoint_path(args, args.prefix)
    if args.second_train and not args.train and not os.path.exists(first):
        raise UserError(f'--second_train goes on from a model trained before, and there is no {first}')
    if args.test and not (args.train or args.second_train) and not os.path.exists(first):
        raise UserError(f'--test needs a trained model, and there is no {first}')
    if args.resume and not any(os.path.exists(path) for path in training_states(args)):
        raise UserError(f'--resume found nothing to resume: there is no {" or ".join(training_states(args))}')


def checkpoint_path(args, prefix):
    return os.path.join(args.ckpt_dir, prefix + '.params')


def second_prefix(args):
    return args.prefix + '-second'


def training_states(args):
    """The state files of the training modes asked for, in the order they run."""
    prefixes = [args.prefix] * args.train + [second_prefix(args)] * args.second_train
    return [os.path.join(args.ckpt_dir, prefix + '.state') for prefix in prefixes]


def train(args):
    """--train: softmax, and center loss beside it if asked for."""
    run_training(args, args.prefix, 'train', configs.config_of(args))


def second_train(args):
    """--second_train: go on from a trained model by center loss alone, its centres frozen."""
    from utils import checkpoint
    first = checkpoint.load(checkpoint_path(args, args.prefix))
    saved = first.meta['config']
    if not saved['center_loss']:
        raise UserError(f'--second_train needs class centres, and {first.path} was trained without --center_loss')
    # With another seed or share for validation, it would be judged by images that the first was trained on.
    fixed = (*configs.MODEL_KEYS, 'center_loss', 'center_impl', 'seed', 'val_fraction', 'select_on')
    config = configs.inherit(configs.config_of(args), args.given, saved, fixed, first.path)
    default_to_saved = ('center_update', 'balance', 'lmbd', 'alpha')
    if args.train and args.resume:  # one call made both: what it said of training held for both
        default_to_saved += ('lmbd_warmup', *configs.TRAINING_KEYS)
    for key in default_to_saved:
        config[key] = args.given.get(key, saved[key])
    run_training(args, second_prefix(args), 'second_train', config, first)


def run_training(args, prefix, stage, config, first=None):
    """Build a run, or take it up where it stopped, train it to its end and report.

    stage: 'train' or 'second_train'. first: the checkpoint that second_train starts from.
    """
    from utils import checkpoint
    from utils.augmentation import get_augmentation
    from utils.averaging import Average
    from utils.batches import Batches
    from utils.optimizers import build_trainers
    from utils.run import Run, RunPaths
    from utils.training import fit

    paths = RunPaths(args.ckpt_dir, args.out_dir, prefix)
    meta = {'command': args.command, 'prefix': prefix, 'stage': stage, 'plotting': args.plotting, 'config': config}
    if first:
        meta['first'] = first.digest
    state = checkpoint.load(paths.state) if args.resume and os.path.exists(paths.state) else None
    if state and first and args.train and state.meta.get('first') != first.digest:
        state = None  # of an earlier call: this one made the first model anew
    if state:
        meta = configs.take_up(meta, state.meta, args.given, paths.state)
        config = meta['config']

    dataset = load_checked_dataset(args, config)
    learn, judge = dataset.for_selection(config['select_on'], config['val_fraction'], config['seed'])
    net, center_loss = build(config, dataset, args.contexts)
    if first:
        first.restore(net, center_loss)
        for frozen in (center_loss, net.output):  # the class layer has no part in center loss, and no decay either
            frozen.collect_params().setattr('grad_req', 'null')
    trainers, rates = build_trainers(config, net, None if first else center_loss)
    batches = Batches(learn, config['batch_size'], args.contexts, config['seed'], get_augmentation(config['augment']))
    average = Average([net, center_loss], config['ema']) if config['ema'] else None
    args.running = paths.state
    run = Run(paths, meta, net, center_loss, trainers, learn, judge, 'knn' if first else 'softmax', args.contexts[0],
              frame_store(meta, paths, dataset), average)
    first_epoch = run.resume(state) if state else run.begin()
    fit(net, center_loss, batches, trainers, epochs=config['epochs'], rates=rates, after_epoch=run.after_epoch,
        first_epoch=first_epoch, softmax_weight=0.0 if first else 1.0, lmbd_warmup=config['lmbd_warmup'],
        after_step=average.update if average else lambda: None)
    run.finish(dataset.test, runtime.versions())


def load_checked_dataset(args, config):
    dataset = load_dataset(config['dataset'], args.data_dir, args.offline)
    needed = int(max(dataset.train.labels.max(), dataset.test.labels.max())) + 1
    if config['num_classes'] < needed:
        raise UserError(f'--num_classes must be at least {needed}, the classes of {config["dataset"]}, '
                        f'got {config["num_classes"]}')
    return dataset


def build(config, dataset, contexts):
    """The initialized network and center loss (None if it is off), hybridized."""
    import mxnet as mx
    runtime.seed_everything(config['seed'])
    # Xavier of magnitude 2.24 is what the published MXNet programs start from, centres included.
    initializer = mx.init.Xavier(magnitude=2.24)
    net = get_model(config['network'], **{key: config[key] for key in (
        'num_classes', 'feature_size', 'feature_use_bias', 'output_use_bias')})
    net.initialize(initializer, ctx=contexts)
    for context in contexts:
        net(mx.nd.array(dataset.train.images[:1], ctx=context))  # settles the shapes
    net.hybridize(static_alloc=True)
    if not config['center_loss']:
        return net, None
    center_loss = get_loss(config['center_impl'], **{key: config[key] for key in (
        'num_classes', 'feature_size', 'lmbd', *loss_options(config['center_impl']))})
    center_loss.initialize(initializer, ctx=contexts)
    center_loss.hybridize()
    return net, center_loss


def frame_store(meta, paths, dataset):
    if not meta['plotting']:
        return None
    from utils.frames import FrameStore
    return FrameStore(paths.output('frames'), dataset.class_names)


def test(args):
    """--test: judge the saved model on the test set by --eval_method."""
    from utils import checkpoint, evaluation, files
    from utils.run import RunPaths
    prefix = second_prefix(args) if args.second_train else args.prefix
    saved = checkpoint.load(checkpoint_path(args, prefix))
    config = configs.inherit(configs.config_of(args), args.given, saved.meta['config'],
                             [key for key in configs.ALL_KEYS if key != 'batch_size'], saved.path)
    dataset = load_checked_dataset(args, config)
    net, _ = build({**config, 'center_loss': False}, dataset, args.contexts)
    saved.restore(net)
    centers = None if saved.centers is None else saved.centers.asnumpy()
    outputs = evaluation.extract(net, dataset.test, args.contexts[0])
    report = evaluation.report(outputs, args.eval_method, centers)
    stem = RunPaths(args.ckpt_dir, args.out_dir, prefix).output(f'test-{args.eval_method}')
    files.write_json(stem + '.json', {
        'command': args.command, 'checkpoint': saved.path, 'epoch': saved.meta['epoch'],
        'eval_method': args.eval_method, 'versions': runtime.versions(), **report})
    result = f'{prefix}: test accuracy {report["accuracy"]:.4f} by {args.eval_method}'
    print(f'{result}\nwrote {stem}.json')
    if args.plotting:
        from utils.plotting import write_feature_map
        write_feature_map(stem + '.png', outputs.features, outputs.labels, centers, result, dataset.class_names)
        print(f'wrote {stem}.png')


def compare(args):
    """--compare: make the runs that are missing and put all side by side; returns the exit status, 1 if one failed."""
    from utils.comparison import Comparison, write_comparison
    if args.implementations:
        return compare_implementations(args)
    comparison = Comparison(args, os.path.abspath(__file__), lambda argv: configs.config_of(parse(argv)))
    rows, steps = plan(args)
    failed = comparison.complete(steps)
    for path in write_comparison(comparison, args.command, rows, failed):
        print('wrote', path)
    return 1 if failed else 0


def compare_implementations(args):
    """--compare --implementations: the side-by-side proof of what is the same, as a table; returns the exit status."""
    from benchmarks import implementations
    from utils import files
    rows = implementations.compare(args.class_counts, args.steps)
    folder = os.path.join(args.out_dir, args.prefix)
    files.write_json(os.path.join(folder, 'implementations.json'),
                     {'command': args.command, 'versions': runtime.versions(), 'rows': rows})
    files.write_bytes(os.path.join(folder, 'implementations.md'), implementations.to_markdown(rows).encode())
    print('wrote', os.path.join(folder, 'implementations.md'))
    return 0


if __name__ == '__main__':
    sys.exit(main())
