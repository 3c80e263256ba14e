"""What the tests of the metric-learning losses run over."""
import pytest

from center_loss import has_parameters, list_losses
from tests.center_loss.metric_oracles import CASES


def case_id(case):
    return ' '.join([case[0], *(f'{key}={value}' for key, value in case[1].items())])


@pytest.fixture(params=CASES, ids=case_id)
def case(request):
    return request.param


@pytest.fixture(params=[case for case in CASES if has_parameters(case[0])], ids=case_id)
def proxy_case(request):
    return request.param


@pytest.fixture(params=list_losses('metric'))
def name(request):
    return request.param


@pytest.fixture(params=[name for name in list_losses('metric') if has_parameters(name)])
def proxy_name(request):
    return request.param
