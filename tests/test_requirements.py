"""What is installed on each Python: one version of each package, and versions that go together."""
import os
import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from center_loss._mxnet import INSTALL
from tests.cli import ROOT
from tests.pythons import VERSIONS

FILES = ('requirements.txt', 'requirements-dev.txt', 'requirements-gpu.txt', 'requirements-gpu-cu117.txt',
         'requirements-bench.txt')


def read(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as file:
        return file.read()


def applying(requirements, python):
    """{package: specifier} of the lines that apply to a version of Python; each package once."""
    found = {}
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({'python_version': python, 'extra': ''}):
            name = canonicalize_name(requirement.name)
            assert name not in found, f'{name} twice on {python}'
            found[name] = requirement.specifier
    return found


def pins(file, python):
    """{package: version} of what `pip install -r file` asks for."""
    lines = (line.split('#')[0].strip() for line in read(file).splitlines())
    specifiers = applying([line for line in lines if line and not line.startswith('-r')], python)
    assert all(str(specifier).startswith('==') for specifier in specifiers.values())
    return {name: str(specifier)[2:] for name, specifier in specifiers.items()}


@pytest.mark.parametrize('file', FILES)
def test_every_python_gets_one_version_of_the_same_packages(file):
    later = {'mxnet', 'mxnet-cu112', 'mxnet-cu117', 'setuptools'}  # each missing from some
    packages = [frozenset(pins(file, python)) - later for python in VERSIONS]
    assert len(set(packages)) == 1 and packages[0]


@pytest.mark.parametrize('python', VERSIONS)
def test_the_pinned_versions_are_what_the_library_asks_for_and_what_mxnet_forbids_on_one_python_alone(python):
    ours = applying(re.findall(r"'(.*)',", read('pyproject.toml').split('dependencies = [')[1].split(']\n')[0]), python)
    pinned = pins('requirements.txt', python)
    assert 'numpy' in ours and all(pinned[name] in ours[name] for name in ours if name in pinned)
    assert ('mxnet' in ours) == ('mxnet' in pinned) == (python != '3.13')
    theirs = applying(metadata.requires('mxnet'), python)
    assert (pinned['numpy'] in theirs['numpy']) == (python != '3.13')
    assert ('setuptools' in pinned) == ('setuptools' in ours) == (python in ('3.12', '3.13'))  # without distutils


def test_mxnet_is_installed_by_the_same_line_everywhere():
    line = INSTALL[len('pip install'):]
    assert line in read('Makefile') and f'`{INSTALL}`' in read('README.md')
    assert f'mxnet=={metadata.version("mxnet")}' in line


def test_the_table_of_the_readme_has_every_python_with_the_numpy_that_it_gets():
    rows = dict(re.findall(r'^\| (3\.\d+)\.\d+ \| (\S+) \|', read('README.md'), re.MULTILINE))
    assert rows == {python: pins('requirements.txt', python)['numpy'] for python in VERSIONS}
