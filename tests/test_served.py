"""The process that tests fork main.py from: what it runs ends and speaks as in a process of its own."""
import pytest

from tests.cli import main


@pytest.mark.parametrize('text, status', [
    ('--train --epochs none', 2), ('--test --prefix nowhere', 2), ('--train --loss triplet:margin=abc', 2),
    ('--download --dataset mnist5k', 0)])
def test_a_run_ends_as_one_alone_does(tmp_path, text, status):
    served, alone = (main(text, tmp_path, alone=alone) for alone in (False, True))
    assert served.returncode == alone.returncode == status
    assert (served.stdout, served.stderr) == (alone.stdout, alone.stderr) and served.stdout + served.stderr


def test_threads_are_not_pretended(tmp_path):
    """It has imported MXNet with its own already."""
    assert 'runs alone' in main('--train --threads 2 --epochs 1', tmp_path).stderr
