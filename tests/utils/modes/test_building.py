"""What cannot be built is refused."""
import pytest

import main
from utils.errors import UserError
from utils.modes.building import Builder


@pytest.mark.parametrize('count', [10 ** 9, 10 ** 20])
def test_more_parameters_of_a_loss_than_mxnet_can_count_are_refused(count):
    config = main.parse(['--train', '--network', 'lenet', '--loss', f'softtriple:centers_per_class={count}']).config
    with Builder(config.machine) as builder, pytest.raises(
            UserError, match='has more parameters than MXNet can hold for 10 classes and 2 features'):
        builder.model(config, (1, 28, 28))
