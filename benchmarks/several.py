"""What several processes are worth: `python -m benchmarks.several`, with nothing else running.

Trains LeNetPlus with center loss on mnist5k by main.py, in turn: one process with one thread and with two, and one and
two workers with one thread each, worker n on core n. Prints the table of docs/distributed.md: images/s, and the bytes
of a step, counted on the loopback device.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.simulate import LENET_PLUS, exchanged

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BATCH, FEATURES, IMAGES, EPOCHS = 128, 2, 800, 3
FLAGS = f'--train --center_loss --dataset mnist5k --val_fraction 0.8 --batch_size {BATCH} --epochs {EPOCHS}'
# Name -> (flags, workers).
SIDES = {'one process, one thread': ('--threads 1', 0), 'one process, two threads': ('--threads 2', 0),
         'one worker': ('--threads 1 --launch 1', 1), 'two workers': ('--threads 1 --launch 2', 2),
         'two workers, two servers': ('--threads 1 --launch 2 --servers 2', 2)}


def roles_of(launcher):
    """{pid: DMLC_ROLE} of the processes that `launcher` has started."""
    found = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
                parent = int(file.read().rpartition(')')[2].split()[1])
            with open(f'/proc/{pid}/environ', encoding='utf-8') as file:
                role = re.search('DMLC_ROLE=([a-z]+)', file.read())
        except OSError:
            continue
        if parent == launcher.pid and role:
            found[int(pid)] = role[1]
    return found


def measure(flags, workers):
    """(images/s, bytes a step on loopback) of the epochs after the first."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen([sys.executable, os.path.join(ROOT, 'main.py'), *f'{FLAGS} {flags}'.split()],
                                   cwd=folder, stdout=subprocess.PIPE, text=True)
        if '--threads 1' in flags and not workers:
            os.sched_setaffinity(process.pid, {0})
        speeds, counted = [], []
        for line in process.stdout:
            found = re.match(r'epoch .*; (\d+) images/s', line)
            if found:
                speeds.append(int(found[1]))
                counted.append(loopback())
                if len(speeds) == 1:
                    _pin(process)
        if process.wait():
            raise SystemExit(f'main.py ended with status {process.returncode}')
    steps = (EPOCHS - 1) * -(-IMAGES // BATCH)
    return statistics.median(speeds[1:]), (counted[-1] - counted[0]) / steps


def _pin(process):
    """Worker n on core n."""
    workers = sorted(pid for pid, role in roles_of(process).items() if role == 'worker')
    for core, pid in enumerate(workers):
        for thread in os.listdir(f'/proc/{pid}/task'):
            os.sched_setaffinity(int(thread), {core})


def loopback():
    """Bytes sent so far on the loopback device."""
    with open('/sys/class/net/lo/statistics/tx_bytes', encoding='utf-8') as file:
        return int(file.read())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=3)
    args = parser.parse_args()
    found = {name: [] for name in SIDES}
    for _ in range(args.rounds):
        for name, side in SIDES.items():
            found[name].append(measure(*side))
            time.sleep(1)
    size = exchanged(LENET_PLUS, BATCH, FEATURES)
    print('| | images/s, median (least to most) | MB a step, counted | by arithmetic |\n|---|---|---|---|')
    for name, rounds in found.items():
        speeds, counted = zip(*rounds)
        print(f'| {name} | {statistics.median(speeds):.0f} ({min(speeds)} to {max(speeds)}) '
              f'| {statistics.median(counted) / 1e6:.2f} | {2 * SIDES[name][1] * size / 1e6:.2f} |')
    print(json.dumps({SIDES[name][1]: statistics.median(speed for speed, _ in found[name])
                      for name in ('one worker', 'two workers')}))


if __name__ == '__main__':
    main()
