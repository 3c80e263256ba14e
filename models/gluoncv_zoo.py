"""GluonCV: the names of its classification networks, which need no import of it, and its import, which has a catch."""
import os
import sys
import warnings

# Of GluonCV 0.10.5. Left out: NASNet (two outputs) and the `_gn` networks (their group norm cannot be hybridized).

_NAMES = '''
    alexnet vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn
    resnet18_v1 resnet34_v1 resnet50_v1 resnet101_v1 resnet152_v1
    resnet18_v2 resnet34_v2 resnet50_v2 resnet101_v2 resnet152_v2
    se_resnet18_v1 se_resnet34_v1 se_resnet50_v1 se_resnet101_v1 se_resnet152_v1
    se_resnet18_v2 se_resnet34_v2 se_resnet50_v2 se_resnet101_v2 se_resnet152_v2
    resnet18_v1b resnet34_v1b resnet50_v1b resnet101_v1b resnet152_v1b
    resnet50_v1c resnet101_v1c resnet152_v1c resnet50_v1d resnet101_v1d resnet152_v1d
    resnet50_v1e resnet101_v1e resnet152_v1e resnet50_v1s resnet101_v1s resnet152_v1s
    resnet18_v1b_0.89 resnet50_v1d_0.86 resnet50_v1d_0.48 resnet50_v1d_0.37 resnet50_v1d_0.11 resnet101_v1d_0.76
    resnet101_v1d_0.73
    resnest14 resnest26 resnest50 resnest101 resnest200 resnest269
    resnext50_32x4d resnext101_32x4d resnext101_64x4d resnext101e_64x4d
    se_resnext50_32x4d se_resnext101_32x4d se_resnext101_64x4d se_resnext101e_64x4d senet_154 senet_154e
    densenet121 densenet161 densenet169 densenet201 googlenet inceptionv3 xception xception71 darknet53 dla34
    mobilenet1.0 mobilenet0.75 mobilenet0.5 mobilenet0.25
    mobilenetv2_1.0 mobilenetv2_0.75 mobilenetv2_0.5 mobilenetv2_0.25 mobilenetv3_large mobilenetv3_small
    shufflenet_v1 shufflenet_v2 squeezenet1.0 squeezenet1.1
    hrnet_w18_c hrnet_w18_small_v1_c hrnet_w18_small_v2_c hrnet_w30_c hrnet_w32_c hrnet_w40_c hrnet_w44_c hrnet_w48_c
    hrnet_w64_c
    residualattentionnet56 residualattentionnet92 residualattentionnet128 residualattentionnet164
    residualattentionnet200 residualattentionnet236 residualattentionnet452
    cifar_resnet20_v1 cifar_resnet56_v1 cifar_resnet110_v1 cifar_resnet20_v2 cifar_resnet56_v2 cifar_resnet110_v2
    cifar_resnext29_32x4d cifar_resnext29_16x64d cifar_wideresnet16_10 cifar_wideresnet28_10 cifar_wideresnet40_8
    cifar_residualattentionnet56 cifar_residualattentionnet92 cifar_residualattentionnet452
'''
GLUONCV = tuple(_NAMES.split())


def import_model_zoo():
    """The module `gluoncv.model_zoo`, beside any PyTorch: GluonCV refuses to be imported where it sees PyTorch 2.

    It also has Pillow take images that were cut off, in the whole process; that is undone.
    """
    from PIL import ImageFile
    takes_cut_off = ImageFile.LOAD_TRUNCATED_IMAGES
    torch = sys.modules.pop('torch', None)
    sys.meta_path.insert(0, _NoTorch)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', DeprecationWarning)  # of distutils, which nobody here can act on
            from gluoncv import model_zoo
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = takes_cut_off
        sys.meta_path.remove(_NoTorch)
        if torch is not None:
            sys.modules['torch'] = torch
    return model_zoo


class _NoTorch:
    """A finder that makes `import torch` fail, which GluonCV takes for a PyTorch that is not there.

    A None among `sys.modules` would do it too, but SciPy takes whatever is there for a module.
    """

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == 'torch':
            raise ModuleNotFoundError("No module named 'torch'", name=name)


def pretrained_arrays(network, offline=False):
    """{name: array} of GluonCV's own weights, downloaded unless they are in ~/.mxnet/models or $MXNET_HOME/models.

    Raises ValueError if there are none, or `offline` and none there; else what its downloader, lock and zip file do.
    """
    model_zoo = import_model_zoo()
    store = model_zoo.model_store
    download = store.download
    if offline:
        store.download = _refuse  # there is no switch for it, and only GluonCV knows what its files are called
    try:
        net = model_zoo.get_model(network, pretrained=True)
    finally:
        store.download = download
    try:
        return {name: param.data() for name, param in net._collect_params_with_prefix().items()}
    except RuntimeError as error:  # some networks pass over `pretrained`
        raise ValueError('it has published none') from error


def _refuse(_, path, **__):
    """Stands for GluonCV's `download`, which is asked for a zip file of the name and folder of the weights."""
    raise ValueError(f'--offline is set, and {os.path.splitext(path)[0]}.params is missing or not as published')
