"""What is reported of many classes, asked of many images, drawn of many points."""
from .clock import once

_FEATURES, _A_CLASS = 64, 2
_INDEXED, _ANSWERS, _POINTS = 1_000_000, 10, 1_000_000
_MOST = 10_000  # classes whose pairs are all looked at in seconds


def spread_ours(classes):
    """Seconds of collapsed pairs and inter-class distance of so many classes."""
    from utils.evaluation import geometry
    features, labels, means = _drawn(classes)

    def work():
        geometry.collapsed_pairs(features, labels, means)
        geometry.inter_class_distance(means)
    return once(work, lambda: geometry.inter_class_distance(means[:100]))


def spread_pairs(classes):
    """The same by all pairs; None for more classes than `_MOST`."""
    from utils.evaluation import geometry
    geometry.MOST_CLASSES = _MOST
    return spread_ours(classes) if classes <= _MOST else None


def query_ours():
    """Seconds of the first question to an index of 1,000,000 images, loaded."""
    import os
    import tempfile

    import numpy as np

    from utils.modes.index import nearest, read_index, write_index
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'index.npz')
        write_index(path, _images(_INDEXED), np.arange(_INDEXED).astype(str), {})
        return once(lambda: nearest(read_index(path), _images(1), _ANSWERS), lambda: None)


def query_faiss():
    """The same by faiss alone, in features that lie in memory at length 1."""
    import faiss
    items, asked = _images(_INDEXED), _images(1)
    faiss.normalize_L2(items)
    faiss.normalize_L2(asked)
    return once(lambda: faiss.knn(asked, items, _ANSWERS, faiss.METRIC_INNER_PRODUCT), lambda: None)


def map_ours():
    """Seconds to draw 1,000,000 points of ten classes."""
    import numpy as np

    from utils.pictures.feature_map import FeatureMap, draw_feature_map
    from utils.pictures.plane import common_limits
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=_POINTS)
    points = rng.normal(size=(_POINTS, 2)) + 5 * rng.normal(size=(10, 2))[labels]

    def draw(count):
        one = FeatureMap(points[:count], labels[:count], None, 'points')
        draw_feature_map(one, common_limits([one]), ('', ''), tuple('0123456789'))
    return once(lambda: draw(_POINTS), lambda: draw(1000))


def _images(count):
    import numpy as np
    return np.random.default_rng(count).standard_normal((count, _FEATURES), np.float32)


def _drawn(classes):
    import numpy as np

    from utils.evaluation.geometry import class_means
    labels = np.repeat(np.arange(classes), _A_CLASS)
    features = np.random.default_rng(0).standard_normal((len(labels), _FEATURES), np.float32)
    return features, labels, class_means(features, labels, classes)
