"""Every figure of a run, once: its name, unit, format and direction, where it is kept and how it is measured.

history.csv, results.json, the line of an epoch, tables, differences, curves and the report read `COLUMNS`. A new metric
is a function of an `Evaluator` and a row here.
"""
from fnmatch import fnmatchcase
from operator import attrgetter

from .column import Column
from .judging import accuracy_by_means
from .retrieval import RETRIEVAL_METRIC, recall_at_1


def _ratio(evaluator):
    return evaluator.intra / evaluator.inter if evaluator.inter else None


def _by_class_means(evaluator):
    """Accuracy by the nearest class mean of the training images, where there are no centres."""
    if evaluator.centers is not None or not evaluator.knows_classes or evaluator.train is None:
        return None
    return accuracy_by_means(evaluator.outputs, evaluator.train())


def _recall_at_1(evaluator):
    return recall_at_1(evaluator.features, evaluator.labels, RETRIEVAL_METRIC)


def _retrieval(key):
    return lambda evaluator: evaluator.retrieval[key]


def _ring(key):
    return lambda evaluator: evaluator.ring[key]


COLUMNS = (
    Column('epoch', 'training', 'epoch'),
    Column('*_loss', 'training', 'epoch', better='lower', epoch_line='{} loss', panel='losses', curve='{}'),
    Column('train_accuracy', 'training', 'epoch', better='higher', epoch_line='training accuracy', panel='accuracies',
           curve='by softmax'),
    Column('softmax', 'test', measure=attrgetter('softmax'), title='by softmax', unit='%', better='higher',
           compared=True, epoch_line='accuracy', last_line='accuracy by softmax', panel='accuracies',
           curve='by softmax', about='share of images that the network classifies rightly'),
    Column('knn', 'test', measure=attrgetter('knn'), title='by knn', unit='%', better='higher', compared=True,
           epoch_line='by knn', last_line='by knn', panel='accuracies', curve='by nearest centre',
           about='share of images whose nearest class centre is that of their class'),
    Column('gap', 'table', 'run', title='gap', unit='points',
           about='accuracy by softmax minus accuracy by nearest centre'),
    Column('recall_at_1', 'retrieval', measure=_retrieval('recall_at_1'), measure_epoch=_recall_at_1, title='R@1',
           unit='%', better='higher', compared=True, epoch_line='recall at 1', last_line='recall at 1',
           panel='accuracies', curve='recall at 1',
           about='share of images whose nearest other image is of their class'),
    Column('recall_at_2', 'retrieval', 'run', _retrieval('recall_at_2'), title='R@2', unit='%', better='higher',
           about='share of images with one of their class among the two nearest'),
    Column('recall_at_4', 'retrieval', 'run', _retrieval('recall_at_4'), title='R@4', unit='%', better='higher',
           about='share of images with one of their class among the four nearest'),
    Column('recall_at_8', 'retrieval', 'run', _retrieval('recall_at_8'), title='R@8', unit='%', better='higher',
           about='share of images with one of their class among the eight nearest'),
    Column('map_at_r', 'retrieval', 'run', _retrieval('map_at_r'), title='MAP@R', unit='%', better='higher',
           compared=True, last_line='MAP@R',
           about='mean precision among the R nearest images, R being how many others its class has'),
    Column('r_precision', 'retrieval', 'run', _retrieval('r_precision'), better='higher'),
    Column('nmi', 'retrieval', 'run', _retrieval('nmi'), title='NMI', unit='%', better='higher', compared=True,
           about='agreement of clusters of the features with the classes'),
    Column('ami', 'retrieval', 'run', _retrieval('ami'), better='higher'),
    Column('intra', 'test', measure=attrgetter('intra'), title='intra', digits=3, panel='distances',
           curve='feature to its class mean', about='mean distance of a feature to the mean of its class'),
    Column('inter', 'test', measure=attrgetter('inter'), title='inter', panel='distances',
           curve='between class means', about='mean distance between the means of two classes'),
    Column('intra_inter_ratio', 'test', measure=_ratio, title='intra/inter', digits=4, better='lower', compared=True,
           about='distance within classes over distance between them'),
    Column('center_offset', 'test', measure=attrgetter('center_offset'), panel='distances',
           curve='centre to its class mean'),
    Column('knn_means', 'test', 'run', _by_class_means, better='higher', last_line='by the nearest class mean'),
    Column('center_moved', 'training', 'epoch', panel='distances', curve='centre moved in an epoch'),
    Column('collapsed_pairs', 'training', 'epoch', better='lower'),
    Column('lr', 'training', 'epoch'),
    Column('alpha', 'training', 'epoch'),
    Column('centers_left', 'training', 'epoch', title='centres left a class',
           about='centres that SoftTriple keeps apart in a class'),
    Column('radius_cv', 'ring_score', 'run', _ring('radius_cv'), title='ring: radius variation', digits=3,
           better='lower', about='spread of the distances of class means from the origin, over their mean'),
    Column('smallest_gap', 'ring_score', 'run', _ring('smallest_gap'), title='ring: smallest gap', unit='degrees',
           digits=1, better='higher', about='smallest angle between the directions of two classes'),
    Column('radius_*', 'training', 'epoch'),
    Column('angle_*', 'training', 'epoch'),
    Column('seconds', 'training', title='s/epoch', better='lower', about='median time of an epoch'),
    Column('selected', 'table', 'run', title='on the split that chose', unit='%', better='higher',
           about='the figure by which the epoch was chosen'),
    Column('best_epoch', 'table', 'run', title='best epoch', digits=1, about='the epoch that was chosen'),
)


def find(key):
    """The `Column` of the name `key`; if no row fits, one of which only its name is known, such as a loss may log.

    >>> from utils.evaluation.columns import find
    >>> find('softmax').heading, find('triplet_loss').epoch_line, find('d_ap').title
    ('by softmax, %', 'triplet loss', '')
    """
    for column in sorted(COLUMNS, key=lambda column: '*' in column.key):  # a row of its own goes first
        if fnmatchcase(key, column.key):
            rest = key[len(column.key) - 1:] if column.key.endswith('*') else key[:len(key) - len(column.key) + 1]
            return column._replace(key=key, epoch_line=column.epoch_line.format(rest),
                                   curve=column.curve.format(rest.replace('_', ' ')))
    return Column(key, 'training', 'epoch')


def in_tables():
    """The columns of a table, in order.

    >>> from utils.evaluation.columns import in_tables
    >>> [column.key for column in in_tables()][:3]
    ['softmax', 'knn', 'gap']
    """
    return [column for column in COLUMNS if column.title]


def of_test():
    """The keys that `test` of results.json has for tables.

    >>> from utils.evaluation.columns import of_test
    >>> of_test()
    ['softmax', 'knn', 'intra', 'inter', 'intra_inter_ratio']
    """
    return [column.key for column in in_tables() if column.group == 'test']


def compared():
    """The keys by which rows of a table are compared.

    >>> from utils.evaluation.columns import compared
    >>> compared()
    ['softmax', 'knn', 'recall_at_1', 'map_at_r', 'nmi', 'intra_inter_ratio']
    """
    return [column.key for column in COLUMNS if column.compared]


def measure_run(evaluator, group):
    """{key: value or None} of all that a run reports in a group, of the images of an `Evaluator`.

    >>> import numpy as np
    >>> from utils.evaluation.columns import measure_run
    >>> from utils.evaluation.evaluator import Evaluator
    >>> from utils.evaluation.outputs import Outputs
    >>> outputs = Outputs.of(np.eye(2), np.array([[0., 2], [4, 0]]), np.array([0, 1]))
    >>> measure_run(Evaluator(outputs), 'ring_score')
    {'radius_cv': 0.3333333333333333, 'smallest_gap': 90.0}
    """
    return {column.key: column.measure(evaluator) for column in COLUMNS
            if column.group == group and column.of != 'epoch'}


def measure_epoch(evaluator, group):
    """{key: value or None} of all that an epoch is judged by in a group.

    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> from utils.evaluation.columns import measure_epoch
    >>> from utils.evaluation.evaluator import Evaluator
    >>> outputs = SimpleNamespace(features=np.array([[0., 1], [0, 2], [1, 0]]), labels=np.array([0, 0, 1]))
    >>> measure_epoch(Evaluator(outputs), 'retrieval')
    {'recall_at_1': 1.0}
    """
    return {column.key: (column.measure_epoch or column.measure)(evaluator) for column in COLUMNS
            if column.group == group and column.of != 'run'}
