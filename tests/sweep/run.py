"""A case, how it is run, and what is wrong with the way it ended."""
import concurrent.futures
import os
import queue
import re
import signal
import subprocess
from typing import NamedTuple

from tests.sweep.child import Runner

_STATUSES = {0, 2, 130, 141, 143}
_PYTHON_FAILED = re.compile('Traceback|Exception ignored|resource_tracker|Fatal Python error|terminate called')
FAULTS = ('traceback', 'hang', 'crash', 'other fault')


class Case(NamedTuple):
    """name: for --only. damage: a function of the folder, or None. tags: {what: [words]} for the summary."""
    name: str
    argv: list
    damage: object
    tags: dict


def find_faults(ended, argv, logs=()):
    """What is wrong with the way a run has ended, as [(one of FAULTS, words)]. logs: what it wrote to its log files."""
    said = _PYTHON_FAILED.search('\n'.join((ended.out, ended.err, *logs)))
    found = [('traceback', said[0])] if said else []
    if ended.status is None:
        found.append(('hang', f'not ended after {ended.seconds:.0f} s'))
    elif ended.status < 0:
        found.append(('crash', signal.Signals(-ended.status).name))
    elif ended.status not in _STATUSES and not (ended.status == 1 and (said or '--compare' in argv)):
        found.append(('other fault', f'exit status {ended.status}'))
    errors = len(re.findall('^main.py: error: ', ended.err, re.MULTILINE))
    if errors != (ended.status == 2) and ended.status is not None and ended.status >= 0:
        found.append(('other fault', f'exit status {ended.status} and {errors} lines that say what the error is'))
    return found


def remove(folder):
    """Remove `folder`, however deep it is: Python's own rmtree gives up at a thousand."""
    subprocess.run(['rm', '-rf', folder], check=True)


class Worker:
    """Runs case after case, each in a new copy of the folder `whole`; of what was in `folder`, nothing stays."""

    def __init__(self, folder, whole, limit):
        self._folder, self._whole = os.path.join(folder, 'case'), whole
        remove(folder)
        os.makedirs(self._folder)
        self.runner = Runner(folder, limit)

    def run(self, case):
        """(case, `Ended`, faults)."""
        remove(self._folder)
        os.mkdir(self._folder)
        copy = os.path.join(self._folder, 'copy')
        subprocess.run(['cp', '-a', self._whole, copy], check=True)
        if case.damage:
            case.damage(copy)
        ended = (self.runner.served if case.damage else self.runner.alone)(case.argv, copy)
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(self._folder) for name in names]
        logs = []
        for path in paths:
            if path.endswith('.log'):
                with open(path, encoding='utf-8', errors='backslashreplace') as file:
                    logs.append(file.read())
        left = [name for name in map(os.path.basename, paths) if name.startswith('.tmp-')]
        return case, ended, find_faults(ended, case.argv, logs) + [('other fault', f'{name} is left') for name in left]


def run_cases(cases, folder, whole, jobs, limit):
    """Yield what `Worker.run` returns of each, in their order; `jobs` at a time, each on a core of its own."""
    idle = queue.Queue()
    for number in range(jobs):
        idle.put((number, Worker(os.path.join(folder, f'job{number}'), whole, limit)))
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else []

    def run(case):
        number, worker = idle.get()
        try:
            if jobs > 1 and cores:  # of this thread, and of what it starts: MXNet takes all that it is given
                os.sched_setaffinity(0, {cores[number % len(cores)]})
            return worker.run(case)
        finally:
            idle.put((number, worker))

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(run, cases)
    for _ in range(jobs):
        idle.get()[1].runner.close()
