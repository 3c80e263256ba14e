"""Ctrl-C and SIGTERM end a call with one line on stderr and exit status 130 or 143, whenever they come."""
import contextlib
import ctypes
import os
import signal
import sys

_WORDS = {signal.SIGINT: 'interrupted', signal.SIGTERM: 'terminated'}
_AGAIN = 0.1  # seconds
_PR_SET_PDEATHSIG = 1  # Linux's prctl: which signal a process gets when the thread that started it ends


class Terminated(KeyboardInterrupt):
    """SIGTERM came. Whatever cleans up after Ctrl-C cleans up after it too."""


_EXCEPTIONS = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}


def end_at_once():
    """For while there is nothing to lose: both signals end the process where it is."""
    def end(signum, _):
        with contextlib.suppress(OSError):  # nobody reads it
            os.write(2, f'main.py: {_WORDS[signum]}\n'.encode())
        os._exit(128 + signum)
    _handle(end)


def run(main):
    """The exit status of `main()`, in which both signals raise: KeyboardInterrupt or `Terminated`.

    What is raised in a __del__ or while a C extension is imported may be dropped, and the work would go on: as long as
    nobody is busy with the exception, it is raised again.
    """
    came = []

    def stop(signum, _):
        came.append(signum)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN, _AGAIN)
        raise _EXCEPTIONS[signum]

    def insist(*_):
        if not _is_stopping(sys.exc_info()[1]):
            raise _EXCEPTIONS[came[-1]]

    def dropped(unraisable):
        if not came:  # else it is of what was stopped half-way
            sys.__unraisablehook__(unraisable)

    try:
        sys.unraisablehook = dropped
        signal.signal(signal.SIGALRM, insist)
        _handle(stop)
        return main()
    except (KeyboardInterrupt, Exception) as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if not came:
            raise
        return report(error if isinstance(error, KeyboardInterrupt) else _EXCEPTIONS[came[-1]]())
    finally:
        end_at_once()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _is_stopping(error):
    """Whether the exception being handled is one of ours, or came up while ours was."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


@contextlib.contextmanager
def leaving(text):
    """What stops the work inside says `text` in its line: what is left, and how to go on."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        stopped.left = text
        raise


def report(stopped):
    """Say what stopped a call, a KeyboardInterrupt, and what it leaves; returns the exit status."""
    signum = signal.SIGTERM if isinstance(stopped, Terminated) else signal.SIGINT
    start = '\n' if os.isatty(2) else ''  # after the ^C there
    print(f'{start}main.py: {_WORDS[signum]}{getattr(stopped, "left", "")}', file=sys.stderr)
    return 128 + signum


@contextlib.contextmanager
def held():
    """Inside, no signal stops the work: it does right after. Processes started inside never hear of Ctrl-C."""
    came = []
    handlers = {signum: signal.signal(signum, lambda number, _: came.append(number)) for signum in _WORDS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # which a child inherits
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
        for signum in came:
            signal.raise_signal(signum)


def die_with_parent():
    """End this process when the thread that started it ends, killed or not: a child leaves nothing running behind."""
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _handle(handler):
    for signum in _WORDS:
        if signal.getsignal(signum) != signal.SIG_IGN:  # as nohup and a shell's & leave them
            signal.signal(signum, handler)
