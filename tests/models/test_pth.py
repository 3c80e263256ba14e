"""Reading .pth files: the same arrays as PyTorch reads."""
import subprocess
import sys
from collections import OrderedDict

import numpy as np
import pytest

from models.pth import read_pth
from tests.cli import ROOT

from . import torch_files as files
from .torch_files import NUMBERS, call, floats, name, storage, tensor


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
