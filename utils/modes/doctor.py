"""--doctor: what this machine has, how fast it multiplies, and whether a network can be trained on it."""
import contextlib
import importlib.metadata
import os
import platform
import shutil
import time
from typing import NamedTuple, Optional

from .. import runtime
from ..errors import UserError

_PACKAGES = ('mxnet', 'mxnet-cu112', 'mxnet-cu117', 'gluoncv', 'numpy', 'matplotlib', 'imageio', 'scipy',
             'scikit-learn', 'faiss-cpu', 'opencv-python')
_OPTIONAL = {'mxnet', 'mxnet-cu112', 'mxnet-cu117', 'faiss-cpu'}  # one MXNet is looked at by itself
_FEATURES = ('MKLDNN', 'OPENMP', 'CUDA', 'CUDNN', 'NCCL', 'DIST_KVSTORE', 'F16C')
_SIDE = 1536  # of the matrices that are multiplied
_ROOM = 1 << 28  # bytes that checkpoints and pictures of a run may take


class Finding(NamedTuple):
    """One line: of what, what was found, and what to do if that stops training."""
    what: str
    found: str
    advice: Optional[str] = None


def doctor(request):
    """Print what was found, line by line; returns 0 if a network can be trained here, else 1."""
    findings = []
    for check in (_python, _packages, _mxnet, _devices, _speed, _datasets, _folders, _step):
        for finding in check(request):
            findings.append(finding)
            print(f'{"stop" if finding.advice else "ok":5}{finding.what}: {finding.found}', flush=True)
            if finding.advice:
                print(f'     {finding.advice}', flush=True)
        if check is _mxnet and any(finding.advice for finding in findings):
            break  # the others need it
    wrong = [finding.what for finding in findings if finding.advice]
    print(f'a network cannot be trained here yet, see: {", ".join(wrong)}' if wrong else
          'a network can be trained here')
    return 1 if wrong else 0


def _python(request):
    system = f'{platform.system()} {platform.machine()}'
    fits = (3, 8) <= tuple(map(int, platform.python_version_tuple()[:2])) <= (3, 13)
    yield Finding('Python', f'{platform.python_version()} on {system}', None if fits and system == 'Linux x86_64' else
                  'Python 3.8 to 3.13 on Linux x86-64 is what MXNet 1.9.1 runs on')


def _packages(request):
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    lacking = [name for name in _PACKAGES if name not in found and name not in _OPTIONAL]
    yield Finding('packages', ', '.join(f'{name} {version}' for name, version in found.items()),
                  f'pip install -r requirements.txt brings {", ".join(lacking)}' if lacking else None)


def _mxnet(request):
    try:
        runtime.prepare_mxnet(request.config.machine.threads)
        import mxnet as mx
    except (UserError, OSError, AttributeError, ImportError) as error:
        yield Finding('MXNet', str(error), 'README, Pythons and GPUs, says how MXNet is installed')
        return
    has = {feature.name for feature in mx.runtime.feature_list() if feature.enabled}
    yield Finding('MXNet', f'{mx.__version__} with {", ".join(name for name in _FEATURES if name in has)}; without '
                           f'{", ".join(name for name in _FEATURES if name not in has)}')


def _devices(request):
    import mxnet as mx
    gpus, driver = mx.context.num_gpus(), os.path.exists('/proc/driver/nvidia/version')
    hint = '' if gpus or not driver else ' (there is an NVIDIA driver: requirements-gpu.txt has the MXNet for it)'
    yield Finding('devices', f'{os.environ["OMP_NUM_THREADS"]} threads on {os.cpu_count()} cores, {gpus} GPUs{hint}')
    available = os.sysconf('SC_AVPHYS_PAGES') * os.sysconf('SC_PAGE_SIZE')
    yield Finding('memory', f'{available / 1e9:.1f} GB free')


def _speed(request):
    from mxnet import nd
    from mxnet.contrib.amp.amp import bfloat16  # a type of MXNet's own
    factor = nd.ones((_SIDE, _SIDE))
    rates = {'float32': _product_rate(factor)}
    with contextlib.suppress(Exception):  # a processor without it: MXNet raises several kinds
        rates['bfloat16'] = _product_rate(nd.amp_cast(factor, dtype=bfloat16))
    yield Finding('speed', 'a product of matrices does ' + ' and '.join(
        f'{rate:.0f} GFLOP/s in {dtype}' for dtype, rate in rates.items()))


def _product_rate(factor):
    """GFLOP/s of the product of a square matrix with itself, after one that warms up."""
    from mxnet import nd
    for _ in range(2):
        start = time.perf_counter()
        nd.FullyConnected(factor, factor, num_hidden=_SIDE, no_bias=True)
        nd.waitall()
    return 2 * _SIDE ** 3 / (time.perf_counter() - start) / 1e9


def _datasets(request):
    from ..data.dataset import cache_folder
    folder = cache_folder()
    there = sorted(name for name in os.listdir(folder)) if os.path.isdir(folder) else []
    yield Finding('data', f'{folder} has {", ".join(there) or "nothing yet: --download fetches a dataset"}')


def _folders(request):
    for flag, folder in (('ckpt_dir', request.paths.ckpt_dir), ('out_dir', request.paths.out_dir)):
        existing = os.path.abspath(folder)
        while not os.path.isdir(existing):
            existing = os.path.dirname(existing)
        free, advice = shutil.disk_usage(existing).free, None
        if not os.access(existing, os.W_OK):
            advice = f'{existing} cannot be written: choose another by --{flag}'
        elif free < _ROOM:
            advice = f'make room, or choose another by --{flag}'
        yield Finding(f'--{flag}', f'{folder}, {free / 1e9:.1f} GB free', advice)


def _step(request):
    """A step of LeNet with center loss on each device: nothing less says that its libraries fit."""
    import mxnet as mx
    for context in [mx.cpu(), *map(mx.gpu, range(mx.context.num_gpus()))]:
        try:
            yield Finding(f'a step on {context}', f'loss {_loss_after_step(context):.2f}')
        except Exception as error:  # MXNet raises many kinds, and here is where they are told
            yield Finding(f'a step on {context}', str(error).strip().splitlines()[0], 'README, GPUs, says what fits')


def _loss_after_step(context):
    import mxnet as mx
    from mxnet import autograd, nd

    import center_loss
    import models

    from ..training.optimizers import make_trainer
    net, centers = models.get_model('lenet'), center_loss.CenterLoss(10, 2)
    for block in (net, centers):
        block.initialize(mx.init.Xavier(), ctx=context)
        block.hybridize()
    images, labels = nd.ones((8, 1, 28, 28), ctx=context), nd.arange(8, ctx=context)
    trainers = [make_trainer(block.collect_params(), 'sgd', 0.01) for block in (net, centers)]
    for _ in range(2):
        with autograd.record():
            logits, features = net(images)
            loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()(logits, labels) + centers(features, labels)
        loss.backward()
        for trainer in trainers:
            trainer.step(len(images))
    return float(loss.mean().asscalar())
