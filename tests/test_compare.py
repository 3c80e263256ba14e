"""--compare, end to end: what it makes, reuses, resumes and refuses."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from tests.cli import QUICK, command, main, refused, snapshot, succeed

COMPARE = f'--compare --prefix both --runs softmax,center+second --seeds 0,1 --epochs 1 {QUICK}'


@pytest.fixture(scope='module')
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp('compared')
    printed = succeed(COMPARE + ' --plotting', folder)
    return folder, printed


def table(folder):
    """The rows of table.json without the seconds, which differ from run to run."""
    rows = json.loads(snapshot(folder)['output/both/table.json'])['rows']
    return [{key: value for key, value in row.items() if key != 'seconds'} for row in rows]


def test_it_writes_the_table_the_pictures_and_the_report(compared):
    folder, printed = compared
    assert sorted(os.listdir(folder / 'output' / 'both')) == [
        'curves.png', 'forest.png', 'grid.gif', 'grid.png', 'report.html', 'runs', 'table.json', 'table.md']
    assert re.search(r'run 4 of 6: center-s0-second, all done about \d\d:\d\d', printed)


def test_the_table_is_that_of_the_runs(compared):
    folder, _ = compared
    tests = {}
    for prefix in ('center-s0-second', 'center-s1-second', 'softmax-s0', 'softmax-s1'):
        tests[prefix] = json.loads(snapshot(folder)[f'output/both/runs/{prefix}/results.json'])['test']
    softmax, second = table(folder)
    assert softmax['softmax']['values'] == [tests['softmax-s0']['softmax'], tests['softmax-s1']['softmax']]
    assert second['knn']['values'] == [tests['center-s0-second']['knn'], tests['center-s1-second']['knn']]
    assert softmax['knn']['mean'] is None


def test_rows_are_compared_with_the_first_seed_by_seed(compared):
    """12.706 is the 97.5 % quantile of Student's t with one degree of freedom, as printed tables have it."""
    softmax, second = table(compared[0])
    a, b = (y - x for x, y in zip(softmax['softmax']['values'], second['softmax']['values']))
    found = second['difference']['softmax']
    assert softmax['difference'] == {} and 'knn' not in second['difference']
    assert a != b and found['mean'] == pytest.approx((a + b) / 2) and found['seeds'] == [0, 1]
    assert found['high'] - found['mean'] == pytest.approx(12.706 * abs(a - b) / 2, rel=1e-4)
    assert '| minus softmax | seeds | by softmax, points |' in snapshot(compared[0])['output/both/table.md'].decode()
    assert 'Differences from softmax' in snapshot(compared[0])['output/both/report.html'].decode()


def test_a_second_call_makes_nothing_and_writes_the_same_table(compared):
    folder, _ = compared
    before = table(folder)
    printed = succeed(COMPARE + ' --plotting', folder)
    assert '6 of 6 runs are finished' in printed and 'run 1' not in printed
    assert table(folder) == before


def test_other_settings_under_the_same_name_are_refused(compared):
    folder, _ = compared
    before = snapshot(folder)
    message = refused(COMPARE.replace('--epochs 1', '--epochs 2') + ' --plotting', folder)
    assert 'was made with --epochs 1, and now it is 2: choose another --prefix' in message
    assert snapshot(folder) == before


def test_a_run_does_not_mix_with_a_comparison_of_its_name(compared):
    folder, _ = compared
    assert 'output/both holds a comparison' in refused(f'--train --prefix both --epochs 1 {QUICK}', folder)
    (folder / 'output' / 'both-second' / 'runs').mkdir(parents=True)
    assert 'output/both-second holds a comparison' in refused('--second_train --prefix both', folder)
    shutil.rmtree(str(folder / 'output' / 'both-second'))


def test_a_first_run_that_is_made_anew_makes_the_second_anew(compared, tmp_path):
    """Its files are lost; the second, which went on from it, is still there, and not even of these settings."""
    shutil.copytree(str(compared[0]), str(tmp_path / 'copy'))
    runs = tmp_path / 'copy' / 'output' / 'both' / 'runs'
    shutil.rmtree(str(runs / 'center-s1'))
    for path in (tmp_path / 'copy' / 'ckpt' / 'both').glob('center-s1.*'):
        path.unlink()
    found = json.loads((runs / 'center-s1-second' / 'results.json').read_text())
    (runs / 'center-s1-second' / 'results.json').write_text(json.dumps({**found, 'test': {}}))
    printed = succeed(COMPARE + ' --plotting', tmp_path / 'copy')
    assert '4 of 6 runs are finished' in printed and table(tmp_path / 'copy') == table(compared[0])


def test_killed_in_the_middle_and_started_again_it_ends_with_the_same_table(compared, tmp_path):
    """The run that was going on dies too, and leaves nobody to write beside the second call."""
    shutil.copytree(str(compared[0]), str(tmp_path), dirs_exist_ok=True)
    for prefix in ('softmax-s1', 'center-s0', 'center-s0-second'):
        shutil.rmtree(str(tmp_path / 'output' / 'both' / 'runs' / prefix))
        for path in (tmp_path / 'ckpt' / 'both').glob(prefix + '.*'):
            path.unlink()
    process = subprocess.Popen(command(COMPARE), cwd=str(tmp_path), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not os.path.exists(tmp_path / 'ckpt' / 'both' / 'center-s0.state') and time.monotonic() < deadline:
        time.sleep(0.02)
    assert f'both is being written by process {process.pid}: wait' in refused(COMPARE, tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    at_once = snapshot(tmp_path)
    time.sleep(1)
    assert snapshot(tmp_path) == at_once, 'a run goes on although the comparison is dead'
    succeed(COMPARE, tmp_path)
    assert table(tmp_path) == table(compared[0])


def test_a_run_that_fails_is_told_and_the_others_are_made(tmp_path):
    done = main(f'--compare --runs softmax --seeds 0 --prefix both --epochs 1 {QUICK} --sweep lr=1e30,0.01', tmp_path)
    assert done.returncode == 1
    assert 'softmax-lr-1e_30-s0 failed: main.py: error: the loss became NaN or infinite' in done.stdout
    bad, good = table(tmp_path)
    assert (bad['run'], bad['seeds'], bad['planned']) == ('softmax, lr=1e+30', 0, 1) and good['seeds'] == 1


def test_flags_that_do_not_go_together_in_one_run_are_refused_before_the_first(tmp_path):
    message = refused(f'--compare --runs softmax,dense --balance False --seeds 0 --prefix both {QUICK}', tmp_path)
    assert message.startswith('--balance changes nothing in softmax, dense') and not os.listdir(tmp_path)
    message = refused(f'--compare --runs softmax,triplet@batch_size=2 --seeds 0 --prefix both {QUICK}', tmp_path)
    assert message.startswith('--batch_size must be at least 3 with --loss triplet') and not os.listdir(tmp_path)


def test_a_second_training_is_not_made_of_a_first_that_failed(tmp_path):
    done = main(f'--compare --runs center+second --seeds 0 --prefix both --epochs 2 {QUICK} --lr 1e30',
                tmp_path)
    assert done.returncode == 1 and 'center-s0-second failed: there is no whole first run' in done.stdout


def test_implementations_that_claim_the_same_maths_agree_and_the_others_do_not(tmp_path):
    succeed('--compare --implementations --class_counts 50 --steps 25 --threads 1 --prefix proof', tmp_path, alone=True)
    made = json.loads(snapshot(tmp_path)['output/proof/implementations.json'])
    assert made['versions']['threads'] == '1'
    rows = made['rows']
    assert len(rows) == 6
    for row in rows:
        differences = [row[key] for key in ('losses', 'features', 'centers')]
        if row['implementation'] == 'embedding, paper':
            assert row['against'] == 'embedding' and max(differences) > 0.01
        else:
            assert max(differences) < 1e-5, row
        assert row['ms_plain'] > 0 and row['megabytes'] > 50
