"""Which room imports which: upward imports, circles and packages in a room that has no use for them fail here."""
import ast
import os

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# A room imports itself and those of the levels before it; `models` and `center_loss` are for cli and modes alone.
LEVELS = [['errors', 'signals', 'terminal'], ['runtime', 'progress'], ['storage', 'evaluation'], ['data'],
          ['settings', 'loading', 'pictures'], ['pages'], ['training', 'comparison', 'cli'],
          ['modes'], ['main'], ['benchmarks']]
LEVEL = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
PACKAGES = ('center_loss', 'models')
USE_PACKAGES = ('cli', 'modes', 'benchmarks')
# What a file or folder may never import, and what it may import inside functions only: `--help` needs none of these.
NEVER = {'utils/evaluation': ('mxnet', 'matplotlib'), 'center_loss': ('utils', 'models', 'benchmarks', 'matplotlib'),
         'models': ('utils', 'center_loss', 'benchmarks', 'matplotlib')}
LATE = {'utils/settings': ('mxnet', 'numpy'), 'utils/cli': ('mxnet', 'numpy'),
        'utils/data/__init__.py': ('mxnet', 'numpy'), 'utils/storage/run_paths.py': ('mxnet', 'numpy'),
        'main.py': ('mxnet', 'numpy')}
DRAWS = ('utils/pictures',)  # the only ones with Matplotlib


def python_files():
    """Paths, from the root, of all the project's Python files but its tests."""
    paths = ['main.py']
    for package in ('center_loss', 'models', 'utils', 'benchmarks'):
        for folder, _, names in os.walk(os.path.join(ROOT, package)):
            paths += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names if name.endswith('.py')]
    return sorted(paths)


def imports(source, path):
    """[(absolute dotted name, line, whether in a function)] of what the text `source` of the file `path` imports."""
    package = path[:-len('.py')].split('/')[:-1]
    found = []

    def visit(node, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, child.lineno, inside) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = package[:len(package) - child.level + 1] if child.level else []
                stem = '.'.join([*base, *([child.module] if child.module else [])])
                found.extend((f'{stem}.{alias.name}', child.lineno, inside) for alias in child.names)
            visit(child, inside or isinstance(child, (ast.FunctionDef, ast.Lambda)))
    visit(ast.parse(source), False)
    return found


def room_of(name):
    """The room of a dotted name or of a path: 'storage', 'errors', 'center_loss', 'main'; None if it is not ours."""
    parts = name[:-len('.py')].split('/') if name.endswith('.py') else name.split('.')
    if parts[0] == 'utils':
        return parts[1] if len(parts) > 1 and parts[1] in LEVEL else None
    return parts[0] if parts[0] in (*LEVEL, *PACKAGES) else None


def faults(source, path):
    """What the file `path` with the text `source` imports and should not, one line each."""
    found, own = [], room_of(path)
    for name, line, inside in imports(source, path):
        other = room_of(name)
        if other in PACKAGES:
            wrong = own != other and own not in USE_PACKAGES
        elif own in LEVEL and other in LEVEL:
            wrong = own != other and LEVEL[other] >= LEVEL[own]
        else:
            wrong = own in PACKAGES and other is not None
        top = name.split('.')[0]
        wrong = wrong or any(path.startswith(where) and top in packages for where, packages in NEVER.items())
        wrong = wrong or (not inside and any(
            path.startswith(where) and top in packages for where, packages in LATE.items()))
        wrong = wrong or (top == 'matplotlib' and not path.startswith(DRAWS))
        if wrong:
            found.append(f'{path}:{line} imports {name}')
    return found


@pytest.mark.parametrize('path', python_files())
def test_a_file_imports_only_what_its_room_may(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        assert not faults(file.read(), path)


@pytest.mark.parametrize('path, line', [
    ('utils/storage/files.py', 'from ..settings import config'), ('utils/pictures/frames.py', 'from .. import loading'),
    ('utils/comparison/table.py', 'from ..training.run import Run'), ('utils/errors.py', 'import utils.storage.files'),
    ('utils/evaluation/metrics.py', 'def f():\n    import mxnet'), ('utils/loading/batches.py', 'import center_loss'),
    ('utils/training/loop.py', 'from matplotlib import figure'), ('models/lenet.py', 'from utils import runtime'),
    ('utils/settings/config.py', 'import numpy as np'), ('main.py', 'from mxnet import nd'),
    ('center_loss/center.py', 'import models'), ('utils/modes/train.py', 'import benchmarks.bench')])
def test_what_a_room_may_not_import_is_found(path, line):
    assert faults(line, path)


def test_the_page_about_the_house_has_the_same_levels():
    with open(os.path.join(ROOT, 'docs', 'architecture.md'), encoding='utf-8') as file:
        lines = file.read().split('## What may import what')[1].splitlines()
    assert [line.strip().split(', ') for line in lines if line.startswith('    ')][:len(LEVELS)] == LEVELS


def test_no_test_file_is_imported_by_another():
    """What tests share is in files that are no tests."""
    count = 0
    for folder, _, names in os.walk(os.path.join(ROOT, 'tests')):
        for path in (os.path.relpath(os.path.join(folder, name), ROOT) for name in names if name.endswith('.py')):
            with open(os.path.join(ROOT, path), encoding='utf-8') as file:
                found = imports(file.read(), path)
            count += len(found)
            assert not [name for name, _, _ in found if name.startswith('tests.') and '.test_' in name], path
    assert count > 500


def test_no_file_waits_for_itself():
    """Following the imports made when a file is loaded never leads back to it."""
    files = {path[:-len('.py')].replace('/', '.').replace('.__init__', ''): path for path in python_files()}
    needs = {}
    for name, path in files.items():
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            found = imports(file.read(), path)
        parts = [(other, other.rpartition('.')[0]) for other, _, inside in found if not inside]
        needs[name] = {next((part for part in pair if part in files), None) for pair in parts} - {None, name}
    circles = [name for name in needs if name in _reached(needs, needs[name])]
    assert len(needs['main']) > 3 and not circles
    assert 'a' in _reached({'a': {'b'}, 'b': {'c'}, 'c': {'a'}}, {'b'})


def _reached(needs, first):
    found, waiting = set(), list(first)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, ())
    return found
