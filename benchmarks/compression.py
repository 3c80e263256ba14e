"""What gradient compression is worth: `python -m benchmarks.compression`, with nothing else running.

Two workers train LeNet by softmax on mnist5k, with one thread and one core each: their gradients are summed by
MXNet's parameter server, as they are and compressed to `2bit` with several thresholds. Prints images/s, the bytes of a
step, counted on the loopback device, and the accuracy on the test images after the last epoch. Nothing is chosen by it.

It is not main.py that trains: MXNet compresses all that is pushed, so the features that its workers exchange would be
rounded too. Softmax alone needs no others' features.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from benchmarks.several import BATCH, ROOT, loopback
from utils.modes.launch import free_port

WORKERS, EPOCHS = 2, 10
THRESHOLDS = None, 0.1, 0.5, 2, 10, 50  # of a gradient summed over a share of the batch; MXNet's own is 0.5


def work(threshold, seed, rate, momentum):
    """Train as one of the workers; the first prints what it found as JSON."""
    import center_loss  # noqa: F401, which puts back the names of NumPy that MXNet needs
    from utils import runtime
    runtime.prepare_mxnet(1)
    import mxnet as mx
    from mxnet import autograd, gluon

    import models
    from utils.data import load_dataset
    from utils.loading.batches import Batches
    store = mx.kv.create('dist_sync')
    dataset = load_dataset('mnist5k', None, offline=True)
    runtime.seed_everything(seed)
    net = models.get_model('lenet')
    net.initialize(mx.init.Xavier(magnitude=2.24))
    net(mx.nd.zeros((1, 1, 28, 28)))
    net.hybridize(static_alloc=True)
    if threshold:
        store.set_gradient_compression({'type': '2bit', 'threshold': threshold})
    gradients = {name: param.grad() for name, param in net.collect_params().items()}
    for name, gradient in gradients.items():
        store.init(name, mx.nd.zeros_like(gradient))
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': rate, 'momentum': momentum},
                            kvstore=None)
    batches = Batches(dataset.train, BATCH, [mx.cpu()], seed, part=(store.rank, store.num_workers))
    softmax = gluon.loss.SoftmaxCrossEntropyLoss()
    steps = 0
    for epoch in range(1, EPOCHS + 1):
        if epoch == 2:  # the first one starts everything
            mx.nd.waitall()
            start, sent, steps = time.perf_counter(), loopback(), 0
        for shards, size in batches.epoch(epoch):
            (images, labels), = shards
            with autograd.record():
                loss = softmax(net(images)[0], labels)
            loss.backward()
            for name, gradient in gradients.items():
                store.push(name, gradient)
                store.pull(name, out=gradient)
            trainer.update(size)
            steps += 1
    mx.nd.waitall()
    seconds, sent = time.perf_counter() - start, loopback() - sent
    if not store.rank:
        answers = net(mx.nd.array(dataset.test.images))[0].asnumpy().argmax(axis=1)
        print(json.dumps({'images_per_s': (EPOCHS - 1) * batches.num_images / seconds, 'bytes': sent / steps,
                          'accuracy': float((answers == dataset.test.labels).mean())}), flush=True)
    store._barrier()


def measure(threshold, seed, *optimizer):
    """What the first worker says, of processes as any cluster would start them."""
    environment = {**os.environ, 'DMLC_PS_ROOT_URI': '127.0.0.1', 'DMLC_PS_ROOT_PORT': str(free_port()),
                   'DMLC_NUM_WORKER': str(WORKERS), 'DMLC_NUM_SERVER': '1'}
    command = [sys.executable, '-m', 'benchmarks.compression', '--work',
               *(f'{value or 0}' for value in (threshold, seed, *optimizer))]
    processes = [subprocess.Popen(command, cwd=ROOT, env={**environment, 'DMLC_ROLE': role}, stdout=subprocess.PIPE,
                                  text=True) for role in ('scheduler', 'server', *['worker'] * WORKERS)]
    try:
        for core, worker in enumerate(processes[2:]):
            os.sched_setaffinity(worker.pid, {core})  # before it has threads, which will be there too
        while any(process.poll() is None for process in processes):
            if any(process.returncode for process in processes):
                break  # the others would wait for it
            time.sleep(0.05)
        statuses = [process.returncode for process in processes]
    finally:
        for process in processes:
            process.kill()
        said = [process.communicate()[0] for process in processes]
    if any(statuses):
        raise SystemExit(f'scheduler, server and workers ended with {statuses}')
    return json.loads(''.join(said))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seeds', type=int, default=5)
    parser.add_argument('--lr', type=float, default=0.1)
    parser.add_argument('--momentum', type=float, default=0.0)
    parser.add_argument('--work', nargs=4, type=float, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        threshold, seed, *optimizer = args.work
        work(threshold or None, int(seed), *optimizer)
        return
    found = {threshold: [] for threshold in THRESHOLDS}
    for seed in range(args.seeds):
        for threshold, runs in found.items():
            runs.append(measure(threshold, seed, args.lr, args.momentum))
    print('| | images/s, median (least to most) | MB a step, counted | accuracy, %, mean ± deviation |')
    print('|---|---|---|---|')
    for threshold, runs in found.items():
        speeds, sizes, right = ([run[key] for run in runs] for key in ('images_per_s', 'bytes', 'accuracy'))
        spread = statistics.stdev(right) if len(right) > 1 else 0
        print(f'| {f"2bit, threshold {threshold}" if threshold else "as they are"} | {statistics.median(speeds):.0f} '
              f'({min(speeds):.0f} to {max(speeds):.0f}) | {statistics.median(sizes) / 1e6:.2f} '
              f'| {100 * statistics.mean(right):.2f} ± {100 * spread:.2f} |')


if __name__ == '__main__':
    main()
