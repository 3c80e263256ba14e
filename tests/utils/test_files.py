"""Files are replaced whole or not at all."""
import csv
import json
import os

import pytest

from utils import files
from utils.errors import UserError


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
