"""The implementations of center loss side by side: do they learn the same, and what do they cost?

Every implementation gets the same initial feature layer and centres and the same batches, in a process of its own (for
its memory), and trains for some steps by center loss alone. Rates are set so that the maths is the same where possible.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

from center_loss import get_loss  # before MXNet

from .. import runtime
from ..errors import UserError
from ..storage import files

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

BATCH_SIZE, FEATURE_SIZE, INPUT_SIZE = 128, 64, 784
LMBD, ALPHA, LR = 0.5, 0.5, 0.5
USED_CLASSES = 256  # batches hold at most so many classes, so that they repeat; the others only cost
WARM_UP = 20  # steps that are not timed

# Name -> (loss, its options, lambda, rate of its centres, the one it is compared with, how they differ).
# A step moves a centre by (docs/losses.md): embedding alpha lmbd n / B, dense 2 alpha n / B, paper alpha n / (1 + n),
# function alpha n / (1 + n) / B.
CASES = {
    'embedding': ('embedding', {'balance': False}, LMBD, ALPHA, 'embedding', 'the reference'),
    'embedding, sparse gradient': ('embedding', {'balance': False, 'sparse_grad': True}, LMBD, ALPHA, 'embedding',
                                   'same maths'),
    'parameter': ('parameter', {'balance': False}, LMBD, ALPHA, 'embedding', 'same maths'),
    'dense': ('dense', {}, LMBD / 2, ALPHA * LMBD / 2, 'embedding', 'same maths at lambda / 2 and alpha lambda / 2'),
    'embedding, paper': ('embedding', {'balance': False, 'center_update': 'paper'}, LMBD, ALPHA, 'embedding',
                         'centres move by n / (1 + n), not by lambda n / B'),
    'function': ('function', {}, LMBD, ALPHA * BATCH_SIZE, 'embedding, paper', 'same maths at alpha B'),
}


def run_worker(name, num_classes, steps, hybridize, threads, path):
    """Train one case; save losses, features and centres of every step, milliseconds a step and megabytes to `path`."""
    runtime.prepare_mxnet(threads)
    from mxnet import autograd, gluon, nd  # isort: skip
    rng = np.random.default_rng(0)
    used = min(num_classes, USED_CLASSES)
    # Each class is a vector of about unit length, each sample that and as much noise: features never reach their
    # centre, and differences are not divided by a loss of nothing.
    prototypes = rng.normal(size=(used, INPUT_SIZE)) / INPUT_SIZE ** 0.5
    weight, centers = (rng.normal(size=(rows, columns)) for rows, columns in (
        (FEATURE_SIZE, INPUT_SIZE), (num_classes, FEATURE_SIZE)))

    loss_name, options, lmbd, alpha, _, _ = CASES[name]
    net = gluon.nn.Dense(FEATURE_SIZE, in_units=INPUT_SIZE, use_bias=False)
    loss = get_loss(loss_name, num_classes=num_classes, feature_size=FEATURE_SIZE, lmbd=lmbd, **options)
    for block, value in ((net, weight), (loss, centers)):
        block.initialize()
        if hybridize and getattr(block, 'can_hybridize', True):
            block.hybridize()
        (param,) = block.collect_params().values()
        param.set_data(nd.array(value))
    trainers = [gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': LR}),
                gluon.Trainer(loss.collect_params(), 'sgd', {'learning_rate': alpha})]
    trace, milliseconds = {'losses': [], 'features': [], 'centers': []}, []
    for _ in range(steps):
        labels = rng.integers(0, used, BATCH_SIZE)
        inputs = nd.array(prototypes[labels] + rng.normal(size=(BATCH_SIZE, INPUT_SIZE)) / INPUT_SIZE ** 0.5)
        labels = nd.array(labels, dtype=np.int32)
        nd.waitall()
        start = time.perf_counter()
        with autograd.record():
            features = net(inputs)
            losses = loss(features, labels)
        losses.backward()
        for trainer in trainers:
            trainer.step(BATCH_SIZE)
        nd.waitall()
        milliseconds.append((time.perf_counter() - start) * 1000)
        trace['losses'].append(losses.asnumpy())
        trace['features'].append(features.asnumpy())
        trace['centers'].append(loss.centers[:used].asnumpy())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    np.savez(path, milliseconds=milliseconds[WARM_UP:], megabytes=peak / 1024, **trace)


def measure(name, num_classes, steps, hybridize, threads=None):
    """What `run_worker` measured, in a fresh process, as a dict of arrays. Raises UserError if that process dies."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'trace.npz')
        status = subprocess.run(
            [sys.executable, '-m', __name__, '--worker', name, '--num_classes', str(num_classes),
             '--steps', str(steps), '--path', path, *['--hybridize'] * hybridize,
             *(['--threads', str(threads)] if threads else [])], check=False, cwd=ROOT).returncode
        if status:
            raise UserError(f'{name} with {num_classes:,} classes ended with status {status}; if memory ran out, try '
                            'fewer --class_counts')
        with np.load(path) as arrays:
            return dict(arrays)


def largest_difference(one, other, key):
    """Over all steps: the largest |a - b| of a step, over the largest |b| of that step."""
    scale = np.abs(other[key]).reshape(len(other[key]), -1).max(axis=1)
    return float((np.abs(one[key] - other[key]).reshape(len(scale), -1).max(axis=1) / scale).max())


def compare(class_counts, steps, threads=None):
    """One row a case and number of classes: {'implementation', 'num_classes', differences, times, memory}."""
    rows = []
    for num_classes in class_counts:
        hybrid = {name: measure(name, num_classes, steps, True, threads) for name in CASES}
        for name, (_, _, _, _, reference, relation) in CASES.items():
            trace, plain = hybrid[name], measure(name, num_classes, steps, False, threads)
            rows.append({
                'implementation': name, 'num_classes': num_classes, 'against': reference, 'relation': relation,
                **{key: largest_difference(trace, hybrid[reference], key) for key in ('losses', 'features', 'centers')},
                'ms_hybridized': float(np.median(trace['milliseconds'])),
                'ms_spread': np.percentile(trace['milliseconds'], [10, 90]).tolist(),
                'ms_plain': float(np.median(plain['milliseconds'])),
                'megabytes': float(trace['megabytes'])})
            print(to_markdown(rows[-1:]).splitlines()[2], flush=True)
    return rows


def to_markdown(rows):
    """The rows of `compare` as a Markdown table."""
    lines = ['| classes | implementation | against | largest difference: losses | features | centres | '
             'ms/step, hybridized (10-90 %) | not hybridized | peak memory, MB |', '|---' * 9 + '|']
    for row in rows:
        low, high = row['ms_spread']
        lines.append(
            f'| {row["num_classes"]:,} | {row["implementation"]} | {row["against"]}: {row["relation"]} | '
            f'{row["losses"]:.1e} | {row["features"]:.1e} | {row["centers"]:.1e} | '
            f'{row["ms_hybridized"]:.2f} ({low:.2f}-{high:.2f}) | {row["ms_plain"]:.2f} | {row["megabytes"]:.0f} |')
    return '\n'.join(lines) + '\n'


def run(request):
    """--compare --implementations: the side-by-side proof of what is the same, as a table; returns the exit status."""
    threads = request.config.machine.threads
    runtime.prepare_mxnet(threads)  # notes how many threads the processes that measure take
    rows = compare(request.proof.class_counts, request.proof.steps, threads)
    path = request.paths.output('implementations.md')
    files.write_json(request.paths.output('implementations.json'),
                     {'command': request.command, 'versions': runtime.versions(), 'rows': rows})
    files.write_bytes(path, to_markdown(rows).encode())
    print('wrote', path)
    return 0


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--worker', choices=list(CASES))
    parser.add_argument('--num_classes', type=int)
    parser.add_argument('--steps', type=int)
    parser.add_argument('--hybridize', action='store_true')
    parser.add_argument('--threads', type=int)
    parser.add_argument('--path')
    args = parser.parse_args()
    run_worker(args.worker, args.num_classes, args.steps, args.hybridize, args.threads, args.path)
