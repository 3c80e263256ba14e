"""Checkpoints hold everything, are replaced whole, and refuse what is not theirs."""
import hashlib
import json
import os

import numpy as np
import pytest
from mxnet import gluon, nd

from center_loss import ParameterCenterLoss
from models import get_model
from tests.utils.storage.checkpoints import META, make_loss, make_net
from utils.errors import UserError
from utils.storage import checkpoint
from utils.storage.params_file import read_params


def outputs(net):
    return [array.asnumpy() for array in net(nd.ones((2, 1, 28, 28)))]


def test_everything_comes_back(tmp_path):
    path, net, loss = str(tmp_path / 'a.params'), make_net(), make_loss()
    checkpoint.save(path, META, net, loss, [{'0.0': nd.ones((2, 3))}, {}])
    loaded = checkpoint.load(path)
    assert loaded.meta == {'format': 2, 'kind': '.params', 'digest': loaded.digest, **META}
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


def save_arrays(path, arrays, text, sealed=True):
    """Write a checkpoint by hand. text: its JSON, bytes."""
    said = {'meta.json': text, **({'meta.json.sha256': hashlib.sha256(text).digest()} if sealed else {})}
    nd.save(path, {**{name: nd.array(array, dtype=array.dtype) for name, array in arrays.items()}, **{
        name: nd.array(np.frombuffer(content, np.uint8), dtype=np.uint8) for name, content in said.items()}})


@pytest.mark.parametrize('sealed', [True, False])
@pytest.mark.parametrize('text', [
    '[1, 2]', '{"format": 1}', '{"format": 2}', 'nonsense', '{"format": 99}', '\xff', '[' * 100_000, '{"a": NaN}',
    '{"format": 2, "kind": ".params", "config": {}, "epoch": 1, "digest": 5}'])
def test_a_file_whose_json_is_not_ours_is_named_in_one_line(tmp_path, text, sealed):
    path = str(tmp_path / 'a.params')
    save_arrays(path, {}, text.encode('latin-1'), sealed)
    with pytest.raises(UserError, match=r'^[^\n]*a\.params is damaged[^\n]+$'):
        checkpoint.load(path)


def test_every_flipped_bit_of_the_json_is_found(tmp_path):
    """Some would leave JSON with other keys or numbers."""
    path = tmp_path / 'a.params'
    checkpoint.save(str(path), META, make_loss(ParameterCenterLoss))
    content, text = path.read_bytes(), read_params(str(path))['meta.json'].tobytes()
    start = content.index(text)
    for place in range(start, start + len(text)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1:])
        with pytest.raises(UserError, match=r'a\.params is damaged: its meta\.json is not what was saved'):
            checkpoint.load(str(path))


FLOATS = np.arange(1, 7, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize('changed', [
    {'v': FLOATS}, {'w': FLOATS.reshape(3, 2)}, {'w': FLOATS.view(np.int32)}, {'w': FLOATS[::-1]}, {},
    {'w': FLOATS, 'x': FLOATS}], ids=['name', 'shape', 'type', 'contents', 'none', 'one more'])
def test_arrays_of_another_name_shape_type_or_content_are_found(tmp_path, changed):
    """The bytes of the first three are those that were saved."""
    path = str(tmp_path / 'a.params')
    net = gluon.nn.Block(prefix='')
    net.w = gluon.Parameter('w', shape=FLOATS.shape)
    net.w.initialize()
    net.w.set_data(nd.array(FLOATS))
    checkpoint.save(path, META, net)
    text = read_params(path)['meta.json'].tobytes()
    save_arrays(path, {'w': FLOATS}, text)
    assert list(checkpoint.load(path).arrays) == ['w']
    save_arrays(path, changed, text)
    with pytest.raises(UserError, match='its arrays are not those that were saved'):
        checkpoint.load(path)


MORE = dict.fromkeys((  # of a state
    'command', 'stage', 'plotting', 'history', 'best', 'collapsed', 'updates', 'versions'))


@pytest.mark.parametrize('name, more', [('a.params', {}), ('a.state', MORE)])
def test_a_checkpoint_that_lacks_what_is_read_is_refused(tmp_path, name, more):
    path, arrays = str(tmp_path / name), {'w': FLOATS}
    meta = {'format': 2, 'kind': os.path.splitext(name)[1], 'digest': digest_of(arrays), **META, **more}
    save_arrays(path, arrays, json.dumps(meta).encode())
    assert checkpoint.load(path).meta == meta
    for lacking in {'kind', *META, *more}:  # a key of another version of the program
        text = json.dumps(meta).replace(f'"{lacking}"', f'"{lacking}?"').encode()
        save_arrays(path, arrays, text)
        with pytest.raises(UserError, match=f'is damaged: its meta.json has no {lacking}'):
            checkpoint.load(path)


def digest_of(arrays):
    """SHA-256 over a line on each array and its bytes."""
    return hashlib.sha256(b''.join(
        f'{name} {arrays[name].shape} {arrays[name].dtype}\n'.encode() + arrays[name].tobytes()
        for name in sorted(arrays))).hexdigest()


@pytest.mark.parametrize('made, name', [('a.params', 'a.state'), ('a.state', 'a.params')])
def test_a_state_that_was_renamed_to_a_model_is_refused_and_the_other_way_round(tmp_path, made, name):
    path, more = str(tmp_path / made), MORE if made == 'a.state' else {}
    checkpoint.save(path, {**META, **more}, make_loss())
    checkpoint.load(path)
    os.rename(path, str(tmp_path / name))
    with pytest.raises(UserError, match=f'{name} was saved as a {made[1:]} file and is renamed: .* --resume goes on'):
        checkpoint.load(str(tmp_path / name))


def test_gluons_own_load_parameters_reads_it(tmp_path):
    path, net = str(tmp_path / 'a.params'), make_net()
    checkpoint.save(path, META, net)
    assert checkpoint.load(path).centers is None, 'there was no center loss'
    checkpoint.save(path, META, net, make_loss())
    other = get_model('lenet')
    other.load_parameters(path, ignore_extra=True)
    np.testing.assert_array_equal(outputs(other)[0], outputs(net)[0])
