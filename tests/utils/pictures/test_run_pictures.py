"""What is kept of an epoch: what was answered and how surely, what is wrong by what, whether classes have collapsed."""

import numpy as np
import pytest
from PIL import Image
from scipy.special import softmax

from utils.data.dataset import Split
from utils.evaluation.evaluator import Evaluator
from utils.evaluation.judging import MOST_LISTED
from utils.evaluation.outputs import Outputs
from utils.pictures.class_looks import class_colors
from utils.pictures.frame import Frame, frame_of
from utils.pictures.run_pictures import RunPictures
from utils.storage.npz import read_npz
from utils.storage.run_paths import RunPaths

LABELS = np.array([0, 0, 1, 1, 2, 2])
FEATURES = np.array([[0.0, 0], [1, 0], [9, 0], [0, 1], [0, 9], [1, 9]])  # the fourth is nearest to another's centre
CENTERS = np.array([[0.0, 0], [9, 0], [0, 9]])
WEIGHTS = np.arange(9.0).reshape(3, 3)
LOGITS = np.array([[2.0, 1, 0], [3, 1, 0], [4, 1, 0], [5, 1, 0], [6, 1, 0], [7, 1, 0]])


def evaluator_of(labels, judged_by=('classes',), centers=CENTERS, features=FEATURES):
    return Evaluator(Outputs.of(LOGITS, features, labels), centers, judged_by)


def kept(tmp_path, judged_by=('classes',), centers=CENTERS, features=FEATURES):
    """The frame of an epoch in which softmax says class 0 of all."""
    paths = RunPaths(str(tmp_path), str(tmp_path), 'run')
    pictures = RunPictures(paths, Split(np.zeros((6, 1, 1, 1)), LABELS), ('a', 'b', 'c'))
    pictures.keep('val', 1, evaluator_of(LABELS, judged_by, centers, features), WEIGHTS)
    return Frame(**read_npz(paths.output('frames') + '/val-001.npz', []))


def test_at_the_end_train_and_test_images_stand_side_by_side(tmp_path):
    """Of another class each, with the same features and so in the same places."""
    paths = RunPaths(str(tmp_path), str(tmp_path), 'run')
    pictures = RunPictures(paths, Split(np.zeros((6, 1, 1, 1)), LABELS), ('a', 'b', 'c'))
    pictures.keep('train', 7, evaluator_of(LABELS * 0), WEIGHTS)
    pictures.draw_map(7, evaluator_of(LABELS * 0 + 1), WEIGHTS)
    np.testing.assert_array_equal(Frame(**read_npz(paths.output('frames') + '/test-007.npz', [])).labels, 1)
    with Image.open(paths.output('map.png')) as image:
        pixels = np.asarray(image.convert('RGB'))
    assert pixels.shape == (960, 1920, 3)
    found = [[(half == color).all(axis=2).sum() > 100 for color in class_colors(3)]
             for half in (pixels[:, :960], pixels[:, 960:])]
    assert found == [[True, False, False], [False, True, False]]
    places = [np.nonzero((half == color).all(axis=2)) for half, color in zip((pixels[:, :960], pixels[:, 960:]),
                                                                            class_colors(2))]
    for train, test in zip(*places):
        np.testing.assert_allclose([train.min(), train.max()], [test.min(), test.max()], atol=6)


def mistakes(frame):
    """The features of the wrongly classified: a frame has its images in an order of its own."""
    return sorted(frame.features[frame.wrong].tolist())


def test_mistakes_and_accuracy_are_those_of_softmax(tmp_path):
    frame = kept(tmp_path)
    assert mistakes(frame) == sorted(FEATURES[2:].tolist())
    assert frame.judgement == ', accuracy 0.3333 by softmax'
    assert frame.judged_by('softmax', 'knn') == ', accuracy 0.3333 by softmax, 0.8333 by nearest centre'


def test_where_no_class_layer_is_trained_they_are_those_of_the_nearest_centre(tmp_path):
    frame = kept(tmp_path, judged_by=('retrieval',))
    assert mistakes(frame) == [[0, 1]]
    assert frame.judgement == ', accuracy 0.8333 by nearest centre'
    assert frame.judged_by('softmax') == '' and frame.weights is None


def test_where_nothing_is_classified_nothing_is_wrong(tmp_path):
    frame = kept(tmp_path, judged_by=('retrieval',), centers=None)
    assert frame.wrong is None and frame.judgement == ''


def test_a_frame_knows_its_images_both_answers_and_how_sure_softmax_was(tmp_path):
    frame = kept(tmp_path)
    np.testing.assert_array_equal(frame.features, FEATURES[frame.indices])
    np.testing.assert_array_equal(frame.labels, LABELS[frame.indices])
    np.testing.assert_allclose(frame.sure, softmax(LOGITS, axis=1)[frame.indices, 0], rtol=1e-6)
    np.testing.assert_array_equal(frame.softmax, 0)
    np.testing.assert_array_equal(frame.knn, np.array([0, 0, 1, 0, 2, 2])[frame.indices])
    np.testing.assert_array_equal(frame.weights, WEIGHTS)
    np.testing.assert_allclose(frame.accuracies, [2 / 6, 5 / 6])


@pytest.mark.parametrize('features, note', [
    (np.zeros((6, 2)), 'collapsed: 3 of 3 pairs of classes'), (CENTERS[LABELS], '')], ids=['all in one point', 'apart'])
def test_a_collapsed_epoch_says_so(tmp_path, features, note):
    assert kept(tmp_path, features=features).note == note


@pytest.mark.parametrize('count', [MOST_LISTED, MOST_LISTED + 1])
def test_a_frame_keeps_centres_and_weights_of_classes_that_can_be_told_apart(count):
    rows = np.zeros((count, 2))
    outputs = Outputs.of(np.zeros((6, count)), FEATURES, LABELS)
    frame = frame_of(Evaluator(outputs, rows), rows)
    assert (frame.centers is None) == (frame.weights is None) == (count > MOST_LISTED)
    assert frame.collapsed[1] == 3
