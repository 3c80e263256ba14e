"""MNIST and Fashion-MNIST from their official idx files."""
import os

from .dataset import Dataset, cache_folder, make_split
from .download import download
from .idx import IdxFile, parse_idx, read_idx

_MNIST_FILES = (
    IdxFile('train-images-idx3-ubyte', (60000, 28, 28),
            sha256='ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'),
    IdxFile('train-labels-idx1-ubyte', (60000,),
            sha256='65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'),
    IdxFile('t10k-images-idx3-ubyte', (10000, 28, 28),
            sha256='0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'),
    IdxFile('t10k-labels-idx1-ubyte', (10000,),
            sha256='ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'),
)
_MNIST_MIRRORS = (
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    'https://storage.googleapis.com/cvdf-datasets/mnist/',
    'https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/dataset/mnist/',
)

# Only the digests of the .gz files are published for Fashion-MNIST.
_FASHION_FILES = tuple(
    IdxFile(spec.name, spec.shape, gz_sha256=digest) for spec, digest in zip(_MNIST_FILES, (
        '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
        'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
        '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
        '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
    )))
_FASHION_MIRRORS = (
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    'https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/dataset/fashion-mnist/',
)
_FASHION_CLASSES = ('T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'boot')


def load_mnist(data_dir=None, offline=False):
    """MNIST: 60,000 + 10,000 grey images of 28x28 pixels. See `utils.data.load_dataset`."""
    return _load('mnist', _MNIST_FILES, _MNIST_MIRRORS, tuple('0123456789'), data_dir, offline)


def load_fashion_mnist(data_dir=None, offline=False):
    """Fashion-MNIST, of MNIST's size. See `utils.data.load_dataset`."""
    return _load('fashion_mnist', _FASHION_FILES, _FASHION_MIRRORS, _FASHION_CLASSES, data_dir, offline)


def _load(name, files, mirrors, class_names, data_dir, offline):
    folder = data_dir or os.path.join(cache_folder(), name)
    arrays = []
    for spec in files:
        path = _find(folder, spec)
        if path is None:
            path = os.path.join(folder, spec.name + '.gz')
            download(name, spec.name + '.gz', path, mirrors, offline,
                     check=lambda content, spec=spec: parse_idx(content, spec, 'the download'))
        arrays.append(read_idx(path, spec))
    return Dataset(make_split(*arrays[:2]), make_split(*arrays[2:]), class_names)


def _find(folder, spec):
    for file_name in (spec.name + '.gz', spec.name):
        path = os.path.join(folder, file_name)
        if os.path.lexists(path):
            return path
    return None
