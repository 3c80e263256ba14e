"""Run main.py as a user does, in a process of its own."""
import os
import subprocess
import sys

import main as program

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# LeNet on 5,000 digits: the smallest real training there is, some two seconds an epoch.
QUICK = '--dataset mnist5k --network lenet --batch_size 32 --lr 0.03 --momentum 0.9'


def command(text):
    return [sys.executable, os.path.join(ROOT, 'main.py'), *text.split()]


def parse(text):
    """What main.py makes of a command line that is right."""
    return program.parse(text.split())


def main(text, cwd, **options):
    """Run main.py with the flags in `text`; returns the finished process with its output as text."""
    return subprocess.run(command(text), cwd=str(cwd), capture_output=True, text=True, timeout=300, **options)


def succeed(text, cwd):
    """Run main.py, which must succeed; returns what it printed."""
    done = main(text, cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(text, cwd, **options):
    """Run main.py, which must fail as a user's mistake does; returns its one line without the start."""
    done = main(text, cwd, **options)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count('\n') == 1 and done.stderr.startswith('main.py: error: '), done.stderr
    return done.stderr[len('main.py: error: '):-1]


def snapshot(folder):
    """{relative path: content} of all files in a folder."""
    found = {}
    for path, _, names in os.walk(str(folder)):
        for name in names:
            full = os.path.join(path, name)
            with open(full, 'rb') as file:
                found[os.path.relpath(full, str(folder))] = file.read()
    return found
