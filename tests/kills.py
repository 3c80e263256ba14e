"""Kill processes that train together, at random moments: `python -m tests.kills --folder DIR --count 20`.

Of each kill: all others must end within 30 s, one line must say which is gone, no process may be left, and --resume
must end bit for bit as the run that nobody disturbed.
"""
import argparse
import os
import random
import re
import signal
import subprocess
import time

from benchmarks.several import roles_of
from tests.cli import QUICK, command
from utils.storage import checkpoint

ROLES = 'worker', 'server', 'scheduler'
LIMIT = 30  # seconds
FLAGS = f'--train --center_loss {QUICK} --epochs 2 --threads 1 --launch 2'


def start(flags, folder):
    """The launching process, with what it says on stderr as text."""
    return subprocess.Popen(command(flags), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def kill_one(role, after, folder, prefix):
    """Kill a process of `role` `after` seconds; returns (seconds until all had ended, what was said), or None if the
    run was over before. Raises AssertionError if a process is left."""
    launcher = start(f'{FLAGS} --prefix {prefix}', folder)
    time.sleep(after)
    processes = roles_of(launcher)
    victims = [pid for pid, own in processes.items() if own == role]
    if launcher.poll() is not None or not victims:
        launcher.communicate()
        return None
    began = time.monotonic()
    os.kill(random.choice(victims), signal.SIGKILL)
    try:
        said = launcher.communicate(timeout=LIMIT)[1]
    finally:
        launcher.kill()
    taken = time.monotonic() - began
    left = [pid for pid in processes if os.path.exists(f'/proc/{pid}')]
    assert not left, f'left after {taken:.1f} s: {left}'
    return (taken, said) if launcher.returncode else None


def check(role, after, folder, wanted):
    """Kill, look at what was said, resume, compare with the digest `wanted`; returns a line, or None if it was over."""
    prefix = f'{role}-{after:.2f}'
    done = kill_one(role, after, folder, prefix)
    if done is None:
        return None
    taken, said = done
    which = rf'(the )?{role}( \d)? was killed by signal 9'
    said = [line for line in said.splitlines() if not line.startswith('main.py: warning: ')]  # of the training
    assert re.fullmatch(rf'main.py: error: {which}, and the others were ended.*', '|'.join(said)), said
    state = os.path.join(folder, 'ckpt', f'{prefix}.state')
    resumed = os.path.exists(state)
    assert ('--resume' in said[0]) == resumed, said
    again = start(f'{FLAGS} --prefix {prefix}' + ' --resume' * resumed, folder)
    said = again.communicate(timeout=300)[1]
    assert again.returncode == 0, said
    assert checkpoint.load(state).digest == wanted
    return f'{role} after {after:.2f} s: all ended in {taken:.2f} s, {"resumed" if resumed else "made anew"}: same bits'


def undisturbed(folder):
    """(digest of its last checkpoint, seconds) of a run that nobody disturbs."""
    began = time.monotonic()
    launcher = start(f'{FLAGS} --prefix undisturbed', folder)
    said = launcher.communicate()[1]
    assert launcher.returncode == 0, said
    taken = time.monotonic() - began
    return checkpoint.load(os.path.join(folder, 'ckpt', 'undisturbed.state')).digest, taken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--folder', required=True)
    parser.add_argument('--count', type=int, default=20)
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    random.seed(args.seed)
    wanted, seconds = undisturbed(args.folder)
    done = 0
    while done < args.count:
        line = check(ROLES[done % len(ROLES)], random.uniform(0, seconds), args.folder, wanted)
        if line:
            done += 1
            print(f'{done}/{args.count} {line}', flush=True)


if __name__ == '__main__':
    main()
