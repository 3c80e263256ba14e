"""Train, second-train and test networks with center loss. `python main.py --help` lists the flags."""
import os
import sys

try:
    from utils import signals
    if __name__ == '__main__':
        signals.end_at_once()  # importing the rest takes a moment too
except KeyboardInterrupt:
    print('main.py: interrupted', file=sys.stderr)
    sys.exit(130)

from utils.cli.arguments import parse
from utils.errors import UserError
from utils.modes import run
from utils.modes.preflight import check_files, written_names
from utils.storage import locks
from utils.terminal import cleaned_output, one_line

# MXNet and numpy, and what imports them, are imported inside functions: --help and argument errors need neither.


@cleaned_output()
def main(argv=None):
    """Run the modes that `argv` asks for; returns the exit status: 0, 2 after a user's mistake,
    130 after Ctrl-C, 143 after SIGTERM, 141 when nobody reads the output any more."""
    argv = sys.argv[1:] if argv is None else argv
    request = parse(argv)
    try:
        check_files(request)
        with locks.held((request.paths.ckpt_dir, request.paths.out_dir), written_names(request)):
            return run(request)
    except UserError as error:
        print(f'main.py: error: {one_line(error)}', file=sys.stderr)
        return 2
    except OSError as error:  # our output cannot be written: the disk is full, or its reader has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 141
        print(f'main.py: error: {one_line(error)}', file=sys.stderr)
        return 2
    except KeyboardInterrupt as stopped:
        return signals.report(stopped)


if __name__ == '__main__':
    sys.exit(signals.run(main))
