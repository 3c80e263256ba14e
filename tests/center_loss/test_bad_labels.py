"""What every loss makes of labels that are none: an error while the host reads them, NaN in the graph."""
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from center_loss import get_loss, has_parameters, list_losses
from tests.center_loss.hybrid import hybridize_if_it_can

C, D = 300, 4  # more classes than uint8 can number
GOOD = [0, 7, 7, 9, 127, 0]
BAD = 2  # the place of the label that is none
# (label, dtype); some are no class but still integers of 32 bits, which is all that pairs ask for.
LABELS = [(1.5, 'float32'), (9.9, 'float32'), (-0.5, 'float32'), (9.5, 'float16'), (0.25, 'float64'),
          (float('nan'), 'float32'), (float('inf'), 'float32'), (float('-inf'), 'float64'), (1e30, 'float32'),
          (2 ** 32 + 3, 'int64'), (2 ** 32 + 3, 'float64'), (-2 ** 32 + 7, 'int64'), (2 ** 31, 'int64'),
          (-1, 'int8'), (C, 'int32'), (C, 'float32'), (2 ** 24 + 7, 'int64')]
OPTIONS = [(name, {}) for name in list_losses()] + [
    ('embedding', {'sparse_grad': True}), ('embedding', {'center_update': 'paper'}), ('triplet', {'miner': 'given'})]


def make(name, **options):
    """The loss, hybridized, with the same centres each time."""
    sizes = {'num_classes': C, 'feature_size': D} if has_parameters(name) else {}
    loss = get_loss(name, **sizes, **options)
    loss.initialize()
    for param in loss.collect_params().values():
        param.set_data(nd.array(np.random.default_rng(0).normal(size=param.shape)))
    hybridize_if_it_can(loss)
    return loss


def labels_with(label, dtype):
    labels = np.array(GOOD, 'int64' if 'int' in dtype else 'float64')
    labels[BAD] = label
    return nd.array(labels, dtype=dtype)


def is_label(name, label):
    """As Python counts: without casts."""
    low, high = (0, C) if has_parameters(name) else (-2 ** 31, 2 ** 31)
    return float(label).is_integer() and low <= label < high


def run(loss, labels):
    """Losses and gradients, of features and centres, with the labels in the hot path, where nobody reads them."""
    features = nd.array(np.random.default_rng(1).normal(size=(len(GOOD), D)))
    loss(features, nd.array(GOOD))  # the call that reads
    features.attach_grad()
    with autograd.record():
        losses = loss(features, labels)
    losses.backward()
    return [losses.asnumpy(), features.grad.asnumpy(), *(param.grad().tostype('default').asnumpy()
                                                         for param in loss.collect_params().values())]


@pytest.fixture(params=OPTIONS, ids=str)
def case(request):
    return request.param


def test_in_the_hot_path_it_is_a_nan_and_nothing_flows_from_it(case):
    """Whatever it is, it is left out as -1 is: no class is taken for it."""
    name, options = case
    loss = make(name, **options)
    left_out = run(loss, labels_with(-1, 'int32'))
    for label, dtype in LABELS:
        losses, to_features, *to_centers = run(loss, labels_with(label, dtype))
        if is_label(name, label):  # though with 'given' it contradicts those beside it
            assert np.isfinite(losses).all() or 'miner' in options, label
        elif not has_parameters(name):  # the pairs that it is in are of the whole batch
            assert np.isnan(losses).all() and not to_features.any(), label
        else:
            assert np.flatnonzero(np.isnan(losses)).tolist() == [BAD], label
            assert not to_features[BAD].any() and np.isfinite(to_features).all(), label
            for got, wanted in zip([losses, to_features, *to_centers], left_out):
                np.testing.assert_array_equal(got, wanted, err_msg=str(label))


@pytest.mark.parametrize('name', [name for name in list_losses('center')])
def test_it_moves_no_center(name):
    """The gradient of the centres is that of the batch without it, in which its class does not count."""
    options = {'balance': False} if name in ('embedding', 'parameter') else {}
    *_, to_centers = run(make(name, **options), labels_with(7.5, 'float32'))
    loss, others = make(name, **options), np.arange(len(GOOD)) != BAD
    features = nd.array(np.random.default_rng(1).normal(size=(len(GOOD), D))[others])
    with autograd.record():
        losses = loss(features, nd.array(np.array(GOOD)[others]))
    losses.backward()
    (param,) = loss.collect_params().values()
    np.testing.assert_allclose(to_centers, param.grad().asnumpy(), rtol=1e-6)
    assert np.flatnonzero(np.abs(to_centers).sum(axis=1)).tolist() == [0, 7, 9, 127]


@pytest.mark.parametrize('name', list_losses())
def test_where_labels_are_read_it_is_refused(name):
    loss, features = make(name), nd.ones((len(GOOD), D))
    message = rf'labels: expected integers in -?\d+\.\.\d+, got .* at position {BAD}'
    for label, dtype in LABELS:
        if not is_label(name, label):
            with pytest.raises(ValueError, match=message):
                loss(features, labels_with(label, dtype))  # the first call in the graph, until one is good
    loss.hybridize(False)
    for label, dtype in LABELS:
        if is_label(name, label):
            loss(features, labels_with(label, dtype))
        elif loss.can_hybridize:  # the other reads on the first call alone
            with pytest.raises(ValueError, match=message):
                loss(features, labels_with(label, dtype))


@pytest.mark.parametrize('name', [name for name in list_losses() if name != 'function'])
def test_within_a_hybridized_parent_it_is_a_nan(name):
    class Parent(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.loss = make(name)

        def hybrid_forward(self, F, features, labels):
            return 2 * self.loss(features, labels)

    parent = Parent()
    parent.hybridize()
    assert np.isnan(parent(nd.ones((len(GOOD), D)), labels_with(1.5, 'float32')).asnumpy()[BAD])


def test_good_labels_of_any_dtype_are_taken_in_the_hot_path(case):
    """The largest that each dtype and the classes allow among them."""
    name, options = case
    loss = make(name, **options)
    for dtype, largest in [('int8', 127), ('uint8', 255), ('float16', C - 1), ('float32', C - 1), ('float64', C - 1),
                           ('int64', C - 1)]:
        labels = [0, largest, 0, largest, largest, 0]  # two anchors, their positives, their negatives
        expected = run(loss, nd.array(labels, dtype='int32'))
        assert np.isfinite(expected[0]).all()
        for got, wanted in zip(run(loss, nd.array(labels, dtype=dtype)), expected):
            np.testing.assert_array_equal(got, wanted, err_msg=dtype)


def test_more_classes_than_float32_can_number():
    """The neighbours of 2**24, as int64: each is its own class."""
    many = 2 ** 24 + 4
    loss = get_loss('embedding', num_classes=many, feature_size=1, sparse_grad=True, weight_initializer='zeros')
    loss.initialize()
    loss.hybridize()
    labels = np.array([many - 4, many - 3, many - 2, many - 1])
    loss.embedding.weight.data()[many - 4:] = nd.array([[1], [2], [3], [4]])
    loss(nd.zeros((4, 1)), nd.array(labels, dtype='int64'))
    np.testing.assert_array_equal(loss(nd.zeros((4, 1)), nd.array(labels, dtype='int64')).asnumpy(), [.5, 2, 4.5, 8])
    assert np.isnan(loss(nd.zeros((4, 1)), nd.array(labels + 6, dtype='int64')).asnumpy()).all()
