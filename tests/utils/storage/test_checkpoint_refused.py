"""Checkpoints that are damaged, missing, foreign or of another network are named."""
import pytest

from tests.utils.storage.checkpoints import META, make_loss, make_net
from utils.errors import UserError
from utils.storage import checkpoint


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
