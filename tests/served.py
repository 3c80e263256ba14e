"""main.py in processes forked from one that has imported MXNet: each is a process of its own, but starts at once.

Run as a module it is the process that they are forked from.
"""
import atexit
import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import warnings

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Server:
    """Starts the process to fork from when it is first needed, and ends it with this one."""

    def __init__(self):
        self._process = None

    def run(self, argv, cwd, timeout):
        """`python main.py *argv` in the folder `cwd`, as a subprocess.CompletedProcess with its output as text."""
        with tempfile.TemporaryFile('w+') as out, tempfile.TemporaryFile('w+') as err:
            paths = [f'/proc/{os.getpid()}/fd/{file.fileno()}' for file in (out, err)]
            status = self._ask([argv, str(cwd), dict(os.environ), *paths], timeout)
            texts = [file.read() for file in (out, err)]
        return subprocess.CompletedProcess(argv, status, *texts)

    def _ask(self, request, timeout):
        if self._process is None:
            self._process = subprocess.Popen([sys.executable, '-m', __name__], cwd=_ROOT, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, start_new_session=True)
            atexit.register(self.close)
        self._process.stdin.write(json.dumps(request).encode() + b'\n')
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            self.close()
            raise subprocess.TimeoutExpired(request[0], timeout)
        return json.loads(self._process.stdout.readline())

    def close(self):
        """End the process and whatever it has started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None


def serve():
    """Answer each line [argv, cwd, environment, out, err] on stdin with the exit status of main.py, all as JSON."""
    requests, answers = os.fdopen(os.dup(0), encoding='utf-8'), os.fdopen(os.dup(1), 'w')
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    import main
    from utils import runtime
    runtime.prepare_mxnet(1)  # after a fork, more would wait for each other most of the time
    threads = os.environ['OMP_NUM_THREADS']
    import utils.modes.evaluate
    import utils.modes.train
    import utils.pages.run_page
    import utils.pictures.run_pictures  # noqa: F401, and with them Bokeh and Matplotlib
    gc.collect()
    gc.freeze()
    for line in requests:
        request = json.loads(line)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # Python 3.12 warns of threads, which MXNet stops before a fork
            pid = os.fork()
        if not pid:
            return become(main, threads, *request)
        print(_exit_status(os.waitpid(pid, 0)[1]), file=answers, flush=True)


def become(main, threads, argv, cwd, environment, *outputs):
    """What `python main.py *argv` does once it has imported its modules; ends this process."""
    import numpy as np

    from utils import runtime, signals

    def prepare_mxnet(*asked):
        assert not any(asked), f'MXNet has its {threads} threads already: what sets --threads or --sync_bn runs alone'

    signals.end_at_once()
    runtime.prepare_mxnet = prepare_mxnet
    np.random.seed()  # what draws without a seed must not draw the same in all processes
    os.environ.clear()
    os.environ.update(environment, OMP_NUM_THREADS=threads)
    os.chdir(cwd)
    for number, path in enumerate(outputs, 1):
        os.dup2(os.open(path, os.O_WRONLY), number)
    sys.argv = ['main.py', *argv]
    sys.exit(signals.run(main.main))


def _exit_status(status):
    """As subprocess has it: -N where signal N ended the process."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


if __name__ == '__main__':
    serve()
