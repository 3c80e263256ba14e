"""What is kept of an epoch: which images were wrongly classified, by what, and whether classes have collapsed."""
from types import SimpleNamespace

import numpy as np
import pytest

from utils.data.dataset import Split
from utils.evaluation.evaluator import Evaluator
from utils.pictures.run_pictures import RunPictures
from utils.storage.npz import read_npz
from utils.storage.run_paths import RunPaths

LABELS = np.array([0, 0, 1, 1, 2, 2])
FEATURES = np.array([[0.0, 0], [1, 0], [9, 0], [0, 1], [0, 9], [1, 9]])  # the fourth is nearest to another's centre
CENTERS = np.array([[0.0, 0], [9, 0], [0, 9]])


def kept(tmp_path, judged_by=('classes',), centers=CENTERS, features=FEATURES):
    """The arrays of the frame of an epoch in which softmax says class 0 of all."""
    logits = np.eye(3)[np.zeros(6, int)]
    paths = RunPaths(str(tmp_path), str(tmp_path), 'run')
    pictures = RunPictures(paths, Split(np.zeros((6, 1, 1, 1)), LABELS), ('a', 'b', 'c'))
    pictures.keep('val', 1, Evaluator(SimpleNamespace(logits=logits, features=features, labels=LABELS), centers,
                                      judged_by))
    return read_npz(paths.output('frames') + '/val-001.npz', ['title', 'note'])


def mistakes(arrays):
    """The features of the wrongly classified: a frame has its images in an order of its own."""
    return sorted(arrays['features'][arrays['wrong']].tolist())


def test_mistakes_and_accuracy_are_those_of_softmax(tmp_path):
    arrays = kept(tmp_path)
    assert mistakes(arrays) == sorted(FEATURES[2:].tolist())
    assert str(arrays['title']) == 'run: val, epoch 1, accuracy 0.3333 by softmax'


def test_where_no_class_layer_is_trained_they_are_those_of_the_nearest_centre(tmp_path):
    arrays = kept(tmp_path, judged_by=('retrieval',))
    assert mistakes(arrays) == [[0, 1]]
    assert str(arrays['title']) == 'run: val, epoch 1, accuracy 0.8333 by nearest centre'


def test_where_nothing_is_classified_nothing_is_wrong(tmp_path):
    arrays = kept(tmp_path, judged_by=('retrieval',), centers=None)
    assert 'wrong' not in arrays and str(arrays['title']) == 'run: val, epoch 1'


@pytest.mark.parametrize('features, note', [
    (np.zeros((6, 2)), 'collapsed: 3 of 3 pairs of classes'), (CENTERS[LABELS], '')], ids=['all in one point', 'apart'])
def test_a_collapsed_epoch_says_so(tmp_path, features, note):
    assert str(kept(tmp_path, features=features)['note']) == note
