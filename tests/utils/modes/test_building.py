"""What cannot be built is refused."""
import pytest

import center_loss
import main
import models
from utils.errors import UserError
from utils.modes.building import Builder


@pytest.mark.parametrize('count', [10 ** 9, 10 ** 20])
def test_more_parameters_of_a_loss_than_mxnet_can_count_are_refused(count):
    args = main.parse(['--train', '--network', 'lenet', '--loss', f'softtriple:centers_per_class={count}'])
    with Builder(models, center_loss, args) as builder, pytest.raises(
            UserError, match='has more parameters than MXNet can hold for 10 classes and 2 features'):
        builder.model(main.configs.config_of(args))
