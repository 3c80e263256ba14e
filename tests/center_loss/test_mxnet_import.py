"""`import center_loss` makes `import mxnet` possible, on a NumPy that has removed what MXNet asks of it."""
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.cli import ROOT

USE = ('from center_loss import CenterLoss\nfrom mxnet import nd\nloss = CenterLoss(2, 3, weight_initializer="ones")\n'
       'loss.initialize()\nprint(loss(nd.zeros((4, 3)), nd.array([0, 0, 1, 1])).asnumpy().tolist())')


def run(code, *flags):
    return subprocess.run([sys.executable, *flags, '-c', code], cwd=ROOT, capture_output=True, text=True)


def test_the_library_works_after_an_import_of_mxnet_that_failed():
    """A session in which the first `import mxnet` came before ours, and left half of MXNet behind."""
    done = run('import sys\ntry:\n    import mxnet\nexcept AttributeError:\n'
               f'    assert "mxnet" not in sys.modules and "mxnet.base" in sys.modules\n{USE}')
    assert done.stdout == '[0.75, 0.75, 0.75, 0.75]\n', done.stderr  # 3 / 2 for each sample, by the 2 of its class


def test_importing_it_imports_neither_numpy_nor_mxnet():
    done = run('import sys, center_loss; print({"numpy", "mxnet"} & set(sys.modules))')
    assert done.stdout == 'set()\n', done.stderr


@pytest.mark.parametrize('code', ['import center_loss; center_loss.CenterLoss', 'import center_loss, mxnet'])
def test_without_mxnet_the_error_has_the_line_that_installs_it(code):
    done = run(code, '-S')  # no site-packages
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        'ModuleNotFoundError: MXNet is not installed: pip install --no-deps mxnet==1.9.1')


def test_without_mxnet_main_says_so_in_one_line(tmp_path):
    """The packages of this environment but MXNet, as links."""
    site = os.path.dirname(os.path.dirname(np.__file__))
    for name in os.listdir(site):
        if not name.startswith('mxnet'):
            os.symlink(os.path.join(site, name), tmp_path / name)
    done = subprocess.run([sys.executable, '-S', os.path.join(ROOT, 'main.py'), '--train'], cwd=str(tmp_path),
                          env={**os.environ, 'PYTHONPATH': str(tmp_path)}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        2, 'main.py: error: MXNet is not installed: pip install --no-deps mxnet==1.9.1\n')


@pytest.mark.filterwarnings('ignore::DeprecationWarning')  # of a NumPy that still has them, where this tests the oracle
def test_the_names_that_numpy_removed_are_what_they_were():
    a = np.array([[3., 1.], [2., 0.]])
    numbers = [np.PZERO, np.NZERO, np.PINF, np.NINF, np.Inf, np.NaN, np.NAN]
    assert str(numbers) == '[0.0, -0.0, inf, -inf, inf, nan, nan]'
    assert (np.alltrue(a), np.sometrue(a), np.product(a), np.product([2, 3]), np.round_(1.26, 1)) == (
        False, True, 0, 6, 1.3)
    np.testing.assert_array_equal(np.msort(a), [[2, 0], [3, 1]])
    np.testing.assert_array_equal(np.in1d(a, [1, 2]), [False, True, True, False])
    np.testing.assert_array_equal(np.in1d(a, [1, 2], invert=True), [True, False, False, True])
    np.testing.assert_array_equal(np.trapz(a), [2, 1])
    assert np.dtype(np.bool) == np.dtype('bool') and all(
        callable(getattr(np, name)) for name in ('mirr', 'npv', 'pmt', 'ppmt', 'pv', 'rate'))
