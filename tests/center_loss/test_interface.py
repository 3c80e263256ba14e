"""What a user meets before any loss is computed: names, settings, repr, and errors that say what to do."""
import ast
import inspect
import subprocess
import sys

import numpy as np
import pytest
from mxnet import gluon, nd

import center_loss
from center_loss import get_loss, has_parameters, list_losses, loss_options
from tests.center_loss import metric_oracles, oracles
from tests.center_loss.hybrid import hybridize_if_it_can
from tests.center_loss.warned import warned

SIZES = {'num_classes': 4, 'feature_size': 3}
CASES = [(case.name, case.options) for case in oracles.CASES.values()] + metric_oracles.CASES


def sizes_of(name):
    return SIZES if has_parameters(name) else {}


@pytest.fixture(params=list_losses())
def name(request):
    return request.param


def test_center_is_a_name_of_the_default_center_loss():
    loss = get_loss('center', **SIZES, lmbd=0.5)
    assert type(loss) is type(get_loss('embedding', **SIZES)) and 'lmbd=0.5' in repr(loss)
    assert has_parameters('center') and loss_options('center') == loss_options('embedding')


@pytest.mark.parametrize('function', [get_loss, has_parameters, loss_options])
def test_an_unknown_name_is_refused(function):
    with pytest.raises(ValueError, match=r"name: expected one of embedding, .*, center, got 'nonsense'"):
        function('nonsense')


def test_editors_know_all_that_is_loaded_when_it_is_asked_for():
    """They read the imports under TYPE_CHECKING; Python never runs these, and finds each name another way."""
    with open(center_loss.__file__, encoding='utf-8') as file:
        blocks = [node for node in ast.parse(file.read()).body if isinstance(node, ast.If)]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    declared = {alias.name: f'center_loss.{node.module}' for node in imports for alias in node.names
            if alias.asname == alias.name}  # only `import A as A` is exported to them
    loaded = {name: getattr(center_loss, name).__module__ for name in center_loss.__all__}
    assert declared == {name: module for name, module in loaded.items() if module != 'center_loss'} != {}


def test_dir_lists_all_that_can_be_imported():
    names = dir(center_loss)
    assert names == sorted(set(names)) and {'CenterLoss', 'get_loss', 'offline_triplets', '__version__'} <= set(names)
    assert {type(get_loss(name, **sizes_of(name))).__name__ for name in list_losses()} <= set(names)


@pytest.mark.parametrize('name, options', CASES, ids=str)
def test_repr_is_the_call_that_makes_the_loss_again(name, options):
    given = {**sizes_of(name), 'lmbd': 0.3, **options}
    if has_parameters(name):
        given.update(dtype='float64', weight_initializer='ones')
    loss = get_loss(name, **given, prefix='mine_')
    call = ast.parse(repr(loss), mode='eval').body
    shown = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert call.func.id == type(loss).__name__ and {key: shown[key] for key in given} == given
    again = getattr(center_loss, call.func.id)(**shown)
    assert repr(again) == repr(loss)


@pytest.mark.parametrize('name', [name for name in list_losses() if has_parameters(name)])
def test_repr_shows_the_dtype_that_a_cast_left(name):
    loss = get_loss(name, **SIZES)
    loss.cast('float64')
    assert "dtype='float64'" in repr(loss)
    loss.cast('float16')
    assert "dtype='float64'" in repr(loss)


@pytest.mark.parametrize('wrong', ['nonsense', 'weight', 'batch_axis', 'per_class'])
def test_a_setting_that_is_none_is_refused_with_those_that_are(name, wrong):
    loss = get_loss(name, **sizes_of(name))
    with pytest.raises(TypeError, match=rf"{type(loss).__name__}: expected settings among .*lmbd.*, got '{wrong}'$"):
        get_loss(name, **sizes_of(name), **{wrong: 1})
    for option in loss_options(name):
        with pytest.raises(TypeError, match=rf'among .*\b{option}\b'):
            get_loss(name, **sizes_of(name), **{wrong: 1})


@pytest.mark.parametrize('name', [name for name in list_losses() if 'alpha' not in loss_options(name)])
def test_alpha_is_said_to_be_the_rate_of_the_trainer(name):
    with pytest.raises(TypeError, match="got 'alpha'") as caught:
        get_loss(name, **sizes_of(name), alpha=0.25)
    loss = get_loss(name, **sizes_of(name))
    hint = str(caught.value).partition("alpha is the rate of the centres' trainer: ")[2]
    assert bool(hint) == has_parameters(name)
    if hint:
        loss.initialize()
        names = {'gluon': gluon, 'loss': loss}
        exec(hint, names)
        assert names['trainer'].learning_rate == 0.25


@pytest.mark.parametrize('hybridize', [False, True])
def test_an_empty_batch_is_refused(name, hybridize):
    loss = get_loss(name, **sizes_of(name))
    loss.initialize()
    features, labels = nd.ones((6, 3)), nd.array([0, 0, 0, 0, 1, 1])
    if hybridize:
        hybridize_if_it_can(loss)
        loss(features, labels)
    with pytest.raises(ValueError, match=r'features: expected at least one sample, got an empty batch, \(0, 3\)'):
        loss(features[:0], labels[:0])


def test_hybridize_says_where_it_does_nothing():
    loss, features, labels = get_loss('function', **SIZES), nd.ones((2, 3)), nd.array([0, 3])
    loss.initialize()
    expected = loss(features, labels).asnumpy()
    parent = gluon.Block()
    parent.register_child(loss)
    for block in (loss, parent):
        with warned() as said:
            block.hybridize()
        assert [(str(line.message).partition(':')[0], line.filename) for line in said] == [
            ('FunctionCenterLoss', __file__)]
        block.hybridize(False)
    np.testing.assert_array_equal(loss(features, labels).asnumpy(), expected)


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
        assert bool(get_loss(name, **sizes_of(name)).collect_params().keys()) == has_parameters(name)


def test_options_are_what_a_constructor_takes_and_not_all_of_its_kind_do(name):
    """What is read from the source is what Python says of the class."""
    takes = list(inspect.signature(type(get_loss(name, **sizes_of(name)))).parameters)
    shared = {*sizes_of(name), 'lmbd', 'sparse_grad', 'dtype', 'weight_initializer', 'kwargs'}
    assert [option for option in takes if option not in shared] == list(loss_options(name))
