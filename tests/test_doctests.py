"""The examples in the docstrings of the library and of evaluation run, and no public function is without one."""
import doctest
import importlib
import inspect
import pkgutil

import pytest

import center_loss
import utils.evaluation

# What the losses are made of: base classes, which compute nothing, checks and warnings.
INTERNAL = ('center_loss.arrays', 'center_loss.base', 'center_loss.checks', 'center_loss.metric_base',
            'center_loss.watch')
MODULES = ['center_loss', *sorted(
    name for package in (center_loss, utils.evaluation)
    for _, name, _ in pkgutil.iter_modules(package.__path__, f'{package.__name__}.')
    if not name.rpartition('.')[2].startswith('_') and name not in INTERNAL)]


def examples(module):
    """{name: doctest} of what in `module` has examples. Each imports what it uses, as its reader has to."""
    return {test.name: test for test in doctest.DocTestFinder().find(module, globs={})
            if test.examples}


def public(module):
    """Names of the functions and classes of `module` itself. A tuple is shown by the function that returns it."""
    return {f'{module.__name__}.{name}' for name, value in vars(module).items()
            if not name.startswith('_') and getattr(value, '__module__', None) == module.__name__
            and (inspect.isfunction(value) or (inspect.isclass(value) and not issubclass(value, tuple)))}


@pytest.mark.parametrize('name', MODULES)
def test_the_examples_of_a_module_run(name):
    tests, failures = examples(importlib.import_module(name)), []
    for test in tests.values():
        doctest.DocTestRunner(verbose=False).run(test, out=failures.append)
    assert tests and not failures, ''.join(failures)


@pytest.mark.parametrize('name', MODULES)
def test_every_public_function_has_an_example(name):
    module = importlib.import_module(name)
    assert public(module) - set(examples(module)) == set()
