"""Which epoch a run keeps and reports, what it measures from epoch to epoch, and that a resume changes neither."""
import numpy as np
import pytest
from mxnet import gluon, nd

from tests.utils.training.cases import DIRECTIONS, EVERYTHING_RIGHT, JUDGE, LABELS, Case
from utils.storage import checkpoint


def test_of_equally_accurate_epochs_the_one_with_the_smallest_loss_is_kept_and_judged(tmp_path):
    """Everything is right in all but the third; the longer the features, the smaller the loss."""
    case = Case(tmp_path)
    for number, scale in enumerate((1, 3, -9, 2), 1):
        case.end_epoch(number, scale * EVERYTHING_RIGHT)
        if number == 3:
            state, case = checkpoint.load(case.paths.state), Case(tmp_path)
            case.run.resume(state)
    np.testing.assert_array_equal(case.saved_weight(), 3 * EVERYTHING_RIGHT)
    results = case.results()
    logits = 3 * JUDGE.images.reshape(6, 2) @ DIRECTIONS.T
    loss = gluon.loss.SoftmaxCrossEntropyLoss()(nd.array(logits), nd.array(LABELS)).mean().asscalar()
    assert results['selection'] == {'on': 'val', 'by': 'softmax', 'epoch': 2, 'softmax': 1.0,
                                    'ties_by': 'cross_entropy', 'loss': pytest.approx(float(loss), rel=1e-5)}
    assert results['test']['intra'] == pytest.approx(0.3, rel=1e-5), 'of the second epoch: three times 0.1'


def test_how_far_centres_moved_is_since_the_epoch_before_also_across_a_resume(tmp_path):
    case = Case(tmp_path)
    case.end_epoch(1, centers=((3, 4), (0, 0), (0, 0)))
    case.end_epoch(2, centers=((3, 4), (0, 6), (0, 0)))
    resumed = Case(tmp_path)
    assert resumed.run.resume(checkpoint.load(case.paths.state)) == 3
    resumed.end_epoch(3, centers=((3, 4), (0, 6), (0, 9)))
    assert [row['center_moved'] for row in resumed.run.history] == pytest.approx([5 / 3, 6 / 3, 9 / 3])


def test_with_an_average_it_is_the_average_that_is_judged_and_saved_and_moves(tmp_path):
    """After the first steps it holds 2/11 of the old value, then 3/12."""
    case, expected = Case(tmp_path, average=True), 0
    for number, old in ((1, 2 / 11), (2, 3 / 12)):
        if number == 2:  # as after a resume
            state, case = checkpoint.load(case.paths.state), Case(tmp_path, average=True)
            case.run.resume(state)
        case.end_epoch(number, number * EVERYTHING_RIGHT, centers=((number, 0),) * 3)
        before, expected = expected, old * expected + (1 - old) * number
        assert case.run.history[-1]['center_moved'] == pytest.approx(expected - before, rel=1e-5)
        np.testing.assert_allclose(case.saved_weight(), expected * EVERYTHING_RIGHT, rtol=1e-5)
        np.testing.assert_array_equal(case.net.features.weight.data().asnumpy(), number * EVERYTHING_RIGHT)


def test_an_epoch_and_the_end_look_at_every_image_once(tmp_path):
    """Six images judge; at the end six are tested. Centres stand for the class means of training images."""
    case, sizes = Case(tmp_path, judged_by=('classes', 'retrieval')), []
    case.net.register_forward_hook(lambda net, inputs, outputs: sizes.append(len(inputs[0])))
    for number in (1, 2):
        case.end_epoch(number)
        assert sizes == [6] * number
    case.results()
    assert sizes == [6, 6, 6]
