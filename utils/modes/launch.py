"""--launch and --hosts: start the processes that train together, and end all of them when one is gone."""
import contextlib
import os
import shlex
import socket
import subprocess
import sys
import threading
import time

from .. import runtime
from .preflight import trained_paths
from .worker import LIFELINE, address_towards

_OWN = ('launch', 'hosts', 'servers')  # flags that are not for the processes
# Never asks for a password, and gives up a machine that is silent for 20 s, or for 15 s at the start. A connection that
# the user's other sessions share would not.
_SSH = ['ssh', '-o', 'BatchMode=yes', '-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3',
        '-o', 'ConnectTimeout=15', '-o', 'ControlPath=none']
_SSH_FAILED = 255
_LOOK_EVERY = 0.05  # seconds
_GRACE = 10  # seconds that servers have to end once the workers have
_MAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'main.py')


def launch(request):
    """Train as `request` says by several processes; returns the exit status.

    1, and one line that says which, if a process was killed or failed; 2 after a user's mistake, in its own line.
    """
    spread = request.spread
    hosts = spread.hosts or [None] * spread.launch
    root = _seen_by(spread.hosts) if spread.hosts else '127.0.0.1'
    environment = {'DMLC_PS_ROOT_URI': root, 'DMLC_PS_ROOT_PORT': str(free_port()), 'DMLC_NUM_WORKER': str(len(hosts)),
                   'DMLC_NUM_SERVER': str(spread.servers), 'PYTHONUNBUFFERED': '1'}
    command = [sys.executable, _MAIN, *_for_processes(request, len(hosts))]
    # Of a run that is made anew, what an earlier one left under its name is not the last checkpoint.
    states = {paths.state: None if request.resume else _stamp(paths.state) for paths in trained_paths(request)}
    line = socket.create_server((root, 0), backlog=len(hosts) + spread.servers + 1)
    with _leaving(states), line, contextlib.ExitStack() as stack:
        environment[LIFELINE] = str(line.getsockname()[1])

        def start(name, role, host=None):
            return stack.enter_context(_Process(name, command, {**environment, 'DMLC_ROLE': role}, host, said))
        said = _Said()
        helpers = [start('the scheduler', 'scheduler'),
                   *(start(f'server {number}', 'server') for number in range(spread.servers))]
        workers = [start(f'worker {number}' + (f' on {host}' if host else ''), 'worker', host)
                   for number, host in enumerate(hosts)]
        gone = _first_gone(helpers, workers)
    if gone and gone.status != 2:
        if not gone.killed:
            said.repeat(gone.name)
        print(f'main.py: error: {gone.name} {gone.end}, and the others were ended{_left(states)}', file=sys.stderr)
    return 0 if not gone else 2 if gone.status == 2 else 1


def _first_gone(helpers, workers):
    """The `_Process` that ended before its time, or None once all workers are done."""
    while True:
        ended = [process for process in (*workers, *helpers) if process.poll() is not None]
        failed = sorted((process for process in ended if process.status), key=lambda process: not process.killed)
        if failed:
            return failed[0]
        if all(worker in ended for worker in workers):
            break
        time.sleep(_LOOK_EVERY)
    end = time.monotonic() + _GRACE
    while any(helper.poll() is None for helper in helpers) and time.monotonic() < end:
        time.sleep(_LOOK_EVERY)
    return None


def _for_processes(request, count):
    """The arguments of each process: those of the call, less what is for the call alone."""
    given, argv = iter(shlex.split(request.command)[2:]), []
    for part in given:
        name, equals, _ = part.partition('=')
        if name[2:] in _OWN and part.startswith('--'):
            if not equals:
                next(given)
        else:
            argv.append(part)
    if request.config.machine.threads is None and not request.spread.hosts:
        argv.append(f'--threads={max(1, runtime.usable_cores() // count)}')
    return [*argv, '--kvstore=dist_sync']


def _seen_by(hosts):
    """The address at which all `hosts` find this machine: one of them may be this machine, which sees itself as 127."""
    seen = [address_towards(host.rpartition('@')[2]) for host in hosts]
    return next((address for address in seen if not address.startswith('127.')), seen[0])


@contextlib.contextmanager
def _leaving(states):
    """As `signals.leaving`, of what is there when the work is stopped."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        stopped.left = _left(states)
        raise


def _left(states):
    """In words, the last checkpoint of the run. states: {path: the `_stamp` of what it is not, or None}."""
    found = [state for state, stamp in states.items() if _stamp(state) not in (None, stamp)]
    return f'; the last checkpoint is {found[-1]}, --resume goes on from it' if found else ''


def _stamp(path):
    """What another file at `path` would not have: checkpoints are written whole and renamed. None if there is none."""
    try:
        found = os.stat(path)
    except OSError:  # as of a name that is too long
        return None
    return found.st_ino, found.st_mtime_ns


def free_port():
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(('', 0))
        return probe.getsockname()[1]


class _Said:
    """What the processes say on stderr: of main.py's own lines each once, as all make the same mistake; the rest of
    what a process said is kept for when it fails."""

    def __init__(self):
        self._lock, self._shown, self._kept = threading.Lock(), set(), {}

    def hear(self, name, stream):
        for line in stream:
            with self._lock:
                if not line.startswith('main.py: '):
                    self._kept[name] = [*self._kept.get(name, [])[-50:], line]
                elif line not in self._shown:
                    self._shown.add(line)
                    print(line, end='', file=sys.stderr, flush=True)

    def repeat(self, name):
        for line in self._kept.get(name, ()):
            print(line, end='', file=sys.stderr)


class _Process:
    """One of the processes; leaving its `with` kills it, or the ssh to it. It ends by itself when this process does,
    however that ends: then the connection breaks that it has to the lifeline."""

    def __init__(self, name, command, environment, host, said):
        self.name, self.status, self._far = name, None, bool(host)
        if host:
            assigned = [f'{key}={value}' for key, value in environment.items()]
            command = [*_SSH, host,
                       f'cd {shlex.quote(os.getcwd())} && exec env {shlex.join([*assigned, *command])}']
        # In a session of its own, Ctrl-C reaches the starter alone.
        self._process = subprocess.Popen(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                         stderr=subprocess.PIPE, text=True, errors='replace', start_new_session=True)
        self._ear = threading.Thread(target=said.hear, args=(name, self._process.stderr), daemon=True)
        self._ear.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._process.kill()
        self._process.wait()
        self._ear.join(1)

    def poll(self):
        self.status = self._process.poll()
        return self.status

    @property
    def killed(self):
        return self.status is not None and self.status < 0

    @property
    def end(self):
        """In words."""
        if self._far and self.status == _SSH_FAILED:
            return f'was killed or is out of reach (ssh ended with status {self.status})'
        return f'was killed by signal {-self.status}' if self.killed else f'ended with status {self.status}'
