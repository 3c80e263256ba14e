"""Reading .pth files: the same arrays as PyTorch reads, and nothing but arrays, whatever a file says."""
import os
import pickle
import random
import subprocess
import sys
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from models.pth import read_pth

from . import torch_files as files
from .torch_files import Raw, call, name, storage, tensor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NUMBERS = np.arange(24, dtype='f4')
WRITERS = {'legacy': files.write_legacy, 'zip': files.write_zip}


@pytest.fixture(params=list(WRITERS))
def write(request, tmp_path):
    """write(value, storages, ...) -> path of a .pth file."""
    return lambda value, storages=None, **kwargs: WRITERS[request.param](
        tmp_path / 'weights.pth', value, {'0': NUMBERS} if storages is None else storages, **kwargs)


def floats(offset, size, stride, count=24):
    return OrderedDict(w=tensor(storage('0', 'FloatStorage', count), offset, size, stride))


@pytest.mark.parametrize('dtype', list(files.STORAGES))
def test_every_type_of_number_is_read(write, dtype):
    numbers = np.array([0, 1, 1, 0, 1, 1] if dtype == 'b1' else [0, 1, 100, 3, 127, 5]).astype(dtype)
    path = write({'w': tensor(storage('7', files.STORAGES[dtype], 6), 0, (2, 3), (3, 1))}, {'7': numbers})
    (array,) = read_pth(path).values()
    assert array.dtype == numbers.dtype
    np.testing.assert_array_equal(array, numbers.reshape(2, 3))


def test_bfloat16_comes_as_float32(write):
    numbers = np.array([1.0, -2.5, 0.0, np.inf, 3.0e38], dtype='f4')
    upper_halves = np.frombuffer(numbers.tobytes(), '<u2')[1::2].copy()
    array = read_pth(write({'w': tensor(storage('0', 'BFloat16Storage', 5), 0, (5,), (1,))}, {'0': upper_halves}))['w']
    assert array.dtype == np.float32
    np.testing.assert_allclose(array, numbers, rtol=2 ** -7)


@pytest.mark.parametrize('offset, size, stride, expected', [
    (0, (4, 6), (6, 1), NUMBERS.reshape(4, 6)),
    (0, (6, 4), (1, 6), NUMBERS.reshape(4, 6).T),
    (7, (2, 3), (12, 2), NUMBERS[7:].reshape(-1)[[[0, 2, 4], [12, 14, 16]]]),
    (23, (), (), NUMBERS[23]),
    (0, (0, 5), (5, 1), np.zeros((0, 5))),
    (4, (1, 3, 1), (10 ** 9, 1, 10 ** 9), NUMBERS[4:7].reshape(1, 3, 1)),
])
def test_offsets_and_strides_are_respected(write, offset, size, stride, expected):
    array = read_pth(write(floats(offset, size, stride)))['w']
    assert array.shape == expected.shape
    np.testing.assert_array_equal(array, expected)


def test_tensors_may_share_a_storage_and_keep_their_order(write):
    stored = storage('0', 'FloatStorage', 24)
    parameter = call(name('torch._utils', '_rebuild_parameter'), tensor(stored, 12, (3,), (4,)), True, OrderedDict())
    arrays = read_pth(write(OrderedDict(b=tensor(stored, 0, (2,), (1,)), a=parameter)))
    assert list(arrays) == ['b', 'a']
    np.testing.assert_array_equal(arrays['a'], [12, 16, 20])


@pytest.mark.parametrize('legacy', [True, False])
@pytest.mark.parametrize('protocol', [2, 4, 5])
def test_what_pytorch_saves_is_what_it_loads(tmp_path, legacy, protocol):
    torch = pytest.importorskip('torch', reason='PyTorch is the oracle')
    torch.manual_seed(0)
    base = torch.randn(5, 8, 3)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    saved = OrderedDict(module.state_dict(), base=base, turned=base.permute(2, 0, 1), part=base[1:4, ::3],
                        half=base.half(), brain=base.bfloat16(), byte=torch.arange(7, dtype=torch.uint8),
                        flags=base[0] > 0, scalar=torch.tensor(2.5, dtype=torch.float64), nothing=torch.zeros(0, 3),
                        parameter=torch.nn.Parameter(base[2]))
    path = str(tmp_path / 'saved.pth')
    torch.save(saved, path, pickle_protocol=protocol, _use_new_zipfile_serialization=not legacy)
    arrays = read_pth(path)
    assert list(arrays) == list(saved)
    for key, value in saved.items():
        expected = (value.float() if value.dtype == torch.bfloat16 else value).detach().numpy()
        assert arrays[key].dtype == expected.dtype and arrays[key].shape == expected.shape
        np.testing.assert_array_equal(arrays[key], expected)


def test_reading_imports_neither_torch_nor_mxnet(tmp_path):
    path = files.write_zip(tmp_path / 'w.pth', floats(0, (24,), (1,)), {'0': NUMBERS})
    code = (f'import sys; from models.pth import read_pth; assert len(read_pth({path!r})) == 1; '
            f'assert not {{"torch", "mxnet"}} & set(sys.modules)')
    subprocess.run([sys.executable, '-c', code], cwd=ROOT, check=True, timeout=60)


class Attack:
    """Pickles as a call of `function`."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def attacks(folder):
    """{what: (instructions that would make `folder`, the name that gives them away)}."""
    text = f'__import__("os").mkdir({folder!r})'

    def body(attack, protocol):  # less PROTO, FRAME and STOP
        content = pickle.dumps(attack, protocol)
        return Raw(content[2 + 9 * (protocol >= 4):-1])

    getattr_ = name('builtins', 'getattr')
    return {
        'mkdir': (body(Attack(os.mkdir, folder), 2), r'(posix|nt)\.mkdir'),
        'protocol 4': (body(Attack(os.mkdir, folder), 4), r'(posix|nt)\.mkdir'),
        'eval': (body(Attack(eval, text), 2), r'__builtin__\.eval'),
        'exec as Python 3 names it': (call(name('builtins', 'exec'), text), r'builtins\.exec'),
        'getattr of a module': (call(call(getattr_, name('os', 'path'), 'os'), folder), r'builtins\.getattr'),
        'getattr of an allowed class': (call(call(getattr_, name('collections', 'OrderedDict'), '__init__')),
                                        r'builtins\.getattr'),
        'old instance': (Raw(b'(' + files.encode(text) + b'ibuiltins\neval\n'), r'INST of builtins\.eval'),
        'old object': (Raw(b'(' + files.encode(name('builtins', 'eval')) + files.encode(text) + b'o'),
                       r'builtins\.eval'),
        'new object': (Raw(files.encode(name('builtins', 'eval')) + files.encode((text,)) + b'\x81'),
                       r'builtins\.eval'),
        'extension': (Raw(b'\x82\x01'), 'EXT1'),
        'dotted name': (Raw(files.encode('torch._utils') + files.encode('_rebuild_tensor_v2.__globals__') + b'\x93'),
                        r'_rebuild_tensor_v2\.__globals__'),
        'call of a type': (call(name('torch', 'FloatStorage'), folder), r'calls torch\.FloatStorage'),
        'call of a string': (call('os.mkdir', folder), 'calls str'),
        'attributes of a call': (Raw(files.encode(name('collections', 'OrderedDict'))
                                     + files.encode({'call': name('torch', 'FloatStorage')}) + b'b'),
                                 'sets attributes of a Name'),
        'storage of another type': (Raw(files.encode(('storage', name('builtins', 'eval'), '0', 'cpu', 1)) + b'Q'),
                                    r'builtins\.eval'),
    }


def test_the_attacks_work_on_python_itself(tmp_path):
    for number, what in enumerate(('mkdir', 'eval', 'exec as Python 3 names it')):
        folder = tmp_path / str(number)
        pickle.loads(files.pickled(attacks(str(folder))[what][0]))
        assert folder.is_dir()


@pytest.mark.parametrize('what', list(attacks('')))
def test_a_file_that_tries_to_run_code_is_refused_by_name(write, tmp_path, what):
    attack, named = attacks(str(tmp_path / 'made'))[what]
    for value in (attack, OrderedDict(w=attack), OrderedDict(w=tensor(attack, 0, (1,), (1,)))):
        path = write(value)
        with pytest.raises(ValueError, match=named):
            read_pth(path)
    assert os.listdir(str(tmp_path)) == ['weights.pth']


@pytest.mark.parametrize('part', ['magic', 'protocol', 'system', 'keys'])
def test_no_pickle_of_a_legacy_file_may_name_anything_else(tmp_path, part):
    attack = files.pickled(attacks(str(tmp_path / 'made'))['exec as Python 3 names it'][0])
    path = files.write_legacy(tmp_path / 'w.pth', floats(0, (24,), (1,)), {'0': NUMBERS}, **{part: attack})
    with pytest.raises(ValueError, match=r'builtins\.exec'):
        read_pth(path)
    assert os.listdir(str(tmp_path)) == ['w.pth']


@pytest.mark.parametrize('offset, size, stride', [
    (0, (25,), (1,)), (1, (24,), (1,)), (24, (), ()), (0, (4, 6), (7, 1)), (0, (2, 2), (23, 1)),
    (-1, (2,), (1,)), (0, (-2,), (1,)), (5, (3,), (-1,)), (0, (2 ** 62,), (0,)), (0, (1000, 1000), (0, 0)),
    (2 ** 70, (1,), (1,)), (0, (2,), (2 ** 70,)), (0, (0, 2 ** 70), (1, 1)), (0, (1,) * 65, (1,) * 65),
    (0, (24,), ()), (True, (1,), (1,)), ('0', (1,), (1,)), (0, [24], (1,)), (0, (24,), None),
])
def test_a_tensor_outside_its_storage_is_refused(write, offset, size, stride):
    path = write(floats(offset, size, stride))
    with pytest.raises(ValueError, match=r'is not a \.pth file of tensors'):
        read_pth(path)


@pytest.mark.parametrize('count', [23, 25, 2 ** 40, 2 ** 70, -1])
def test_a_storage_of_another_size_than_it_claims_is_refused(write, count):
    path = write(floats(0, (1,), (1,), count))
    with pytest.raises(ValueError, match=r'storage|size'):
        read_pth(path)


@pytest.mark.parametrize('value', [
    [], 3, {'epoch': 3}, {'state_dict': {}, 'epoch': None}, {5: tensor(storage('0', 'FloatStorage', 24), 0, (), ())}])
def test_anything_but_tensors_by_name_is_refused(write, value):
    path = write(value)
    with pytest.raises(ValueError, match='expected a state dict'):
        read_pth(path)


def test_pickles_that_would_take_for_ever_are_refused_at_once(write):
    doubled = b'N' + b'q\x00h\x00\x86' * 100  # a tuple of itself twice, 100 times: 2 ** 100 elements to hash or print
    for value in (Raw(b'}' + doubled + b'Ns'), Raw(doubled + doubled + b'\x93'), Raw(doubled + b'Q'), Raw(doubled)):
        path = write(value)
        with pytest.raises(ValueError):
            read_pth(path)
    far = Raw(b'}r\xff\xff\xff\x7f')  # Python's Unpickler reserves memory for every place before this one
    assert read_pth(write(far, {})) == {}


@pytest.mark.parametrize('instructions', [b'\x85' * 200_000, b'(' * 150_000 + b't' * 150_000])
def test_a_pickle_without_end_is_left_before_its_end(write, instructions):
    path = write(Raw(b'N' + instructions))
    with pytest.raises(ValueError, match='expected at most 200000 pickle instructions, got more'):
        read_pth(path)


def test_a_network_of_four_thousand_tensors_is_none_without_end(write):
    (one,) = floats(0, (24,), (1,)).values()
    assert len(read_pth(write(OrderedDict((f'block{number}.weight', one) for number in range(4000))))) == 4000


@pytest.mark.parametrize('dimensions', [33, 5000])
def test_sizes_beyond_any_number_of_dimensions_are_not_multiplied(write, dimensions):
    path = write(floats(0, (1 << 2000,) * dimensions, (0,) * dimensions))
    with pytest.raises(ValueError, match='expected a tensor of a storage'):
        read_pth(path)


def test_a_pipe_is_not_waited_for_and_a_device_is_not_read(tmp_path):
    os.mkfifo(str(tmp_path / 'pipe.pth'))
    for path in (str(tmp_path / 'pipe.pth'), '/dev/zero'):
        with pytest.raises(ValueError, match=f'cannot read {path}: it is no regular file'):
            read_pth(path)


def test_what_an_error_quotes_from_a_file_is_one_short_line(write):
    path = write(Raw(files.encode('a\n\x1b[2J' + 'b' * 10_000) + files.encode('c') + b'\x93'))
    with pytest.raises(ValueError) as refusal:
        read_pth(path)
    assert str(refusal.value).isprintable() and len(str(refusal.value)) < 1000


def test_every_truncated_file_is_refused(write):
    path = write(floats(0, (4, 6), (6, 1)))
    with open(path, 'rb') as file:
        content = file.read()
    for size in range(len(content)):
        with open(path, 'wb') as file:
            file.write(content[:size])
        with pytest.raises(ValueError):
            read_pth(path)


def test_a_damaged_file_never_fails_in_another_way(write):
    path = write(floats(0, (4, 6), (6, 1)))
    with open(path, 'rb') as file:
        content = file.read()
    dice = random.Random(0)
    for _ in range(500):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 3)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        with open(path, 'wb') as file:
            file.write(damaged)
        try:
            arrays = read_pth(path)
        except ValueError:
            continue
        assert all(isinstance(array, np.ndarray) for array in arrays.values())


def test_archives_with_tricks_are_refused(tmp_path):
    def refused(match, value=None, storages=None, **kwargs):
        path = files.write_zip(tmp_path / 'w.pth', value or floats(0, (24,), (1,)),
                               {'0': NUMBERS} if storages is None else storages, **kwargs)
        with pytest.raises(ValueError, match=match):
            read_pth(path)
        return path

    refused('compressed', compression=zipfile.ZIP_DEFLATED)
    refused('one data.pkl', members=[('other/data.pkl', files.pickled({}))])
    refused('little-endian', members=[('archive/byteorder', b'big')])
    refused('no item named', storages={})
    with pytest.warns(UserWarning, match='Duplicate name'):
        refused('every name once', members=[('archive/data/0', NUMBERS.tobytes())])
    outside = OrderedDict(w=tensor(storage('../../../outside', 'FloatStorage', 24), 0, (24,), (1,)))
    refused('no item named', outside)
    assert os.listdir(str(tmp_path)) == ['w.pth']


def test_members_that_overlap_cannot_make_a_small_file_large(tmp_path):
    count, copies = 100_000, 50
    value = OrderedDict((f'w{key}', tensor(storage(str(key), 'FloatStorage', count), 0, (1,), (1,)))
                        for key in range(copies))
    path = tmp_path / 'w.pth'
    with zipfile.ZipFile(str(path), 'w') as archive:
        archive.writestr('archive/data.pkl', files.pickled(value))
        archive.writestr('archive/data/0', np.zeros(count, 'f4').tobytes())
        member = archive.getinfo('archive/data/0')
        for key in range(1, copies):
            again = zipfile.ZipInfo(f'archive/data/{key}')
            for field in ('CRC', 'compress_size', 'file_size', 'header_offset'):
                setattr(again, field, getattr(member, field))
            again.orig_filename = member.filename
            archive.filelist.append(again)
    with pytest.raises(ValueError, match='larger than the file'):
        read_pth(str(path))


def test_a_missing_or_foreign_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r'cannot read .*none\.pth: No such file'):
        read_pth(str(tmp_path / 'none.pth'))
    for content in (b'', b'hello', b'PK\x03\x04', b'\x80'):
        (tmp_path / 'w.pth').write_bytes(content)
        with pytest.raises(ValueError, match=r'w\.pth is not a \.pth file of tensors'):
            read_pth(str(tmp_path / 'w.pth'))
