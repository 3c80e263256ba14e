"""The command lines of README, the pages and the Makefile are understood."""
import glob
import os
import re
import shlex

import main
from tests.cli import ROOT
from tests.settings import steps_of
from utils.settings.flags import to_argv


def command_lines():
    """Those of README, the pages and the Makefile, as lists of arguments."""
    found = []
    for path in (os.path.join(ROOT, 'README.md'), os.path.join(ROOT, 'Makefile'),
                 *glob.glob(os.path.join(ROOT, 'docs', '*.md'))):
        with open(path, encoding='utf-8') as file:
            text = file.read().replace('\\\n', ' ').replace('$(SGD)', '').replace('$(PYTHON)', 'python')
        found += [shlex.split(line, comments=True)[2:] for line in text.splitlines()
                  if re.match(r'\s+python main\.py --', line)]
    return found


def test_every_command_line_that_we_publish_is_taken():
    lines = command_lines()
    assert len(lines) > 25
    for argv in lines:
        request = main.parse(argv)
        for step in steps_of(request):
            main.parse(to_argv(step.flags, request.scopes))
