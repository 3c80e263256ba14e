"""Checkpoints hold everything, are replaced whole, and refuse what is not theirs."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from center_loss import CenterLoss, ParameterCenterLoss
from models import get_model
from utils import checkpoint
from utils.errors import UserError

META = {'config': {'network': 'lenet'}, 'epoch': 3}


def make_net(**kwargs):
    net = get_model('lenet', **kwargs)
    net.initialize(mx.init.Xavier())
    net(nd.zeros((1, 1, 28, 28)))
    return net


def make_loss(cls=CenterLoss):
    loss = cls(10, 2)
    loss.initialize(mx.init.Xavier())
    return loss


def outputs(net):
    return [array.asnumpy() for array in net(nd.ones((2, 1, 28, 28)))]


def test_everything_comes_back(tmp_path):
    path, net, loss = str(tmp_path / 'a.params'), make_net(), make_loss()
    checkpoint.save(path, META, net, loss, [{'0.0': nd.ones((2, 3))}, {}])
    loaded = checkpoint.load(path)
    assert loaded.meta == {'format': 1, 'digest': loaded.digest, **META}
    np.testing.assert_array_equal(loaded.trainer_arrays(0)['0.0'].asnumpy(), np.ones((2, 3)))
    assert loaded.trainer_arrays(1) == {}
    other, other_loss = make_net(), make_loss(ParameterCenterLoss)  # centres fit either implementation
    assert not np.array_equal(outputs(other)[0], outputs(net)[0])
    loaded.restore(other, other_loss)
    for got, wanted in zip(outputs(other), outputs(net)):
        np.testing.assert_array_equal(got, wanted)
    np.testing.assert_array_equal(other_loss.centers.asnumpy(), loss.centers.asnumpy())


def test_the_digest_is_that_of_the_arrays_and_finds_a_flipped_bit(tmp_path):
    path, net = tmp_path / 'a.params', make_net()
    checkpoint.save(str(path), META, net)
    checkpoint.save(str(tmp_path / 'same.params'), {**META, 'epoch': 4}, net)
    checkpoint.save(str(tmp_path / 'other.params'), META, make_net())
    digests = [checkpoint.load(str(tmp_path / name)).digest for name in ('a.params', 'same.params', 'other.params')]
    assert digests[0] == digests[1] != digests[2]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r'a\.params is damaged'):
        checkpoint.load(str(path))


@pytest.mark.parametrize('meta', ['[1, 2]', '{"format": 1}', 'nonsense', '{"format": 99}'])
def test_a_file_whose_json_is_not_ours_is_named(tmp_path, meta):
    path = str(tmp_path / 'a.params')
    nd.save(path, {'meta.json': nd.array(np.frombuffer(meta.encode(), np.uint8), dtype=np.uint8)})
    with pytest.raises(UserError, match=r'a\.params (is damaged|has another format)'):
        checkpoint.load(path)


def test_gluons_own_load_parameters_reads_it(tmp_path):
    path, net = str(tmp_path / 'a.params'), make_net()
    checkpoint.save(path, META, net, make_loss())
    other = get_model('lenet')
    other.load_parameters(path, ignore_extra=True)
    np.testing.assert_array_equal(outputs(other)[0], outputs(net)[0])


def test_without_center_loss_no_centers_are_saved(tmp_path):
    path = str(tmp_path / 'a.params')
    checkpoint.save(path, META, make_net())
    assert checkpoint.load(path).centers is None


@pytest.mark.parametrize('damage, message', [
    (lambda content: content[:len(content) // 2], 'is damaged or not a .params file'),
    (lambda content: content[:-1], 'is damaged or not a .params file'),
    (lambda content: b'', 'is damaged or not a .params file'),
    (lambda content: b'PK not ours at all', 'is damaged or not a .params file'),
])
def test_a_damaged_file_is_named(tmp_path, damage, message):
    path = tmp_path / 'a.params'
    checkpoint.save(str(path), META, make_net())
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=f'a.params {message}'):
        checkpoint.load(str(path))


def test_a_missing_file_and_a_foreign_one_are_named(tmp_path):
    with pytest.raises(UserError, match=r'no checkpoint .*nowhere\.params'):
        checkpoint.load(str(tmp_path / 'nowhere.params'))
    path = str(tmp_path / 'foreign.params')
    make_net().save_parameters(path)
    with pytest.raises(UserError, match=r'foreign\.params is not a checkpoint of this program'):
        checkpoint.load(path)


def test_arrays_that_do_not_fit_the_network_are_named(tmp_path):
    path = str(tmp_path / 'a.params')
    checkpoint.save(path, META, make_net(feature_size=3), make_loss())
    with pytest.raises(UserError, match=r'expected feature\.weight of shape \(2, 800\), got \(3, 800\)'):
        checkpoint.load(path).restore(make_net())
    checkpoint.save(path, META, make_net(feature_use_bias=False))
    with pytest.raises(UserError, match=r'expected an array feature\.bias, got none'):
        checkpoint.load(path).restore(make_net())


def test_a_write_that_fails_names_the_file(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(UserError, match=r'cannot write .*file/a\.params'):
        checkpoint.save(str(tmp_path / 'file' / 'a.params'), META, make_net())
