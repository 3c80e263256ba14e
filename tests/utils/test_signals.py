"""Ctrl-C and SIGTERM as a process gets them: one line, a status, and whatever is to be cleaned up is."""
import signal
import subprocess
import sys

import pytest

from tests.cli import ROOT

START = '''
import contextlib, os, signal, subprocess, sys, time
from utils import signals

def say(text):
    print(text, flush=True)

def send(signum=signal.SIGINT):
    os.kill(os.getpid(), signum)

def wait(seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(.01)

'''
BOTH = pytest.mark.parametrize('signum, status, word', [(signal.SIGINT, 130, 'interrupted'),
                                                        (signal.SIGTERM, 143, 'terminated')])


def start(code, *args):
    return subprocess.Popen([sys.executable, '-c', START + code, *args], cwd=ROOT, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def end_of(code, *args):
    """(status, stdout, stderr) of a process."""
    with start(code, *args) as process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@BOTH
def test_what_is_going_on_is_cleaned_up_in_peace_and_one_line_says_why_it_ended(signum, status, word):
    code = '''
def main():
    try:
        say('ready')
        wait()
    finally:
        with contextlib.suppress(OSError):
            try: os.remove('nowhere')
            finally: wait(.5)
        say('cleaned up')
sys.exit(signals.run(main))'''
    with start(code) as process:
        assert process.stdout.readline() == 'ready\n'
        process.send_signal(signum)
        assert process.communicate(timeout=60) == ('cleaned up\n', f'main.py: {word}\n')
    assert process.returncode == status


@pytest.mark.parametrize('drop', [
    'class A:\n  def __del__(self): send()\na = A()\ndel a',
    'try: send()\nexcept: pass',
    'try: send()\nexcept: raise TypeError',  # as MXNet has it
    'class A:\n  def __init__(self): send()\n  def __del__(self): self.handle\nA()',
])
def test_a_signal_that_came_where_python_or_a_library_drops_it_ends_the_call_all_the_same(drop):
    code = f'''
def main():
    exec({drop!r}, globals())
    wait()
    say('went on')
sys.exit(signals.run(main))'''
    assert end_of(code) == (130, '', 'main.py: interrupted\n')


def test_without_a_signal_nothing_is_hidden():
    code = '''
class Broken:
    def __del__(self): raise KeyError('a bug')
def main():
    Broken()
    if sys.argv[1:]: raise ValueError('another bug')
    return 7
sys.exit(signals.run(main))'''
    status, _, errors = end_of(code)
    assert status == 7 and 'a bug' in errors
    status, _, errors = end_of(code, 'raise')
    assert status == 1 and errors.endswith('ValueError: another bug\n')


def test_what_the_shell_ignores_stays_ignored():
    code = '''
signal.signal(signal.SIGINT, signal.SIG_IGN)
signals.end_at_once()
sys.exit(signals.run(lambda: send() or wait(.2) or 5))'''
    assert end_of(code) == (5, '', '')


def test_a_signal_that_is_held_comes_afterwards_and_processes_started_meanwhile_are_deaf_to_ctrl_c():
    code = '''
def main():
    with signals.held():
        deaf = 'import os; os.kill(os.getpid(), 2); print("deaf", flush=True)'
        child = subprocess.Popen([sys.executable, '-c', deaf])
        send(signal.SIGTERM)
        child.wait()
        say('done')
    say('went on')
sys.exit(signals.run(main))'''
    assert end_of(code) == (143, 'deaf\ndone\n', 'main.py: terminated\n')


@pytest.mark.parametrize('signum, module, status, word', [
    (signal.SIGINT, 'utils.signals', 130, 'interrupted'),
    (signal.SIGINT, 'center_loss', 130, 'interrupted'),
    (signal.SIGTERM, 'center_loss', 143, 'terminated'),
    (signal.SIGINT, 'utils.settings.flags', 130, 'interrupted'),
])
def test_main_py_answers_from_its_first_import_on(signum, module, status, word):
    """The signal comes when it begins to import `module`."""
    code = f'''
import os, runpy, sys
class Finder:
    def find_spec(self, name, *_):
        if name == {module!r}: os.kill(os.getpid(), {int(signum)})
sys.meta_path.insert(0, Finder())
sys.argv = ['main.py', '--help']
runpy.run_path('main.py', run_name='__main__')'''
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (status, '', f'main.py: {word}\n')
