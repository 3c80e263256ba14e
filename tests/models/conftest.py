"""What the tests of .pth files write them with."""
import pytest

from .torch_files import NUMBERS, WRITERS


@pytest.fixture(params=list(WRITERS))
def write(request, tmp_path):
    """write(value, storages, ...) -> path of a .pth file."""
    return lambda value, storages=None, **kwargs: WRITERS[request.param](
        tmp_path / 'weights.pth', value, {'0': NUMBERS} if storages is None else storages, **kwargs)
