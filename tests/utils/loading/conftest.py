"""Photos of four classes, and workers that decode them."""
import pytest

from tests import photo_fixtures as fixtures
from utils.data import load_dataset
from utils.loading.photo_reader import Reader


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    return fixtures.write_folder(tmp_path_factory.mktemp('folder'), suffix='.png')


@pytest.fixture
def data(folder):
    return load_dataset('folder', folder)


@pytest.fixture(scope='session')
def two_workers():
    with Reader(2, cache_bytes=1 << 20) as reader:
        yield reader
