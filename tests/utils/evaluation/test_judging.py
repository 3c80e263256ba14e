"""Evaluation of networks' outputs, by both methods."""
import mxnet as mx
import numpy as np
import pytest
from scipy.special import softmax
from sklearn.neighbors import NearestCentroid

from models import get_model
from tests import photo_fixtures
from utils.data.dataset import Split, make_photo_split
from utils.errors import UserError
from utils.evaluation.evaluator import Evaluator
from utils.evaluation.judging import accuracy_by_means, confusion_of, predict, report
from utils.evaluation.outputs import Outputs
from utils.loading.center_crops import CenterCrops
from utils.loading.outputs import extract
from utils.loading.photo_reader import Reader, Shape

# Four samples of three classes, none of class 2. By logits the second is wrong; by centres the last two are.
OUTPUTS = Outputs.of(np.array([[2., 1, 0], [2, 1, 0], [0, 3, 1], [0, 3, 1]]),
                     features=np.array([[0., 0], [1, 1], [4, 4], [0, 1]]),
                     labels=np.array([0, 1, 1, 1]))
CENTERS = np.array([[0., 0], [1, 1], [5, 5]])


def test_softmax_takes_the_highest_logit_and_knn_the_nearest_center():
    np.testing.assert_array_equal(predict(OUTPUTS, 'softmax'), [0, 0, 1, 1])
    np.testing.assert_array_equal(predict(OUTPUTS, 'knn', CENTERS), [0, 1, 2, 0])


def test_an_evaluator_has_both_accuracies_and_knn_only_with_centers():
    evaluator = Evaluator(OUTPUTS, CENTERS)
    assert (evaluator.softmax, evaluator.knn) == (0.75, 0.5)
    assert evaluator.inter == pytest.approx(np.hypot(5 / 3, 2))
    assert Evaluator(OUTPUTS).knn is None


def test_a_report_holds_accuracy_per_class_accuracy_and_confusion():
    assert report(confusion_of(OUTPUTS, predict(OUTPUTS, 'softmax'))) == {
        'accuracy': 0.75, 'per_class_accuracy': [1.0, pytest.approx(2 / 3), None],
        'confusion_matrix': [[1, 0, 0], [1, 2, 0], [0, 0, 0]]}


def test_knn_without_centers_says_why_it_cannot():
    with pytest.raises(UserError, match=r'knn needs class centres.*without --center_loss'):
        predict(OUTPUTS, 'knn')


def test_without_centers_the_nearest_class_mean_of_the_training_images_stands_in():
    """As scikit-learn's nearest centroid has it; nothing is taken for a class without training images."""
    rng = np.random.default_rng(0)

    def outputs(labels):
        features = rng.normal(size=(len(labels), 3)) + 2 * np.eye(4, 3)[labels]
        return Outputs.of(np.zeros((len(labels), 4)), features, labels)
    train, test = outputs(rng.integers(0, 3, 200)), outputs(rng.integers(0, 4, 100))
    oracle = NearestCentroid().fit(train.features, train.labels).score(test.features, test.labels)
    assert accuracy_by_means(test, train) == pytest.approx(oracle) and 0.4 < oracle < 0.8


def test_features_are_extracted_in_order_whatever_the_batches():
    net = get_model('lenet')
    net.initialize(mx.init.Xavier())
    images = np.random.default_rng(0).random((300, 1, 28, 28), dtype=np.float32)  # more than one batch of 256
    labels = np.random.default_rng(1).integers(0, 10, 300)
    outputs = extract(net, Split(images, labels), mx.cpu())
    logits, features = net(mx.nd.array(images))
    shares = softmax(logits.asnumpy().astype(np.float64), axis=1)
    np.testing.assert_array_equal(outputs.answers, shares.argmax(axis=1))
    np.testing.assert_allclose(outputs.sure, shares.max(axis=1), rtol=1e-5)
    np.testing.assert_allclose(outputs.losses, -np.log(shares[np.arange(300), labels]), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(outputs.labels, labels)
    np.testing.assert_allclose(outputs.features, features.asnumpy(), rtol=1e-5, atol=1e-6)


def test_photos_are_looked_at_a_few_at_a_time(tmp_path):
    """256 of 224 pixels would take more memory than a training of small batches."""
    path, sizes = str(tmp_path / 'photo.png'), []
    photo_fixtures.save(path, 0, 0)

    def net(images):
        sizes.append(len(images))
        return images.mean(axis=(2, 3)), images.mean(axis=(2, 3))

    with Reader(cache_bytes=1 << 20) as reader:
        photos = make_photo_split([(path, 0)] * 70)
        outputs = extract(net, CenterCrops(photos, reader, Shape(size=8, resize=8)), mx.cpu())
    assert sizes == [32, 32, 6]
    assert outputs.features.shape == (70, 3) and (outputs.features == outputs.features[0]).all()
