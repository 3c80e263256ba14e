"""This project against the published way of doing the same: prints the table of benchmarks/README.md.

Each measurement runs in a process of its own, because MXNet takes its threads when it is imported; the two sides take
turns. Clocks start after a warm-up and are read after `nd.waitall()`.
"""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

BATCH_SIZE, NUM_CLASSES, FEATURE_SIZE = 128, 10, 2
LR, ALPHA, LMBD = 0.1, 0.5, 1.0


def build():
    """The same initial LeNetPlus for both sides."""
    import mxnet as mx

    from models import get_model
    mx.random.seed(0)
    net = get_model('lenet_plus')
    net.initialize(mx.init.Xavier(magnitude=2.24))
    return net


def epoch_published(data):
    """Seconds of one training epoch the published way, with MXNet's default threads."""
    import mxnet as mx
    import numpy as np
    from mxnet import gluon

    from benchmarks import published
    net, center_loss = build(), published.CountingCenterLoss(NUM_CLASSES, FEATURE_SIZE, LMBD)
    net.hybridize()
    center_loss.initialize(mx.init.Xavier(magnitude=2.24))
    images = np.rint(data.train.images[:, 0] * 255).astype(np.uint8)
    trainers = [gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': LR, 'wd': 1e-4}),
                gluon.Trainer(center_loss.collect_params(), 'sgd', {'learning_rate': ALPHA})]
    warm_up = published.make_loader(images[:2 * BATCH_SIZE], data.train.labels[:2 * BATCH_SIZE], BATCH_SIZE)
    loader = published.make_loader(images, data.train.labels, BATCH_SIZE)
    return timed(lambda: published.train_epoch(net, center_loss, warm_up, trainers),
                 lambda: published.train_epoch(net, center_loss, loader, trainers))


def epoch_ours(data):
    """Seconds of one training epoch of this project, as main.py sets it up."""
    import mxnet as mx

    from center_loss import CenterLoss
    from utils.loading.batches import Batches
    from utils.training.loop import fit
    from utils.training.optimizers import make_trainer
    net, center_loss, contexts = build(), CenterLoss(NUM_CLASSES, FEATURE_SIZE, LMBD), [mx.cpu()]
    net.hybridize(static_alloc=True)
    center_loss.initialize(mx.init.Xavier(magnitude=2.24))
    center_loss.hybridize()
    trainers = [make_trainer(net.collect_params(), 'sgd', LR, wd=1e-4),
                make_trainer(center_loss.collect_params(), 'sgd', ALPHA)]

    def train(batches):
        fit(net, center_loss, batches, trainers, epochs=1, rates=lambda done: (LR, ALPHA), after_epoch=lambda *_: None)
    warm_up = Batches(data.train.take(slice(2 * BATCH_SIZE)), BATCH_SIZE, contexts, 0)
    batches = Batches(data.train, BATCH_SIZE, contexts, 0)
    return timed(lambda: train(warm_up), lambda: train(batches))


def random_features():
    import numpy as np
    rng = np.random.default_rng(0)
    return rng.normal(size=(10_000, FEATURE_SIZE)), rng.normal(size=(NUM_CLASSES, FEATURE_SIZE))


def knn_published(data):
    """Seconds to find the nearest of 10 centres for 10,000 features, one at a time."""
    from mxnet import nd

    from benchmarks import published
    features, centers = (nd.array(array) for array in random_features())
    return timed(lambda: published.nearest_center(features[:100], centers),
                 lambda: published.nearest_center(features, centers))


def knn_ours(data):
    """The same search by this project."""
    from utils.evaluation.metrics import nearest_center
    features, centers = random_features()
    return timed(lambda: nearest_center(features, centers), lambda: nearest_center(features, centers))


def start_ours(data):
    """Everything main.py does up to the end of the first batch; `main` times the whole process."""
    import mxnet as mx

    from utils.loading.batches import Batches
    Batches(data.train, BATCH_SIZE, [mx.cpu()], 0)
    first_batch = data._replace(train=data.train.take(slice(BATCH_SIZE)))
    return epoch_ours(first_batch)


def timed(warm_up, work):
    """Seconds that `work` takes once `warm_up` has run."""
    from mxnet import nd
    warm_up()
    nd.waitall()
    start = time.perf_counter()
    work()
    nd.waitall()
    return time.perf_counter() - start


WORKERS = {worker.__name__: worker for worker in (epoch_published, epoch_ours, knn_published, knn_ours, start_ours)}


def run_worker(name, args):
    """Measure in this process and print the seconds."""
    import center_loss  # noqa: F401, before MXNet: it makes that importable
    from utils import runtime
    from utils.data import load_dataset
    if name.endswith('_ours'):
        runtime.prepare_mxnet()
    print(WORKERS[name](load_dataset(args.dataset, args.data_dir, offline=True)))


def measure(name, args):
    """(seconds that the worker measured, seconds of its whole process), in a process with MXNet's own defaults."""
    environment = {key: value for key, value in os.environ.items() if key != 'OMP_NUM_THREADS'}
    data = ['--data_dir', args.data_dir] if args.data_dir else []
    start = time.perf_counter()
    answer = subprocess.run([sys.executable, __file__, '--worker', name, '--dataset', args.dataset, *data],
                            stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return float(answer.stdout), time.perf_counter() - start


def spread(values):
    """'median (smallest to largest)' in units that fit."""
    unit, factor = ('ms', 1000) if max(values) < 0.1 else ('s', 1)
    low, middle, high = (f'{value * factor:.3g}' for value in (min(values), statistics.median(values), max(values)))
    return f'{middle} {unit} ({low} to {high})'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--dataset', default='mnist5k', choices=['mnist5k', 'mnist'], help='what an epoch goes over')
    parser.add_argument('--data_dir', help='folder with its files')
    parser.add_argument('--rounds', type=int, default=5, help='how often each side is measured')
    parser.add_argument('--worker', choices=list(WORKERS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        run_worker(args.worker, args)
        return
    from utils.data import load_dataset
    images = len(load_dataset(args.dataset, args.data_dir, offline=True).train.labels)  # also fills the cache
    rounds = [{name: measure(name, args) for name in WORKERS} for _ in range(args.rounds)]
    print(f'{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}; '
          f'{args.rounds} rounds in turn, median (smallest to largest)\n')
    print('| what | the published way | this project | times faster |\n|---|---|---|---|')
    for kind, title in (('epoch', f'training epoch, LeNetPlus, {images:,} of {args.dataset}, batches of {BATCH_SIZE}'),
                        ('knn', 'knn evaluation, 10,000 features x 10 centres')):
        theirs, ours = ([one[f'{kind}_{side}'][0] for one in rounds] for side in ('published', 'ours'))
        ratios = [a / b for a, b in zip(theirs, ours)]
        print(f'| {title} | {spread(theirs)} | {spread(ours)} | {statistics.median(ratios):.3g} '
              f'({min(ratios):.3g} to {max(ratios):.3g}) |')
    print(f'| from process start to the end of the first batch, data cached | - | '
          f'{spread([one["start_ours"][1] for one in rounds])} | - |')


if __name__ == '__main__':
    main()
