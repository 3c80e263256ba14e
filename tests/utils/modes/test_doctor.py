"""--doctor on the machine that runs the tests, and where something is wrong."""
import pytest

from tests.cli import main, succeed
from utils.modes import doctor


def test_it_says_what_is_there_and_trains_a_step(tmp_path):
    lines = succeed('--doctor', tmp_path).splitlines()
    assert lines[-1] == 'a network can be trained here' and all(line.startswith('ok ') for line in lines[:-1])
    found = dict(line[5:].split(': ', 1) for line in lines[:-1])
    assert found['MXNet'].startswith('1.9.1 with MKLDNN') and ' threads on ' in found['devices']
    assert float(found['a step on cpu(0)'].split()[1]) > 0 and ' GFLOP/s in float32' in found['speed']
    assert not list(tmp_path.iterdir()), 'it leaves nothing'


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path):
    done = main('--doctor --out_dir /proc/nothing', tmp_path)
    assert done.returncode == 1
    assert '--out_dir: /proc/nothing' in done.stdout and 'choose another by --out_dir' in done.stdout
    assert done.stdout.endswith('a network cannot be trained here yet, see: --out_dir\n')


def test_a_package_that_is_missing_is_named_with_the_line_that_brings_it(monkeypatch):
    monkeypatch.setattr(doctor, '_PACKAGES', ('numpy', 'nothing-of-this-name', 'mxnet-cu112'))
    (finding,) = doctor._packages(None)
    assert finding.found.startswith('numpy ') and finding.advice.endswith('brings nothing-of-this-name')


@pytest.mark.parametrize('version, fits', [('3.8.18', True), ('3.13.0', True), ('3.7.9', False), ('3.14.0', False)])
def test_a_python_that_mxnet_has_no_wheel_for_stops_it(monkeypatch, version, fits):
    monkeypatch.setattr(doctor.platform, 'python_version', lambda: version)
    monkeypatch.setattr(doctor.platform, 'python_version_tuple', lambda: tuple(version.split('.')))
    (finding,) = doctor._python(None)
    assert (finding.advice is None) == fits
