"""Running main.py in a process of its own, which does not outlive us."""
import signal
import subprocess

from ..signals import Terminated, die_with_parent

_GRACE = 10  # seconds that it has to end by itself when we are stopped


def run(command, log):
    """Run `command`, all of whose output is appended to the file `log`; returns None, or what to say if it failed.

    What stops us stops it first.
    """
    with open(log, 'a', encoding='utf-8') as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
    try:
        code = process.wait()
    except KeyboardInterrupt as stopped:
        if not isinstance(stopped, Terminated):
            _ends(process)  # a terminal has sent it Ctrl-C as well
        process.terminate()
        if not _ends(process):
            process.kill()
            process.wait()
        raise
    return _failure(code, log) if code else None


def _ends(process):
    """Whether the process ends within the grace."""
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        return False
    return True


def _failure(code, log):
    """The last line that a process has said, after the signal that ended it if one did."""
    with open(log, encoding='utf-8', errors='replace') as file:
        last = (file.read().strip().splitlines() or [''])[-1]
    if code > 0:
        return last or f'exit status {code}'
    memory = ', as what takes too much memory is' if -code == signal.SIGKILL else ''
    return f'it was ended by signal {-code} ({signal.strsignal(-code)}){memory}; its last line: {last}'
