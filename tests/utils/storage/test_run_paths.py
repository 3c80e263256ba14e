"""Where files are: of a run, of what a second training makes of it, of a comparison and its runs."""
import os

from utils.storage.run_paths import RunPaths


def test_a_run_its_second_and_the_runs_of_a_comparison():
    paths = RunPaths('c', 'o', 'name')
    assert (paths.best, paths.state) == (os.path.join('c', 'name.params'), os.path.join('c', 'name.state'))
    assert paths.results == os.path.join('o', 'name', 'results.json')
    assert paths.second.best == os.path.join('c', 'name-second.params')
    run = paths.run('center-s0')
    assert run.state == os.path.join('c', 'name', 'center-s0.state')
    assert run.output('val.gif') == os.path.join('o', 'name', 'runs', 'center-s0', 'val.gif')
    assert run.log == os.path.join('o', 'name', 'runs', 'center-s0.log')
    assert run.second.results == os.path.join('o', 'name', 'runs', 'center-s0-second', 'results.json')
