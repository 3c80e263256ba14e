"""Running main.py and seeing how it ends: as a process of its own, or case after case in one that has MXNet loaded."""
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from typing import NamedTuple, Optional

from tests.cli import ROOT

_CASES = 50  # of one server: then a new one, so that what leaks does not add up


class Ended(NamedTuple):
    """status: the exit status, -N where signal N ended it, None where it had to be stopped. text: stdout, stderr."""
    status: Optional[int]
    out: str
    err: str
    seconds: float

    @property
    def text(self):
        return self.out + self.err


class Runner:
    """Runs main.py; its output goes to files in `folder`. limit: seconds until a case counts as hanging."""

    def __init__(self, folder, limit):
        self._paths = [os.path.join(folder, name) for name in ('out', 'err')]
        self._limit = limit
        self._server = None
        self._served = 0

    def alone(self, argv, cwd):
        """main.py in a process of its own."""
        start = time.monotonic()
        with open(self._paths[0], 'wb') as out, open(self._paths[1], 'wb') as err:
            process = subprocess.Popen([sys.executable, os.path.join(ROOT, 'main.py'), *argv], cwd=cwd, stdout=out,
                                       stderr=err, stdin=subprocess.DEVNULL, start_new_session=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(self._limit)
        return self._ended(process.poll(), start, process)

    def served(self, argv, cwd):
        """main.main in the server, which is started if there is none."""
        if self._server is None or self._served == _CASES:
            self.close()
            self._server, self._served = subprocess.Popen(
                [sys.executable, '-m', __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                start_new_session=True), 0
            self._server.stdout.readline()  # it is ready
        self._served += 1
        start = time.monotonic()
        self._server.stdin.write(json.dumps([argv, cwd, *self._paths]).encode() + b'\n')
        self._server.stdin.flush()
        if not select.select([self._server.stdout], [], [], self._limit)[0]:
            return self._ended(None, start, self._server)
        answer = self._server.stdout.readline()
        if not answer:
            return self._ended(self._server.wait(), start, self._server)
        return self._ended(json.loads(answer), start)

    def _ended(self, status, start, to_end=None):
        seconds = time.monotonic() - start
        if to_end:  # and whatever it has started
            with contextlib.suppress(ProcessLookupError):
                os.killpg(to_end.pid, signal.SIGKILL)
            to_end.wait()
            if to_end is self._server:
                self._server = None
        texts = []
        for path in self._paths:
            with open(path, encoding='utf-8', errors='backslashreplace') as file:
                texts.append(file.read())
        return Ended(status, *texts, seconds)

    def close(self):
        if self._server:
            self._server.stdin.close()
            self._server.wait()
            self._server.stdout.close()
            self._server = None


def serve():
    """Answer each [argv, cwd, out, err] on stdin with the exit status of main.main(argv) on stdout, both as JSON."""
    requests, answers = os.fdopen(os.dup(0), encoding='utf-8'), os.fdopen(os.dup(1), 'w')
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    import main
    from utils import runtime
    runtime.prepare_mxnet()
    runtime.prepare_mxnet = _prepared  # it refuses to run twice
    import mxnet  # noqa: F401
    print(json.dumps('ready'), file=answers, flush=True)
    for line in requests:
        argv, cwd, *paths = json.loads(line)
        os.chdir(cwd)
        for number, path in enumerate(paths, 1):
            _redirect(path, number)
        print(json.dumps(_status(main.main, argv)), file=answers, flush=True)


def _prepared(_, working_spaces=None):
    """MXNet is there already, and for --sync_bn it would be too late."""
    if working_spaces:
        from utils.errors import UserError
        raise UserError('--sync_bn needs a process of its own')


def _redirect(path, number):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, number)
    os.close(handle)


def _status(main, argv):
    """The exit status that Python would end with, having run `main`."""
    try:
        status = main(argv)
    except SystemExit as error:
        status = error.code
    except BaseException:
        traceback.print_exc()
        status = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    return status or 0


if __name__ == '__main__':
    serve()
