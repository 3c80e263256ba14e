"""What a step costs with many classes, with the class layer and without: `python -m benchmarks.class_layer`.

Prints the table of docs/scaling.md. Each line is measured in a process of its own, for its memory, through the training
loop of main.py: a feature layer, a class layer of all classes or of ten, and center loss with the gradient that
`--sparse_centers auto` takes.
"""
import argparse
import resource
import subprocess
import sys
import time

BATCH_SIZE, INPUTS, FEW = 128, 32, 10
COUNTS = (1_000, 10_000, 100_000, 1_000_000)
SIZES = (64, 512)
_NUMBERS = 400_000_000  # in a class layer, beyond which its gradient and its optimizer leave no memory for others


def measure(num_classes, feature_size, with_layer, steps, threads):
    """(milliseconds a step, peak megabytes) in this process."""
    import center_loss  # before MXNet: it makes that importable
    from utils import runtime
    runtime.prepare_mxnet(threads)
    import mxnet as mx  # isort: skip
    import numpy as np
    from mxnet import gluon, nd

    from utils.training.loop import fit
    from utils.training.optimizers import make_trainer
    from utils.training.sparse_centers import WORTH

    class Net(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.features = gluon.nn.Dense(feature_size, in_units=INPUTS)
                self.output = gluon.nn.Dense(num_classes if with_layer else FEW, in_units=feature_size)

        def hybrid_forward(self, F, images):
            features = self.features(images)
            return self.output(features), features

    class Batches:
        def __init__(self, count):
            rng = np.random.default_rng(0)
            self.num_images = count * BATCH_SIZE
            self._batches = [([(nd.array(rng.normal(size=(BATCH_SIZE, INPUTS))),
                                nd.array(rng.integers(0, num_classes, BATCH_SIZE), dtype='int32'))], BATCH_SIZE)
                             for _ in range(count)]

        def epoch(self, number):
            return iter(self._batches)

    net = Net()
    loss = center_loss.get_loss('embedding', num_classes=num_classes, feature_size=feature_size,
                                sparse_grad=num_classes * feature_size >= WORTH)
    for block in (net, loss):
        block.initialize(mx.init.Xavier(magnitude=2.24))
    net.hybridize(static_alloc=True)
    loss.hybridize()
    trainers = [make_trainer(block.collect_params(), 'sgd', rate) for block, rate in ((net, 0.01), (loss, 0.5))]

    def train(batches):
        nd.waitall()
        start = time.perf_counter()
        fit(net, loss, batches, trainers, epochs=1, rates=lambda done: (0.01, 0.5), after_epoch=lambda *_: None,
            softmax_weight=1.0 if with_layer else 0.0)
        nd.waitall()
        return 1000 * (time.perf_counter() - start) / (batches.num_images // BATCH_SIZE)
    train(Batches(2))
    return train(Batches(steps)), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def line(num_classes, feature_size, threads):
    """The row of the table for so many classes and features."""
    cells = [f'{num_classes:,}', str(feature_size)]
    for with_layer in (False, True):
        if with_layer and num_classes * feature_size > _NUMBERS:
            cells += ['-', '-']
            continue
        steps = 5 if with_layer and num_classes >= 100_000 else 30
        worker = [sys.executable, '-m', 'benchmarks.class_layer', '--worker', str(num_classes), str(feature_size),
                  str(int(with_layer)), str(steps), str(threads)]
        answer = subprocess.run(worker, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        cells += [f'{float(answer[0]):.3g}', f'{float(answer[1]):.0f}']
    return '| ' + ' | '.join(cells) + ' |'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--threads', type=int, default=1, help='of MXNet (default: 1)')
    parser.add_argument('--worker', nargs=5, type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        print(*measure(*args.worker))
        return
    print('| classes | features | ms a step without the class layer | peak MB | with it | peak MB |')
    print('|---' * 6 + '|')
    for feature_size in SIZES:
        for num_classes in COUNTS:
            print(line(num_classes, feature_size, args.threads), flush=True)


if __name__ == '__main__':
    main()
