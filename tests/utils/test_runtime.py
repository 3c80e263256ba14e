"""Threads, devices and versions."""
import subprocess
import sys

import mxnet as mx
import pytest

from tests.cli import ROOT
from utils import runtime
from utils.errors import UserError


def test_threads_cannot_be_set_once_mxnet_is_there():
    with pytest.raises(RuntimeError, match='before mxnet is imported'):
        runtime.prepare_mxnet(1)


def test_mxnet_is_imported_without_scikit_learn_which_can_be_imported_later():
    code = ("import sys, center_loss\nfrom utils import runtime\nruntime.prepare_mxnet(1)\nimport mxnet\n"
            "assert not [name for name in sys.modules if name.startswith('sklearn')]\n"
            "from sklearn.base import BaseEstimator\nprint(mxnet.nd.ones(2).asnumpy())")
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == '[1. 1.]\n', done.stderr


@pytest.mark.skipif(mx.context.num_gpus() > 0, reason='this machine has a GPU')
def test_without_a_gpu_use_gpu_warns_in_one_line_and_gpus_is_an_error(capsys):
    assert runtime.choose_contexts(use_gpu=True) == [mx.cpu()]
    assert capsys.readouterr().err == 'main.py: warning: --use_gpu True, but MXNet finds no GPU; using the CPU\n'
    with pytest.raises(UserError, match=r'--gpus expected numbers below 0 \(GPUs found: 0\), got 0'):
        runtime.choose_contexts(gpus=[0, 1])


def test_versions_name_what_a_result_depends_on():
    versions = runtime.versions()
    assert versions['mxnet'] == '1.9.1' and int(versions['threads']) >= 1
    assert set(versions) == {'python', 'mxnet', 'numpy', 'threads', 'commit'}
