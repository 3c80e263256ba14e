"""Nothing that is printed steers a terminal, whatever files and arguments are called."""
import io
import os
import re
import subprocess
import sys

import pytest

import main
from tests.cli import ROOT
from utils.terminal import clean, cleaned_output, one_line, raw, warn

EVIL = '\x1b[31mred\x1b]0;title\x07\x9b2J\rover\x00\x08\u202etxt.exe\udcff'


@pytest.mark.parametrize('text, shown', [
    ('plain ± ü 鳥 \t tab\n', 'plain ± ü 鳥 \t tab\n'),
    ('\x1b[2J', '\\x1b[2J'), ('a\rb', 'a\\rb'), ('\x9b2J', '\\x9b2J'),
    ('\u202egpj.exe', '\\u202egpj.exe'), ('\udcff', '\\udcff'), ('\x7f\x00', '\\x7f\\x00')])
def test_what_could_steer_a_terminal_is_spelled_out_and_nothing_else(text, shown):
    assert clean(text) == shown
    assert one_line(text) == shown.replace('\t', '\\t').replace('\n', '\\n')


def test_all_that_is_printed_is_cleaned_and_what_draws_a_bar_is_not(capsys):
    before = sys.stdout, sys.stderr
    with cleaned_output():
        print('name', EVIL)
        print(EVIL, file=sys.stderr)
        raw(sys.stderr).write('\rbar')
    assert (sys.stdout, sys.stderr) == before
    printed = capsys.readouterr()
    assert '\\x1b[31mred' in printed.out and not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\udcff]', printed.out)
    assert printed.err.endswith('\rbar') and '\x1b' not in printed.err


def test_a_terminal_that_knows_no_umlauts_gets_them_spelled_out(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, 'stdout', io.TextIOWrapper(written, encoding='ascii'))
    with cleaned_output():
        print('Vögel', flush=True)
    assert written.getvalue() == b'V\\xf6gel\n'


@pytest.mark.parametrize('argv', [['--train', '--loss', EVIL], ['--test', '--ckpt_dir', EVIL], [f'--{EVIL}'],
                                  ['--train', f'--prefix=a\n{EVIL}'], ['--test', '--ckpt_dir', f'a\n{EVIL}']])
def test_an_argument_that_an_error_repeats_stays_one_harmless_line(argv, capsys):
    try:
        status = main.main(argv)
    except SystemExit as exit:
        status = exit.code
    error = capsys.readouterr().err
    assert status == 2 and error.startswith('main.py: error: ') and error.endswith('\n') and error.count('\n') == 1
    assert not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]', error)


def test_output_that_the_caller_has_closed_is_no_traceback():
    done = subprocess.run(f'"{sys.executable}" "{os.path.join(ROOT, "main.py")}" --test --prefix nowhere >&- 2>&-',
                          shell=True, check=False)
    assert done.returncode == 2


def test_a_warning_is_one_line_on_stderr_whatever_it_names(capsys):
    warn('no photo a\nb\x1b[2J')
    assert capsys.readouterr() == ('', 'main.py: warning: no photo a\\nb\\x1b[2J\n')
