"""What is measured: a `Row` a line of the tables, by name."""
from importlib import import_module
from types import MappingProxyType
from typing import Dict, Mapping, NamedTuple, Optional, Tuple

OURS = 'this project'


class Row(NamedTuple):
    """One thing measured for several sides.

    title: in words. unit: 'images/s', 'photos/s', 'GFLOP/s', 'GB/s' (more is better) or 's' (less is better). sides:
    {whose: (module.function, package it needs or None)}; a function takes `arguments` and returns what `Found` says.
    limit: of `LIMITS`, which bounds it. goal: the least ratio to the best peer that is aimed at. sizes: what a curve is
    drawn over; functions get each as their first argument. axis: what a size is, in words.
    """
    title: str
    unit: str
    sides: Dict[str, Tuple[str, Optional[str]]]
    arguments: Mapping = MappingProxyType({})
    limit: Optional[str] = None
    goal: Optional[float] = None
    sizes: Tuple[int, ...] = ()
    axis: str = ''


class Found(NamedTuple):
    """value: in the unit of the row. work: operations or bytes of one image, or of all where it is seconds."""
    value: float
    work: Optional[float] = None


def _peers(ours, torch=None, faiss=None, **others):
    sides = {OURS: (ours, None), **{name: (path, None) for name, path in others.items()}}
    if torch:
        sides['PyTorch'] = (torch, 'torch')
    if faiss:
        sides['faiss'] = (faiss, 'faiss')
    return sides


def _network(name, what, title, goal=None, dtype='float32', **arguments):
    """A row of a network's images a second, against PyTorch's channels_last."""
    return Row(title, 'images/s', _peers(f'networks.ours_{what}', f'torch_networks.theirs_{what}'),
               {'network': name, 'dtype': dtype, **arguments}, {'float32': 'fp32', 'bfloat16': 'bf16'}[dtype], goal)


_CENTERS = {'sparse gradient': ('centers.sparse', None), 'dense gradient': ('centers.dense', None),
            'Parameter': ('centers.parameter', None), 'distance matrix': ('centers.matrix', None),
            'PyTorch, sparse gradient': ('centers.torch_sparse', 'torch')}

_CLASSES = (10, 1_000, 10_000, 100_000, 1_000_000)

LIMITS = {
    'fp32': Row('matrix product, float32', 'GFLOP/s', {
        'NumPy': ('limits.numpy_product', None), 'PyTorch': ('limits.torch_product', 'torch')}, {'dtype': 'float32'}),
    'bf16': Row('matrix product, bfloat16', 'GFLOP/s', {'PyTorch': ('limits.torch_product', 'torch')},
                {'dtype': 'bfloat16'}),
    'memory': Row('copying memory, read and written', 'GB/s', {'NumPy': ('limits.copy', None)}),
}
TABLES = {
    'Limits of the machine': {f'limit-{name}': row for name, row in LIMITS.items()},
    'The published way': {
        'epoch': Row('training epoch, LeNetPlus, 4,000 of mnist5k, batches of 128', 's',
                     _peers('digits.epoch_ours', published='digits.epoch_published')),
        'knn': Row('nearest of 10 centres for 10,000 features', 's',
                   _peers('digits.knn_ours', published='digits.knn_published')),
        'start': Row('from process start to the end of the first batch, data cached', 's', _peers('digits.start_ours')),
    },
    'Networks': {
        'lenet_plus': _network('lenet_plus', 'training', 'LeNetPlus, batch 128, training', 1.0, images=2560),
        'lenet_plus-bf16': _network('lenet_plus', 'training', 'the same, bfloat16', 1.0, 'bfloat16', images=3840),
        'lenet_bn_deep': _network('lenet_bn_deep', 'training', 'lenet_bn_deep, batch 128, training', 1.0, images=6400),
        'lenet_bn_deep-bf16': _network('lenet_bn_deep', 'training', 'the same, bfloat16', None, 'bfloat16',
                                       images=6400),
        'lite0': _network('efficientnet_lite0', 'training', 'EfficientNet-Lite0, 224 px, batch 16, training', 0.8,
                          images=96),
        'lite0-bf16': _network('efficientnet_lite0', 'training', 'the same, bfloat16', None, 'bfloat16', images=96),
        'lite0-forward': _network('efficientnet_lite0', 'forward', 'EfficientNet-Lite0, features alone', 0.8,
                                  images=192),
        'lite0-forward-bf16': _network('efficientnet_lite0', 'forward', 'the same, in bfloat16 by PyTorch', None,
                                       'bfloat16', images=192),
        'resnet50': _network('resnet50_v1b', 'training', 'ResNet-50, 224 px, batch 16, training', 1.0, images=32),
        'resnet50-bf16': _network('resnet50_v1b', 'training', 'the same, bfloat16', 1.0, 'bfloat16', images=48),
        'resnet50-forward': _network('resnet50_v1b', 'forward', 'ResNet-50, features alone', 1.0, images=96),
    },
    'Photos': {
        f'photos-{workers}': Row(f'JPEGs of 500 x 375 pixels, decoded, cropped and normalised; {words}', 'photos/s',
                                 _peers('photos.ours', 'photos.theirs'), {'workers': workers}, goal=1.0)
        for workers, words in enumerate(('no worker processes', 'one worker process', 'two'))
    },
    'Neighbours': {
        'rank': Row('10 nearest of each of 60,000 x 128, itself apart', 's',
                    _peers('neighbors.rank_ours', faiss='neighbors.rank_faiss', NumPy='neighbors.rank_numpy'),
                    limit='fp32', goal=0.8),
        'query': Row('the 10 nearest in an index of 1,000,000 x 64, opening it included', 's',
                     _peers('many.query_ours', faiss='many.query_faiss')),
        'nearest': Row('nearest of C centres for 10,000 x 64', 's',
                       _peers('neighbors.nearest_ours', faiss='neighbors.nearest_faiss',
                              NumPy='neighbors.nearest_numpy'),
                       goal=0.8, sizes=(1_000, 10_000, 100_000, 1_000_000), axis='centres'),
    },
    'Many classes': {
        'centers-64': Row('a step of center loss, forward, backward and update, batch 128, D = 64', 's', _CENTERS,
                          {'feature_size': 64}, sizes=_CLASSES, axis='classes'),
        'centers-512': Row('the same, D = 512', 's', _CENTERS, {'feature_size': 512},
                           sizes=_CLASSES, axis='classes'),
        'map': Row('drawing a feature map of 1,000,000 points', 's', _peers('many.map_ours')),
        'spread': Row('collapsed pairs and inter-class distance, D = 64, 2 images a class', 's',
                      _peers('many.spread_ours', **{'all pairs': 'many.spread_pairs'}),
                      sizes=(100, 1_000, 10_000, 100_000), axis='classes'),
    },
}
ROWS = {name: row for rows in TABLES.values() for name, row in rows.items()}


def worker(name, side):
    """What one side of a row measures: a `Found` as a dict; of a curve, its value is [[size, seconds], ...]."""
    row = ROWS[name]
    module, function = row.sides[side][0].split('.')
    measured = getattr(import_module(f'.{module}', __name__), function)
    if row.sizes:
        values = [[size, _found(measured(size, **row.arguments)).value] for size in row.sizes]
        return Found([pair for pair in values if pair[1] is not None])._asdict()
    return _found(measured(**row.arguments))._asdict()


def _found(value):
    return value if isinstance(value, Found) else Found(value)
