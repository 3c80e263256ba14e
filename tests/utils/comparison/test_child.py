"""A process that is run for us: how its end is told, and that it does not outlive us."""
import os
import signal
import subprocess
import sys

import pytest

from tests.cli import ROOT
from utils.comparison import child


@pytest.mark.parametrize('script, said', [
    ('print("done")', None),
    ('print("epoch 7"); sys.stdout.flush(); os.kill(os.getpid(), 9)',
     'it was ended by signal 9 (Killed), as what takes too much memory is; its last line: epoch 7'),
    ('os.kill(os.getpid(), 11)', 'it was ended by signal 11 (Segmentation fault); its last line: an earlier call'),
    ('sys.stdout.buffer.write(b"one\\ncaf\\xe9"); sys.exit(2)', 'caf\ufffd'),
    ('print("epoch 7", flush=True); print("main.py: error: it is full", file=sys.stderr); sys.exit(2)',
     'main.py: error: it is full'),
])
def test_how_it_ended_is_said(tmp_path, script, said):
    (tmp_path / 'log').write_text('an earlier call\n')
    assert child.run([sys.executable, '-c', f'import os, sys\n{script}'], str(tmp_path / 'log')) == said


def test_the_status_of_one_that_says_nothing_is_told(tmp_path):
    assert child.run([sys.executable, '-c', 'raise SystemExit(3)'], str(tmp_path / 'log')) == 'exit status 3'


@pytest.mark.parametrize('signum, answer, said', [
    (signal.SIGTERM, 'raise SystemExit("cleaned up")', 'cleaned up\n'),
    (signal.SIGINT, 'raise SystemExit("cleaned up")', 'cleaned up\n'),
    (signal.SIGTERM, 'print("no", flush=True)', 'no\n'),
])
def test_what_stops_us_stops_it_first(tmp_path, signum, answer, said):
    """By SIGTERM, which it answers, or by force where it does not."""
    (tmp_path / 'script.py').write_text(f'''
import os, signal, time
def end(*_): {answer}
signal.signal(signal.SIGTERM, end)
os.mkdir(r'{tmp_path}/' + str(os.getpid()))
os.mkdir(r'{tmp_path}/ready')
end = time.monotonic() + 30
while time.monotonic() < end: time.sleep(.01)
print('went on')''')
    code = f'''
import os, sys, threading, time
from utils import signals
from utils.comparison import child
child._GRACE = .5
def stop():
    while not os.path.exists(r'{tmp_path}/ready'): time.sleep(.01)
    os.kill(os.getpid(), {int(signum)})
threading.Thread(target=stop).start()
sys.exit(signals.run(lambda: child.run([sys.executable, r'{tmp_path}/script.py'], r'{tmp_path}/log')))'''
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 128 + signum, done.stderr
    pid, = (int(path.name) for path in tmp_path.iterdir() if path.name.isdigit())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (tmp_path / 'log').read_text() == said
