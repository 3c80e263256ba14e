"""Shared by all tests: MXNet's threads, a cache of the session's own, and where real data may be."""
import os
import signal
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import center_loss  # noqa: F401, before any test imports MXNet: it makes that possible
from utils import runtime

runtime.prepare_mxnet(1)  # before any test imports MXNet; more threads of two workers would wait for each other
# Tests that a shell starts in the background ignore Ctrl-C, and so would every process that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    """Files are given out in their order, which has the long ones first, so that both workers end together."""
    if hasattr(config.option, 'loadscopereorder'):  # of pytest-xdist for Python 3.9 and later
        config.option.loadscopereorder = False


@pytest.fixture(scope='session', autouse=True)
def cache_of_this_session(tmp_path_factory):
    """Datasets are cached where no earlier session left anything, and subprocesses look there too."""
    folder = tmp_path_factory.mktemp('cache')
    os.environ['XDG_CACHE_HOME'] = str(folder)
    return folder


@pytest.fixture(scope='session')
def mnist_dir():
    """The folder with the four official MNIST files that the environment variable MNIST_DIR names."""
    folder = os.environ.get('MNIST_DIR')
    if not folder:
        pytest.skip('full MNIST is not here: set MNIST_DIR to the folder with its four idx files')
    return folder
