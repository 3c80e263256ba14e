"""MXNet's sharp edges, one function each: threads, CUDA libraries, devices, seeds, versions."""
import ctypes
import importlib
import importlib.util
import os
import pathlib
import platform
import subprocess
import sys

from .errors import UserError
from .terminal import warn


def prepare_mxnet(threads=None, working_spaces=None):
    """Make MXNet use `threads` cores, by default all that this process may use, and find its CUDA libraries.

    As shipped, MXNet takes half the cores. working_spaces: given, an operator may wait for its like on another device
    of the CPU, if no more than so many others that need such a space are between them. Raises RuntimeError if MXNet was
    imported before: then it is too late; UserError, with the line that installs it, if MXNet is not there.
    """
    if 'mxnet' in sys.modules:
        raise RuntimeError('prepare_mxnet must run before mxnet is imported')
    os.environ['OMP_NUM_THREADS'] = str(threads or usable_cores())
    if working_spaces:
        _let_devices_wait(working_spaces)
    _preload_cuda_libraries()
    try:
        _import_mxnet()
    except ModuleNotFoundError as error:
        raise UserError(str(error)) from error


def _let_devices_wait(working_spaces):
    """Have an operator that waits on one device of the CPU hold nothing that the other needs to come as far.

    As shipped, it holds one of 4 working spaces, which all devices of the CPU share and take in turn, and the one
    thread of its device, which copies to other devices too.
    """
    os.environ['MXNET_CPU_TEMP_COPY'] = str(working_spaces)
    os.environ['MXNET_CPU_WORKER_NTHREADS'] = '16'  # more than a network has branches, each of which may wait


def _import_mxnet():
    """Import MXNet without scikit-learn, in which it looks for the base of a class that nobody uses any more.

    That is over a third of the time its import takes.
    """
    hidden = 'sklearn' not in sys.modules
    if hidden:
        sys.modules['sklearn'] = None  # whoever imports it now is told that it is not there
    try:
        importlib.import_module('mxnet')
    finally:
        if hidden:
            del sys.modules['sklearn']


def usable_cores():
    if hasattr(os, 'sched_getaffinity'):  # Linux; it knows what taskset or a container leaves us
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# What libmxnet.so of mxnet-cu112 and of mxnet-cu117 links to; the first does without cuSPARSE.
_CUDA_LIBRARIES = ('libcudart.so.11.0', 'libnvrtc.so.11.2', 'libcublasLt.so.11', 'libcublas.so.11', 'libcufft.so.10',
                   'libcurand.so.10', 'libcusparse.so.11', 'libcusolver.so.11', 'libcudnn.so.8', 'libnvToolsExt.so.1',
                   'libnccl.so.2')


def _preload_cuda_libraries():
    """Load the libraries of the nvidia-*-cu11 wheels, where MXNet would not look; nothing without them."""
    spec = importlib.util.find_spec('nvidia')
    folders = spec.submodule_search_locations or () if spec else ()
    found = {path.name: path for folder in folders for path in pathlib.Path(folder).glob('*/lib/*.so.*')}
    if 'libcudart.so.11.0' in found:  # wheels of another CUDA have libraries of the same names
        for name in _CUDA_LIBRARIES:
            if name in found:
                ctypes.CDLL(str(found[name]), mode=ctypes.RTLD_GLOBAL)


def choose_contexts(use_gpu=False, gpus=None, cpus=1):
    """The devices to run on, as a list of MXNet contexts.

    use_gpu: prefer the first GPU; warns and falls back to the CPU where there is none.
    gpus: exactly these GPU numbers; raises UserError if one is missing. cpus: of the CPU, as if it were so many.
    """
    import mxnet as mx
    available = mx.context.num_gpus()
    if gpus:
        missing = [i for i in gpus if i >= available]
        if missing:
            raise UserError(f'--gpus expected numbers below {available} (GPUs found: {available}), got {missing[0]}')
        return [mx.gpu(i) for i in gpus]
    if use_gpu and not available:
        warn('--use_gpu True, but MXNet finds no GPU; using the CPU')
    return [mx.gpu(0)] if use_gpu and available else [mx.cpu(i) for i in range(cpus)]


def seed_everything(seed, epoch=0, rank=0):
    """Seed MXNet, which draws initial parameters, before `epoch` 1, and what dropout drops, in process `rank`.

    Its random state cannot be saved: seeded anew for every epoch, a run that is resumed drops what it would have
    dropped. Shuffles and splits draw from generators of their own.
    """
    import mxnet as mx
    import numpy as np
    entropy = (seed, epoch, rank) if rank else (seed, epoch)
    mx.random.seed(int(np.random.default_rng(entropy).integers(2**31)) if epoch else seed)


def versions():
    """What a result depends on: interpreter, packages, threads, commit. Values are strings or None."""
    import mxnet as mx
    import numpy as np
    return {
        'python': platform.python_version(),
        'mxnet': mx.__version__,
        'numpy': np.__version__,
        'threads': os.environ.get('OMP_NUM_THREADS'),
        'commit': _commit(),
    }


def _commit():
    """The project's git commit, with '-dirty' after it if tracked files differ; None outside a checkout."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        answer = subprocess.run(['git', 'describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], cwd=folder,
                                capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
