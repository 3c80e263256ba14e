"""Classes that a network predicts for a set of images, by its `Outputs`, and how right they are."""
import numpy as np

from ..errors import UserError
from . import geometry, metrics
from .confusion import Confusion

MOST_LISTED = 300  # classes that are all listed
SHOWN_CLASSES = 50  # of more, at either end


def predict(outputs, method, centers=None):
    """Predicted classes (N,).

    method: 'softmax', the highest logit, or 'knn', the Euclidean nearest of `centers` (C, D). Raises UserError for knn
    without centres.

    >>> import numpy as np
    >>> from utils.evaluation.judging import predict
    >>> from utils.evaluation.outputs import Outputs
    >>> outputs = Outputs.of(np.array([[2., 1], [2, 1]]), np.array([[0., 0], [4, 4]]), np.array([0, 1]))
    >>> predict(outputs, 'softmax').tolist(), predict(outputs, 'knn', np.array([[0., 0], [5, 5]])).tolist()
    ([0, 0], [0, 1])
    """
    if method == 'softmax':
        return outputs.answers
    if centers is None:
        raise UserError('--eval_method knn needs class centres, and this model was trained without --center_loss; '
                        'test.knn_means in its results.json is the accuracy by the nearest class mean')
    return metrics.nearest_center(outputs.features, centers)


def means_of(outputs):
    """(C, D) mean feature of each class in `outputs`; C also counts classes that have no logit.

    >>> import numpy as np
    >>> from utils.evaluation.judging import means_of
    >>> from utils.evaluation.outputs import Outputs
    >>> outputs = Outputs.of(np.zeros((2, 2)), np.eye(2), np.array([0, 1]))
    >>> means_of(outputs).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    count = max(outputs.num_classes, outputs.labels.max() + 1)
    return geometry.class_means(outputs.features, outputs.labels, count)


def knows_classes(outputs):
    """Whether all labels are of classes that the network was trained on.

    >>> import numpy as np
    >>> from utils.evaluation.judging import knows_classes
    >>> from utils.evaluation.outputs import Outputs
    >>> knows_classes(Outputs.of(np.zeros((2, 3)), np.eye(2), np.array([0, 3])))
    False
    """
    return bool(outputs.labels.max() < outputs.num_classes)


def accuracy_by_means(outputs, train):
    """Accuracy of `outputs` if each image is given the class whose mean over the training images is the nearest.

    outputs, train: what the network says of the images and of the training images. Distances are Euclidean. A class
    without training images is never predicted. It is to a network without centres what `predict` by knn is to one with
    centres.

    >>> import numpy as np
    >>> from utils.evaluation.judging import accuracy_by_means
    >>> from utils.evaluation.outputs import Outputs
    >>> train = Outputs.of(np.zeros((2, 2)), np.array([[0., 0], [4, 4]]), np.array([0, 1]))
    >>> outputs = Outputs.of(np.zeros((2, 2)), np.array([[1., 1], [1, 2]]), np.array([0, 1]))
    >>> accuracy_by_means(outputs, train)
    0.5
    """
    means = means_of(train)
    classes = np.flatnonzero(~np.isnan(means).any(axis=1))
    return metrics.accuracy(outputs.labels, classes[metrics.nearest_center(outputs.features, means[classes])])


def confusion_of(outputs, predictions):
    """The `Confusion` of predicted classes (N,).

    >>> import numpy as np
    >>> from utils.evaluation.judging import confusion_of
    >>> from utils.evaluation.outputs import Outputs
    >>> confusion_of(Outputs.of(np.zeros((2, 2)), np.eye(2), np.array([0, 0])), np.array([0, 1])).counts.tolist()
    [1, 1]
    """
    return Confusion.of(outputs.labels, predictions, outputs.num_classes)


def report(confusion):
    """What the answers behind a `Confusion` are worth, as a dict for JSON, whose size has a limit.

    accuracy. Up to MOST_LISTED classes: per_class_accuracy, of each class, or None for a class without images, and
    confusion_matrix, C lists of C counts. Of more: classes, how many have images; lowest and highest, the accuracies at
    both ends; most_confused, the pairs with the most images.

    >>> import numpy as np
    >>> from utils.evaluation.confusion import Confusion
    >>> from utils.evaluation.judging import report
    >>> report(Confusion.of(np.array([0, 0]), np.array([0, 1]), 2))
    {'accuracy': 0.5, 'per_class_accuracy': [0.5, None], 'confusion_matrix': [[1, 1], [0, 0]]}
    """
    right = confusion.counts[confusion.labels == confusion.answers].sum()
    accuracy = {'accuracy': float(right / confusion.counts.sum())}
    if confusion.num_classes <= MOST_LISTED:
        return {**accuracy,
                'per_class_accuracy': [None if np.isnan(value) else float(value) for value in confusion.accuracies],
                'confusion_matrix': confusion.matrix(range(confusion.num_classes)).tolist()}
    ends = {end: [{'class': int(label), 'images': int(confusion.images[label]),
                   'accuracy': float(confusion.accuracies[label])} for label in labels]
            for end, labels in zip(('lowest', 'highest'), confusion.ends(SHOWN_CLASSES))}
    return {**accuracy, 'classes': int(np.count_nonzero(confusion.images)), **ends, 'most_confused': [
        {'class': label, 'taken_for': answer, 'images': count}
        for label, answer, count in confusion.mistakes(SHOWN_CLASSES)]}
