"""What every metric-learning loss of `list_losses('metric')` must do."""
import subprocess
import sys

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from center_loss import get_loss, has_parameters, list_losses, loss_options
from tests.center_loss import metric_oracles

BFLOAT16 = np.dtype([('bfloat16', np.uint16)])
C, D = 4, 3
# (loss, options that matter to it, not its defaults); each option is in one of them.
CASES = [
    ('contrastive', {}),
    ('contrastive', {'pos_margin': 0.4, 'neg_margin': 1.3}),
    ('triplet', {}),
    ('triplet', {'miner': 'batch_all', 'margin': 0.7}),
    ('triplet', {'miner': 'batch_hard', 'margin': 0.7}),
    ('triplet', {'miner': 'semi_hard', 'margin': 0.7}),
    ('triplet', {'miner': 'given', 'margin': 0.7}),
    ('normalized_softmax', {}),
    ('normalized_softmax', {'scale': 3.0}),
    ('softtriple', {}),
    ('softtriple', {'centers_per_class': 3, 'scale': 4.0, 'gamma': 0.5, 'tau': 2.0, 'delta': 0.3}),
    ('softtriple', {'centers_per_class': 1}),
    ('arcface', {}),
    ('arcface', {'margin': 1.2, 'scale': 5.0}),  # wide enough for angles beyond pi - margin
    ('cosface', {}),
    ('cosface', {'margin': 0.8, 'scale': 5.0}),
    ('proxy_anchor', {}),
    ('proxy_anchor', {'margin': 0.3, 'alpha': 4.0}),
]


def make(name, **kwargs):
    """The loss with random proxies, of unequal length where it has any."""
    sizes = {'num_classes': C, 'feature_size': D} if has_parameters(name) else {}
    loss = get_loss(name, **{**sizes, **kwargs})
    loss.initialize()
    rng = np.random.default_rng(7)
    for param in loss.collect_params().values():
        param.set_data(nd.array(rng.normal(size=param.shape) * rng.uniform(0.5, 2, size=(param.shape[0], 1)),
                                dtype=param.dtype))
    return loss


def random_batch(size=12, miner=None):
    """Features and labels with unequal class counts; the last class is missing. For 'given', stacked triplets."""
    rng = np.random.default_rng(size)
    labels = rng.integers(0, C - 1, size)
    labels[:size // 3] = 0
    if miner == 'given':
        third = size // 3
        labels = np.concatenate([labels[:third], labels[:third], (labels[:third] + 1) % C])
    return rng.normal(size=(size, D)).astype(np.float32), labels


def batch_of(options, size=12):
    return random_batch(size, options.get('miner'))


def run(loss, features, labels, *sample_weight, dtype='float32'):
    """(losses, dL/dfeatures, {parameter: gradient}) of the summed loss, as numpy arrays."""
    features, labels = nd.array(features, dtype=dtype), nd.array(labels, dtype='int32')
    features.attach_grad()
    with autograd.record():
        losses = loss(features, labels, *sample_weight)
    losses.backward()
    return (losses.asnumpy(), features.grad.asnumpy(),
            {name: param.grad().asnumpy() for name, param in loss.collect_params().items()})


def case_id(case):
    return ' '.join([case[0], *(f'{key}={value}' for key, value in case[1].items())])


@pytest.fixture(params=CASES, ids=case_id)
def case(request):
    return request.param


@pytest.fixture(params=[case for case in CASES if has_parameters(case[0])], ids=case_id)
def proxy_case(request):
    return request.param


@pytest.fixture(params=list_losses('metric'))
def name(request):
    return request.param


@pytest.fixture(params=[name for name in list_losses('metric') if has_parameters(name)])
def proxy_name(request):
    return request.param


def test_every_loss_and_every_option_of_it_has_an_oracle():
    assert set(metric_oracles.LOSSES) == {name for name, _ in CASES} == set(list_losses('metric'))
    for name in list_losses('metric'):
        assert {option for other, options in CASES if other == name for option in options} == set(loss_options(name))


def test_names_and_what_they_take_are_known_without_mxnet():
    code = ('import sys, center_loss as c; print(all(c.list_losses(kind) for kind in (None, "center", "metric")), '
            '[c.has_parameters(name) for name in ("triplet", "softtriple")], c.loss_options("arcface"), '
            '"mxnet" in sys.modules)')
    answer = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert answer.stdout == "True [False, True] ('margin', 'scale') False\n"
    assert set(list_losses()) == set(list_losses('center')) | set(list_losses('metric'))
    with pytest.raises(ValueError, match="kind: expected one of center, metric or None, got 'nonsense'"):
        list_losses('nonsense')


def test_a_loss_has_parameters_if_it_says_so():
    for name in list_losses():
        sizes = {'num_classes': C, 'feature_size': D} if has_parameters(name) else {}
        assert bool(get_loss(name, **sizes).collect_params().keys()) == has_parameters(name)


@pytest.mark.parametrize('hybridize', [False, True])
def test_the_mean_over_the_batch_is_the_loss_of_the_oracle(case, hybridize):
    name, options = case
    features, labels = batch_of(options)
    loss = make(name, **options)
    if hybridize:
        loss.hybridize()
    arrays = [features, *(param.data().asnumpy() for param in loss.collect_params().values())]
    losses, _, _ = run(loss, features, labels)
    expected = metric_oracles.LOSSES[name](arrays[0], labels, *arrays[1:], **options)
    assert losses.shape == (12,) and losses.dtype == np.float32 and expected > 0
    np.testing.assert_allclose(losses.mean(), expected, rtol=1e-5)


@pytest.mark.parametrize('hybridize', [False, True])
def test_gradients_are_the_differences_of_the_oracle(case, hybridize):
    name, options = case
    features, labels = batch_of(options)
    loss = make(name, lmbd=0.5, **options)
    if hybridize:
        loss.hybridize()
    arrays = [array.astype(np.float64) for array in
              (features, *(param.data().asnumpy() for param in loss.collect_params().values()))]
    _, to_features, to_parameters = run(loss, features, labels)

    def oracle(x, *w):
        return 0.5 * len(x) * metric_oracles.LOSSES[name](x, labels, *w, **options)

    for index, got in enumerate([to_features, *to_parameters.values()]):
        expected = metric_oracles.gradient(oracle, arrays, index)
        assert np.abs(expected).max() > 1e-3
        np.testing.assert_allclose(got, expected, rtol=2e-4, atol=2e-5 * np.abs(expected).max())


def test_every_parameter_moves_in_one_step(proxy_case):
    name, options = proxy_case
    features, labels = batch_of(options)
    loss = make(name, **options)
    params = loss.collect_params()
    before = {key: param.data().asnumpy() for key, param in params.items()}
    trainer = gluon.Trainer(params, 'sgd', {'learning_rate': 0.1})
    run(loss, features, labels)
    trainer.step(len(features))
    for key, param in params.items():
        assert (np.abs(param.data().asnumpy() - before[key]).max(axis=1) > 0).all(), key


@pytest.mark.parametrize('hybridize', [False, True])
@pytest.mark.parametrize('weight', [np.full(1, 0.25), np.linspace(0, 2, 12)], ids=['one', 'each'])
def test_a_sample_weight_multiplies_the_loss(case, weight, hybridize):
    name, options = case
    features, labels = batch_of(options)
    losses, to_features, _ = run(make(name, **options), features, labels)
    loss = make(name, **options)
    if hybridize:
        loss.hybridize()
    got = run(loss, features, labels, nd.array(weight))
    np.testing.assert_allclose(got[0], weight * losses, rtol=1e-6)
    if len(weight) == 1:
        np.testing.assert_allclose(got[1], weight * to_features, rtol=1e-4, atol=1e-6)


def degenerate_batches():
    features, labels = random_batch()
    zero = features.copy()
    zero[[0, 5]] = 0
    twins = features.copy()
    twins[1] = twins[0]
    opposite = features.copy()
    opposite[1] = -opposite[0]
    return {'identical features': (np.ones_like(features), labels), 'zero features': (np.zeros_like(features), labels),
            'two zero features': (zero, labels), 'twins': (twins, labels), 'opposite': (opposite, labels),
            'a class once': (features, np.array([0] * 11 + [1])), 'one class': (features, np.zeros(12, int)),
            'singletons': (features[:3], np.array([0, 1, 2])), 'tiny features': (features * 1e-18, labels),
            'huge features': (features * 1e15, labels), 'three samples': (features[:3], np.array([0, 0, 1]))}


@pytest.mark.filterwarnings('ignore:.*nothing learns from it:UserWarning')
@pytest.mark.parametrize('hybridize', [False, True])
def test_degenerate_batches_have_finite_losses_and_gradients(case, hybridize):
    name, options = case
    loss = make(name, **options)
    if hybridize:
        loss.hybridize()
    for batch, (features, labels) in degenerate_batches().items():
        if options.get('miner') == 'given':
            labels = batch_of(options, len(features))[1]
        losses, to_features, to_parameters = run(loss, features, labels)
        for array in (losses, to_features, *to_parameters.values()):
            assert np.isfinite(array).all(), batch
        if batch == 'zero features':
            np.testing.assert_array_equal(to_features, 0)


@pytest.mark.filterwarnings('ignore:.*nothing learns from it:UserWarning')
@pytest.mark.parametrize('miner', ['batch_all', 'batch_hard', 'semi_hard'])
@pytest.mark.parametrize('labels', [np.zeros(6, int), np.arange(6)], ids=['one class', 'singletons'])
def test_without_a_valid_triplet_loss_and_gradient_are_zero(miner, labels):
    features = random_batch(6)[0]
    losses, to_features, _ = run(make('triplet', miner=miner, margin=2.0), features, labels)
    np.testing.assert_array_equal(losses, np.zeros(6))
    np.testing.assert_array_equal(to_features, np.zeros((6, D)))


def test_a_feature_on_or_opposite_its_proxy_has_finite_gradients(proxy_name):
    loss = make(proxy_name)
    (param,) = loss.collect_params().values()
    per_class = param.shape[0] // C
    proxies = param.data().asnumpy()[::per_class]
    for sign in (1, -1):
        losses, to_features, to_parameters = run(loss, sign * proxies, np.arange(C))
        for array in (losses, to_features, *to_parameters.values()):
            assert np.isfinite(array).all()


@pytest.mark.parametrize('feature_type, tolerance', [('float16', 2e-3), (BFLOAT16, 1e-2)])
@pytest.mark.parametrize('hybridize', [False, True])
def test_half_precision_features_meet_a_float32_loss(case, feature_type, tolerance, hybridize):
    """The value is that of the rounded features; only the gradient is rounded again."""
    name, options = case
    features, labels = batch_of(options)
    half = nd.amp_cast(nd.array(features), dtype=feature_type)
    rounded = nd.amp_cast(half, dtype='float32').asnumpy()
    expected, to_features, _ = run(make(name, **options), rounded, labels)
    loss = make(name, **options)
    loss.cast('float16')
    if hybridize:
        loss.hybridize()
    half.attach_grad()
    with autograd.record():
        losses = loss(half, nd.array(labels))
    losses.backward()
    assert losses.dtype == np.float32
    np.testing.assert_allclose(losses.asnumpy(), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(nd.amp_cast(half.grad, dtype='float32').asnumpy(), to_features, rtol=tolerance,
                               atol=tolerance * np.abs(to_features).max())


def test_float64_features_are_taken(case):
    name, options = case
    features, labels = batch_of(options)
    expected = run(make(name, **options), features, labels)[0]
    np.testing.assert_allclose(run(make(name, **options), features, labels, dtype='float64')[0], expected, rtol=1e-5,
                               atol=1e-6)


@pytest.mark.parametrize('label_type', ['float16', 'float32', 'float64', 'uint8', 'int8', 'int64', BFLOAT16])
def test_labels_of_any_dtype(name, label_type):
    features, labels = random_batch()
    loss = make(name)
    expected = loss(nd.array(features), nd.array(labels, dtype='int32')).asnumpy()
    if label_type is BFLOAT16:
        labels = nd.amp_cast(nd.array(labels), dtype=BFLOAT16)
    else:
        labels = nd.array(labels, dtype=label_type)
    np.testing.assert_array_equal(loss(nd.array(features), labels).asnumpy(), expected)


def test_runs_with_symbols_and_after_export(case, tmp_path):
    name, options = case
    features, labels = (nd.array(array) for array in batch_of(options))
    loss = make(name, **options)
    loss.hybridize()
    expected = loss(features, labels).asnumpy()
    loss.export(str(tmp_path / 'loss'))
    inputs = [mx.sym.var(input_name, dtype='float32') for input_name in ('data0', 'data1')]
    again = gluon.SymbolBlock(mx.sym.load(str(tmp_path / 'loss-symbol.json')), inputs)
    again.load_parameters(str(tmp_path / 'loss-0000.params'))
    np.testing.assert_allclose(again(features, labels).asnumpy(), expected, rtol=1e-6)


def test_runs_on_a_device_that_is_not_the_default(case):
    name, options = case
    features, labels = batch_of(options)
    expected = make(name, **options)(nd.array(features), nd.array(labels)).asnumpy()
    loss = make(name, **options)
    loss.collect_params().reset_ctx(mx.cpu(1))
    got = loss(nd.array(features, ctx=mx.cpu(1)), nd.array(labels, ctx=mx.cpu(1)))
    assert got.context == mx.cpu(1)
    np.testing.assert_allclose(got.asnumpy(), expected, rtol=1e-6)


def test_graphs_run_under_amp():
    """In a fresh process, since AMP stays on: it casts within graphs, and not every operator survives that."""
    code = ('import center_loss, numpy as np\n'
            'from mxnet.contrib import amp\n'
            'from tests.center_loss import test_losses\n'
            'from tests.center_loss.test_metric_losses import CASES, batch_of, make, run\n'
            'cases = CASES + [(case.name, case.options) for case in test_losses.CASES.values()]\n'
            'expected = [run(make(name, **options), *batch_of(options)) for name, options in cases]\n'
            'amp.init("bfloat16")\n'
            'for (name, options), wanted in zip(cases, expected):\n'
            '    loss = make(name, **options)\n'
            '    test_losses.hybridize_if_it_can(loss)\n'
            '    got = run(loss, *batch_of(options))\n'
            '    assert all(np.allclose(one, other, 1e-5, 1e-6) for one, other in zip(got[:2], wanted)), name\n')
    answer = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize('label', [-1, C])
def test_a_label_outside_the_range_is_refused_and_then_a_nan(proxy_name, label):
    features, labels = random_batch()
    loss = make(proxy_name)
    loss.hybridize()
    loss(nd.array(features), nd.array(labels))
    bad = labels.copy()
    bad[5] = label
    losses, to_features, _ = run(loss, features, bad)
    assert np.flatnonzero(np.isnan(losses)).tolist() == [5]
    np.testing.assert_array_equal(to_features[5], 0)
    with pytest.raises(ValueError, match=rf'labels: expected integers in 0\.\.{C - 1}, got {label}.* at position 5'):
        make(proxy_name)(nd.array(features), nd.array(bad))


@pytest.mark.parametrize('features, labels, message', [
    ((4, D, 1), (4,), r'features: expected shape \(B, .*\), got \(4, 3, 1\)'),
    ((4, D), (3,), r'labels: expected shape \(4,\) to match features \(4, 3\), got \(3,\)'),
])
def test_wrong_shapes_say_what_was_expected_and_what_came(name, features, labels, message):
    with pytest.raises(ValueError, match=message):
        make(name)(nd.zeros(features), nd.zeros(labels))


@pytest.mark.parametrize('value', [-1, float('nan'), float('inf'), '1'])
def test_wrong_numbers_are_refused(name, value):
    for option in {'lmbd', *loss_options(name)} - {'miner', 'centers_per_class'}:
        with pytest.raises(ValueError, match=f'{option}: expected a finite number (above 0|of at least 0), got'):
            make(name, **{option: value})


@pytest.mark.parametrize('name, kwargs, message', [
    ('triplet', {'miner': 'magic'}, "miner: expected one of batch_all, .*given, got 'magic'"),
    ('arcface', {'margin': 28.6}, r'margin: expected radians below pi, got 28\.6'),
    ('cosface', {'scale': 0}, 'scale: expected a finite number above 0, got 0'),
    ('softtriple', {'gamma': 0}, 'gamma: expected a finite number above 0, got 0'),
    ('softtriple', {'centers_per_class': 0}, 'centers_per_class: expected an integer of at least 1, got 0'),
    ('proxy_anchor', {'dtype': 'float16'}, "dtype: expected 'float32' or 'float64', got 'float16'"),
])
def test_wrong_settings_are_refused(name, kwargs, message):
    with pytest.raises(ValueError, match=message):
        make(name, **kwargs)


def test_proxies_start_at_length_about_one_or_as_told():
    loss = get_loss('cosface', num_classes=50, feature_size=64)
    loss.initialize(mx.init.Zero())
    assert 0.9 < np.linalg.norm(loss.centers.asnumpy(), axis=1).mean() < 1.1
    loss = get_loss('cosface', num_classes=50, feature_size=64, weight_initializer='ones', dtype='float64')
    loss.initialize()
    np.testing.assert_array_equal(loss.centers.asnumpy(), np.ones((50, 64)))
    assert loss(nd.ones((2, 64)), nd.zeros((2,))).dtype == np.float64


def test_proxy_anchor_does_not_overflow():
    features, labels = random_batch()
    losses, to_features, to_parameters = run(make('proxy_anchor', alpha=1000.0), features, labels)
    for array in (losses, to_features, *to_parameters.values()):
        assert np.isfinite(array).all() and np.abs(array).max() > 0


def test_a_given_triplet_that_its_labels_contradict_is_a_nan():
    features, labels = random_batch(miner='given')
    expected, _, _ = run(make('triplet', miner='given', margin=2.0), features, labels)
    for position in (5, 9):  # the positive of triplet 1 gets another class, then the negative that of its anchor
        wrong = labels.copy()
        wrong[position] = labels[1] + 1 if position == 5 else labels[1]
        losses, to_features, _ = run(make('triplet', miner='given', margin=2.0), features, wrong)
        assert np.flatnonzero(np.isnan(losses)).tolist() == [1]
        np.testing.assert_allclose(losses[[0, 2, 3]], expected[[0, 2, 3]] * 4 / 3, rtol=1e-6)
        np.testing.assert_array_equal(to_features[[1, 5, 9]], 0)
    with pytest.raises(ValueError, match=r'features: expected anchors, positives and negatives, .* 3 rows, got 4'):
        make('triplet', miner='given')(nd.ones((4, D)), nd.zeros((4,)))
