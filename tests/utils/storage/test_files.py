"""Files are replaced whole or not at all."""
import csv
import gc
import json
import os
import resource
import shutil
import subprocess
import sys

import numpy as np
import pytest

from tests.cli import ROOT
from utils.errors import UserError
from utils.pictures import curves, image_files
from utils.storage import files, npz


def test_a_failed_write_keeps_the_old_content_and_leaves_nothing_else(tmp_path):
    path = tmp_path / 'file.txt'
    files.write_bytes(str(path), b'old')
    with pytest.raises(KeyboardInterrupt), files.replacing(str(path)) as temporary:
        with open(temporary, 'w') as file:
            file.write('half of the n')
        raise KeyboardInterrupt
    assert path.read_bytes() == b'old' and os.listdir(tmp_path) == ['file.txt']


def test_missing_folders_are_made_and_the_result_is_readable_by_others(tmp_path):
    path = tmp_path / 'a' / 'b' / 'file'
    files.write_bytes(str(path), b'new')
    assert path.read_bytes() == b'new' and path.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(UserError, match=r'cannot write .*file/x: '):
        files.write_bytes(str(tmp_path / 'file' / 'x'), b'')
    with pytest.raises(UserError, match=r'cannot make the folder .*file/x: '):
        files.make_folder(str(tmp_path / 'file' / 'x'))


def test_csv_and_json_come_back_as_they_were(tmp_path):
    files.write_csv(str(tmp_path / 'a.csv'), [{'epoch': 1, 'knn': None}, {'epoch': 2, 'knn': 0.1}])
    with open(tmp_path / 'a.csv', newline='') as file:
        assert list(csv.DictReader(file)) == [{'epoch': '1', 'knn': ''}, {'epoch': '2', 'knn': '0.1'}]
    files.write_json(str(tmp_path / 'a.json'), {'a': [1, None, 0.1]})
    assert json.loads((tmp_path / 'a.json').read_text()) == {'a': [1, None, 0.1]}


def start(code, *args, **options):
    """A process that runs `code`, which may import `files`."""
    imports = 'import resource, signal, sys\nfrom utils.storage import files\n'
    return subprocess.Popen([sys.executable, '-c', imports + code, *map(str, args)], cwd=ROOT, stdout=subprocess.PIPE,
                            text=True, **options)


def test_what_a_killed_process_left_half_written_is_removed_and_what_a_live_one_writes_is_not(tmp_path):
    code = "with files.replacing(sys.argv[1]) as path:\n print(path, flush=True)\n input()\n open(path, 'w').write('b')"
    with start(code, tmp_path / 'a.txt', stdin=subprocess.PIPE) as killed, \
            start(code, tmp_path / 'b.txt', stdin=subprocess.PIPE) as alive:
        left, writing = (process.stdout.readline().strip() for process in (killed, alive))
        killed.kill()
        killed.wait()
        others = ['.tmp-notes', '.tmp-mine.txt', '.tmp-abcdefgh.d']
        for name in others[:2]:
            (tmp_path / name).write_text('of somebody else')
        (tmp_path / others[2]).mkdir()
        files.write_bytes(str(tmp_path / 'c.txt'), b'c')
        assert sorted(os.listdir(tmp_path)) == sorted(['c.txt', os.path.basename(writing), *others])
        assert not os.path.exists(left)
        alive.communicate('\n')
    assert (tmp_path / 'b.txt').read_text() == 'b'


def test_a_folder_has_space_for_what_the_file_system_says_is_free(tmp_path):
    files.check_space(str(tmp_path / 'new'), 1)
    assert os.listdir(tmp_path / 'new') == []
    with pytest.raises(UserError, match=r'cannot write to .*: [0-9]+ MB are needed, [0-9]+ MB are free'):
        files.check_space(str(tmp_path), shutil.disk_usage(str(tmp_path)).total + 1)


def test_asking_for_space_does_not_write_it(tmp_path):
    """Under a limit of 2 MB on files, 8 MB can be asked for; under one of 20 kB nothing can be written."""
    code = """signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for limit in (2_000_000, 20_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try: print(files.check_space(sys.argv[1], 8_000_000))
    except files.UserError as error: print(error)"""
    with start(code, tmp_path) as process:
        assert process.communicate()[0].splitlines() == ['None', f'cannot write to {tmp_path}: File too large']


NOISE = np.random.default_rng(0).integers(0, 256, (128, 128, 3)).astype(np.uint8)
ROWS = [{'epoch': epoch, 'softmax_loss': 1 / epoch, 'softmax': 0.9, 'intra': 1, 'inter': 5, 'center_offset': None,
         'center_moved': None} for epoch in range(1, 40)]


@pytest.mark.parametrize('write', [
    lambda path: image_files.write_gif(path, [NOISE, NOISE[::-1]]),
    lambda path: image_files.write_png(path, NOISE),
    lambda path: image_files.write_palette_png(path, NOISE),
    lambda path: curves.write_run_curves(path, ROWS, 'val'),
    lambda path: npz.write_npz(path, {'a': NOISE, 'b': NOISE})], ids=['gif', 'png', 'palette png', 'curves', 'npz'])
def test_where_space_ends_there_is_one_error_and_nobody_complains_later(tmp_path, monkeypatch, write):
    """A limit on the size of a file makes writing fail half-way, as a full disk does."""
    complaints = []
    monkeypatch.setattr(sys, 'unraisablehook', lambda raised: complaints.append(raised.exc_value))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(UserError, match=r'cannot write .*picture\.png: File too large'):
            write(str(tmp_path / 'picture.png'))
        gc.collect()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert complaints == [] and os.listdir(tmp_path) == []
