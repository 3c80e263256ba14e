"""The command lines that the published programs document are understood and run."""
import os
import re

from tests.cli import ROOT, main, parse


def published_lines():
    """The command lines of the README that the published programs document, but for their downloads and length."""
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        text = file.read()
    return [line.strip()[len('python main.py '):] for line in text.splitlines()
            if line.startswith('    python main.py') and '--prefix=' in line]  # they write it with =, we do not


def test_the_readme_has_the_nine_published_lines_and_all_are_understood():
    lines = published_lines()
    assert len(lines) == 9
    for line in lines:
        request = parse(line)
        assert request.typed['prefix'] == request.paths.prefix in ('softmax', 'softmax-loss', 'center-loss')
        assert '--epochs' not in line or request.config.training.epochs == 30


def test_the_published_lines_run_on_full_mnist(mnist_dir, tmp_path):
    """Shortened to one epoch of LeNet; they train before they test, in the order of the README."""
    for line in published_lines():
        short = re.sub(r'--epochs \d+', '--epochs 1', line)
        if '--train' in short:
            short += ' --network lenet' + ('' if '--epochs' in short else ' --epochs 1')
        done = main(f'{short} --data_dir {mnist_dir} --offline', tmp_path)
        assert done.returncode == 0, (line, done.stderr)
