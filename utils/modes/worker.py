"""Being one of the processes that train together: --kvstore dist_sync."""
import atexit
import contextlib
import os
import signal
import socket
import sys
import threading

from ..errors import DisagreementError, UserError
from ..signals import Terminated
from ..storage import locks
from ..terminal import hush
from .preflight import trained_names

LIFELINE = 'MAIN_LIFELINE'  # set: a port, where whoever started this process listens for as long as it lives
# The other machine's kernel answers these, so a starter that Ctrl-Z has stopped is still there.
_PROBES = {'TCP_KEEPIDLE': 5, 'TCP_KEEPINTVL': 5, 'TCP_KEEPCNT': 3}  # seconds, seconds, how many without an answer
_NEEDED = ('DMLC_ROLE', 'DMLC_PS_ROOT_URI', 'DMLC_PS_ROOT_PORT', 'DMLC_NUM_WORKER', 'DMLC_NUM_SERVER')


def join():
    """Make ready for MXNet, which reads DMLC_* when it is imported; in a server or a scheduler, that is all it does.

    Raises UserError if the environment does not say which process this is.
    """
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        raise UserError(f'--kvstore dist_sync expected {", ".join(_NEEDED)} in the environment, which --launch and '
                        f'--hosts set, got no {missing[0]}')
    if os.environ.get(LIFELINE):
        threading.Thread(target=_end_with_starter, args=(os.environ['DMLC_PS_ROOT_URI'], os.environ[LIFELINE]),
                         daemon=True).start()
    os.environ.setdefault('DMLC_NODE_HOST', address_towards(os.environ['DMLC_PS_ROOT_URI']))


def address_towards(host):
    """The IPv4 address of this machine that `host` would see: MXNet knows no IPv6. Raises UserError if there is no way
    to it."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, 9, socket.AF_INET, socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(address)  # nothing is sent
            return probe.getsockname()[0]
    except OSError as error:
        raise UserError(f'{host} cannot be reached: {error.strerror or error}') from error


@contextlib.contextmanager
def group_of(request):
    """The `Group` of processes that this one trains in. The one of rank 0 holds the names of the runs, as it writes."""
    from ..training.group import ALONE, Workers
    if request.config.machine.kvstore == 'local':
        yield ALONE
        return
    group = Workers()
    if group.rank:
        hush()
    paths = request.paths
    try:
        with locks.held((paths.ckpt_dir, paths.out_dir), [] if group.rank else trained_names(request)):
            yield group
            group.wait()
    except DisagreementError:  # all leave at the same place
        raise
    except BaseException as error:
        atexit.register(_leave, _status_of(error), group)
        raise


def _status_of(error):
    """What main.py exits with after `error`."""
    if isinstance(error, (UserError, OSError)):
        return 2
    return 128 + (signal.SIGTERM if isinstance(error, Terminated) else signal.SIGINT) if isinstance(
        error, KeyboardInterrupt) else 1


def _leave(status, group):
    """Exit without waiting for the others, as MXNet would, which do not come: they wait for a share of this process.

    `group` is kept until here, as MXNet waits when it is freed.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _end_with_starter(host, port):
    """End this process when the one that listens there has ended, or 20 s after its machine has fallen silent."""
    try:
        with socket.create_connection((host, port), timeout=15) as line:
            line.settimeout(None)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _PROBES.items():
                line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
            line.recv(1)  # nothing is ever sent
    except OSError as error:
        with contextlib.suppress(OSError):
            print(f'main.py: error: no connection to port {port} of {host}, from where this process was started: '
                  f'{error.strerror or error}', file=sys.stderr, flush=True)
    os._exit(1)
