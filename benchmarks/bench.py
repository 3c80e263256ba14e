"""Measure this project beside its peers: `python -m benchmarks.bench` (half an hour), or `--row NAME` for one row.

Each measurement runs in a process of its own, because MXNet takes its threads when it is imported; the sides take
turns. What is found goes to benchmarks/bench.json, and from there, with the plots, to benchmarks/README.md. A side
whose package is not installed is left out.
"""
import argparse
import contextlib
import fnmatch
import importlib.util
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

from benchmarks import bench_page
from benchmarks.rows import ROWS, worker
from utils.storage import files

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOUND = os.path.join(ROOT, 'benchmarks', 'bench.json')
_PACKAGES = ('mxnet', 'numpy', 'faiss-cpu', 'torch', 'torchvision')


def measure(name, side):
    """What a worker printed: see `rows.Row`. The process has the threads that each package takes by itself."""
    environment = {key: value for key, value in os.environ.items() if key != 'OMP_NUM_THREADS'}
    answer = subprocess.run([sys.executable, '-m', 'benchmarks.bench', '--worker', name, side], cwd=ROOT, check=True,
                            stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(answer.stdout.splitlines()[-1])


def take_turns(name, rounds):
    """{side: [what `measure` found, ...]} of a row; raises CalledProcessError if a side fails."""
    sides = [side for side, (_, package) in ROWS[name].sides.items() if package is None or _is_there(package)]
    found = {side: [] for side in sides}
    for _ in range(rounds):
        for side in sides:
            found[side].append(measure(name, side))
    return found


def machine():
    """What figures depend on, as a dict."""
    there = {}
    for package in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            there[package] = version(package)
    return {'processor': _processor(), 'cores': len(os.sched_getaffinity(0)), 'python': platform.python_version(),
            'versions': there}


def _processor():
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as file:
            return next(line.split(':', 1)[1].strip() for line in file if line.startswith('model name'))
    except (OSError, StopIteration):
        return platform.machine()


def _is_there(package):
    return importlib.util.find_spec(package) is not None


def main():
    parser = argparse.ArgumentParser(prog='benchmarks.bench', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--row', metavar='NAME', action='append',
                        help=f'just this row, or those that fit a pattern as *lenet*; of {", ".join(ROWS)}')
    parser.add_argument('--rounds', type=int, default=3, help='how often each side is measured (default: %(default)s)')
    parser.add_argument('--worker', nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        print(json.dumps(worker(*args.worker)))
        return
    names = [name for name in ROWS if not args.row or any(fnmatch.fnmatch(name, one) for one in args.row)]
    if not names:
        parser.error(f'--row expected one of {", ".join(ROWS)}, got {", ".join(args.row)}')
    found = {}
    if os.path.exists(FOUND):
        with open(FOUND, encoding='utf-8') as file:
            found = json.load(file)
    for name in names:
        found[name] = {'machine': machine(), 'sides': take_turns(name, args.rounds)}
        files.write_json(FOUND, {known: found[known] for known in ROWS if known in found})
        print(bench_page.line(name, found), flush=True)
    bench_page.renew(found)


if __name__ == '__main__':
    main()
