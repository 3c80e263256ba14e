"""The CUDA libraries of NVIDIA's wheels: every one that MXNet links to is pinned, found and loaded before it.

`GPU_PYTHON=DIR/bin/python pytest tests/utils/test_cuda_libraries.py` looks at an environment with
requirements-gpu.txt or requirements-gpu-cu117.txt too. It needs no GPU: the driver is a stub that finds none.
"""
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.cli import ROOT
from utils import runtime

GPU_PYTHON = os.environ.get('GPU_PYTHON')
WHEELS = {'cudart': 'cuda-runtime', 'nvrtc': 'cuda-nvrtc', 'cublasLt': 'cublas', 'nvToolsExt': 'nvtx'}
_LOADED = ("maps = open('/proc/self/maps').read()\n"
           "print(*sorted({line.split('/')[-1] for line in maps.splitlines() if '/nvidia/' in line}))")
needs_gcc = pytest.mark.skipif(not shutil.which('gcc'), reason='there is no gcc')


def compile_library(path, functions=()):
    """A library whose functions all return 100: of a driver, that is 'no device'."""
    path.parent.mkdir(parents=True, exist_ok=True)
    source = ''.join(f'int {name}(void) {{ return 100; }}\n' for name in functions)
    subprocess.run(['gcc', '-shared', '-fPIC', f'-Wl,-soname,{path.name}', '-xc', '-', '-o', str(path)], check=True,
                   input=source, text=True)


@pytest.mark.parametrize('file', ['requirements-gpu.txt', 'requirements-gpu-cu117.txt'])
def test_every_library_is_in_a_wheel_that_is_pinned(file):
    with open(os.path.join(ROOT, file), encoding='utf-8') as opened:
        pinned = re.findall(r'^nvidia-(\S+)-cu11==', opened.read(), re.MULTILINE)
    names = [re.match(r'lib(\w+)\.so', library).group(1) for library in runtime._CUDA_LIBRARIES]
    needed = {WHEELS.get(name, name) for name in names} - ({'cusparse'} if 'cu117' not in file else set())
    assert sorted(pinned) == sorted(needed)


@needs_gcc
@pytest.mark.parametrize('others, loaded', [
    (['cuda_runtime/lib/libcudart.so.11.0'], ['libcudart.so.11.0', 'libcusparse.so.11']),
    (['cuda_runtime/lib/libcudart.so.12'], [])])  # of CUDA 12, whose cuSPARSE is none of ours
def test_the_libraries_of_cuda_11_are_loaded_and_no_others(tmp_path, others, loaded):
    for name in ['cusparse/lib/libcusparse.so.11', *others, 'cusparse/lib/libother.so.1']:
        compile_library(tmp_path / 'nvidia' / name)
    code = f'from utils import runtime\nruntime._preload_cuda_libraries()\n{_LOADED}'
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, 'PYTHONPATH': str(tmp_path)})
    assert done.stdout.split() == loaded, done.stderr


@needs_gcc
@pytest.mark.skipif(not GPU_PYTHON, reason='GPU_PYTHON names no Python with requirements-gpu*.txt')
def test_mxnet_for_cuda_imports_with_its_wheels_and_finds_no_gpu(tmp_path):
    where = 'import importlib.util as u; print(u.find_spec("mxnet").submodule_search_locations[0])'
    folder = subprocess.run([GPU_PYTHON, '-c', where], check=True, capture_output=True, text=True).stdout.strip()
    library = os.path.join(folder, 'libmxnet.so')
    undefined = subprocess.run(['nm', '-D', '--undefined-only', library], check=True, capture_output=True, text=True)
    compile_library(tmp_path / 'libcuda.so.1', set(re.findall(r' U (cu[A-Z]\w+)', undefined.stdout)))
    headers = subprocess.run(['readelf', '-d', library], check=True, capture_output=True, text=True).stdout
    needed = re.findall(r'\[(lib(?:cu|nv|nccl)\w*\.so\.[\d.]+)\]', headers)
    code = (f'import center_loss\nfrom utils import runtime\nruntime.prepare_mxnet(1)\nimport mxnet as mx\n'
            f'assert mx.runtime.Features().is_enabled("CUDA") and not mx.context.num_gpus()\n'
            f'assert mx.nd.ones(2).asnumpy().tolist() == [1, 1]\n{_LOADED}')
    done = subprocess.run([GPU_PYTHON, '-c', code], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, 'LD_LIBRARY_PATH': str(tmp_path), 'LD_BIND_NOW': '1'})
    assert set(needed) - {'libcuda.so.1'} <= set(done.stdout.split()) and len(needed) > 9, done.stderr
