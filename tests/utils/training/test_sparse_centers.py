"""A sparse gradient of the centres is faster with many classes, and changes nothing that is learnt."""
import mxnet as mx
import numpy as np
import pytest

import main
from tests.cli import QUICK, succeed
from tests.utils.training.digits import CPU, arrays_of, build, random_split, train
from utils.loading.batches import Batches
from utils.modes.building import Builder
from utils.storage import checkpoint
from utils.training.optimizers import build_trainers
from utils.training.sparse_centers import WORTH, is_sparse


def config_of(flags):
    return main.parse(['--train', '--center_loss', '--network', 'lenet', *flags.split()]).config


def model_of(flags, contexts):
    """(network, center loss) of main.py with such flags."""
    config = config_of(flags)
    with Builder(config.machine) as builder:
        builder.contexts = contexts
        return builder.model(config, (1, 28, 28))[:2]


@pytest.mark.parametrize('contexts', [CPU, [mx.cpu(0), mx.cpu(1)]], ids=['one device', 'two'])
@pytest.mark.parametrize('flags', ['', '--center_update paper', '--balance False'])
def test_what_is_learnt_is_the_same(flags, contexts):
    """50 images of 10 of 30 classes in batches of 16, so that some centres are in no batch, and one in several rows."""
    learnt = []
    for asked in ('on', 'off'):
        net, centers = model_of(f'--num_classes 30 --sparse_centers {asked} {flags}', contexts)
        before = centers.centers.asnumpy()
        train(net, centers, Batches(random_split(), 16, contexts, seed=0), epochs=3)
        (param,) = centers.collect_params().values()
        assert param.list_grad()[0].stype == {'on': 'row_sparse', 'off': 'default'}[asked]
        learnt.append(arrays_of(net, centers))
        moved = np.abs(centers.centers.asnumpy() - before).max(axis=1)
        assert (moved[:10] > 1e-4).all() and not moved[10:].any()
    for sparse, dense in zip(*learnt):
        np.testing.assert_allclose(sparse, dense, rtol=1e-5, atol=1e-7)


def test_a_run_may_go_on_with_the_other_gradient(tmp_path):
    flags = f'--train --center_loss {QUICK}'
    succeed(f'{flags} --epochs 2 --sparse_centers off --prefix dense', tmp_path)
    succeed(f'{flags} --epochs 1 --sparse_centers on --prefix both', tmp_path)
    succeed(f'{flags} --epochs 2 --resume --prefix both', tmp_path)
    dense, both = (checkpoint.load(str(tmp_path / 'ckpt' / f'{name}.state')) for name in ('dense', 'both'))
    assert both.meta['epoch'] == 2 and both.meta['config'] == dense.meta['config']
    np.testing.assert_allclose(both.centers.asnumpy(), dense.centers.asnumpy(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize('flags, sparse', [
    ('', False), ('--num_classes 1000000', True), ('--num_classes 1000 --feature_size 512', True),
    ('--num_classes 1000 --feature_size 64', False), ('--num_classes 1000000 --center_optimizer adam', False),
    ('--num_classes 1000000 --center_impl parameter', False), ('--num_classes 1000000 --sparse_centers off', False),
    ('--sparse_centers on', True), ('--num_classes 1000000 --preset keras', False),
    ('--num_classes 1000000 --momentum 0.9 --wd 0.1 --center_update paper --ema 0.9', True)])
def test_auto_is_sparse_where_that_pays_and_changes_nothing(flags, sparse):
    """Momentum and weight decay are of the network alone."""
    config = config_of(flags)
    sizes = config.network.num_classes, config.network.feature_size
    assert is_sparse(config.machine.sparse_centers, config.center, *sizes) == sparse


def test_the_centers_of_many_classes_get_a_sparse_gradient_unasked():
    for count, kind in ((WORTH // 2, 'row_sparse'), (WORTH // 2 - 1, 'default')):
        (param,) = model_of(f'--num_classes {count}', CPU)[1].collect_params().values()
        assert param.list_grad()[0].stype == kind


def test_their_trainer_moves_no_center_but_those_of_the_batch():
    """What the sparse gradient takes for granted of `build_trainers`: neither momentum nor decay."""
    config = config_of('--momentum 0.9 --wd 0.1')
    net, centers = build()
    optimizer = build_trainers(config, net, centers)[0][1]._optimizer
    assert (optimizer.momentum, optimizer.wd) == (0, 0)
