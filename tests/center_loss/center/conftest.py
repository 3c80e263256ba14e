"""What the tests of the ways to write center loss run over."""
import pytest

from center_loss import list_losses
from tests.center_loss.oracles import CASES


@pytest.fixture(params=list_losses('center'))
def name(request):
    return request.param


@pytest.fixture(params=[name for name in list_losses('center') if name != 'function'])
def symbolic_name(request):
    return request.param


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]
