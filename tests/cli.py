"""Run main.py as a user does, in a process of its own."""
import json
import os
import subprocess
import sys

import main as program
from tests.served import Server

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_SERVER = Server()
# LeNet on 5,000 digits: the smallest training that learns anything. With a fifth of them an epoch takes half the time.
DIGITS = '--dataset mnist5k --network lenet --batch_size 32 --lr 0.03 --momentum 0.9'
QUICK = DIGITS.replace('--lr', '--val_fraction 0.8 --lr')


def command(text):
    return [sys.executable, os.path.join(ROOT, 'main.py'), *text.split()]


def parse(text):
    """What main.py makes of a command line that is right."""
    return program.parse(text.split())


def main(text, cwd, alone=False, **options):
    """Run main.py with the flags in `text`; returns the finished process with its output as text.

    It is forked from a process that has imported MXNet, with one thread, unless it must be `alone`: to be told how many
    threads to use, to have as many as a user's, or to start with `options` of subprocess.run.
    """
    if alone or options:
        return subprocess.run(command(text), cwd=str(cwd), capture_output=True, text=True, timeout=300, **options)
    return _SERVER.run(text.split(), cwd, timeout=300)


def succeed(text, cwd, **options):
    """Run main.py, which must succeed; returns what it printed."""
    done = main(text, cwd, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(text, cwd, **options):
    """Run main.py, which must fail as a user's mistake does; returns its one line without the start."""
    done = main(text, cwd, **options)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count('\n') == 1 and done.stderr.startswith('main.py: error: '), done.stderr
    return done.stderr[len('main.py: error: '):-1]


def read_json(folder, *path):
    with open(os.path.join(str(folder), *path), encoding='utf-8') as file:
        return json.load(file)


def snapshot(folder):
    """{relative path: content} of all files in a folder."""
    found = {}
    for path, _, names in os.walk(str(folder)):
        for name in names:
            full = os.path.join(path, name)
            with open(full, 'rb') as file:
                found[os.path.relpath(full, str(folder))] = file.read()
    return found
