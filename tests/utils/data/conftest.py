"""What the tests of datasets share."""
import pytest

from tests.utils.data.layouts import WRITERS


@pytest.fixture(scope='session')
def layouts(tmp_path_factory):
    """{layout: (name of the dataset, folder)}. Tests that change one copy it first."""
    found = {}
    for layout, (name, write) in WRITERS.items():
        folder = tmp_path_factory.mktemp(layout)
        write(folder)
        found[layout] = name, str(folder)
    return found
