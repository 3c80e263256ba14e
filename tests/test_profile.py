"""--profile as a user gives it."""
from tests.cli import QUICK, read_json, snapshot, succeed


def test_a_profiled_run_learns_the_same_and_says_where_its_time_went(tmp_path):
    """LeNet has two convolutions; a fifth of 4,000 digits is 25 batches of 32, and the first is not looked into."""
    for prefix, flags in (('plain', ''), ('measured', '--profile --plotting')):
        printed = succeed(f'--train --second_train --center_loss {QUICK} --epochs 1 --prefix {prefix} {flags}',
                          tmp_path)
    for run in ('', '-second'):
        assert f'wrote output/measured{run}/profile.json\n' in printed
    for run in ('', '-second'):
        plain, measured = (read_json(tmp_path, 'output', prefix + run, 'results.json')
                           for prefix in ('plain', 'measured'))
        assert measured['history'] == plain['history'] and measured['test'] == plain['test']
        found = read_json(tmp_path, 'output', 'measured' + run, 'profile.json')
        assert found['command'] == measured['command'] and found['versions'] == measured['versions']
        assert all(seconds > 0 for seconds in found['seconds'].values()), found['seconds']
        calls = {operator['name']: operator['calls'] for operator in found['operators']}
        assert (found['steps'], calls['Convolution'], calls['_backward_Convolution']) == (25, 2 * 24, 2 * 24)
    assert not [name for name in snapshot(tmp_path) if 'profile' in name and 'measured' not in name]
    succeed(f'--train --center_loss {QUICK} --epochs 1 --prefix measured', tmp_path)
    assert 'output/measured/profile.json' not in snapshot(tmp_path), 'it was of the run before'
