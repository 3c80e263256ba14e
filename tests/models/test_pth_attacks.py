"""Files that try to run code or to hide what they hold are refused by name."""
import os
import pickle
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from models.pth import read_pth

from . import torch_files as files
from .pth_attacks import attacks
from .torch_files import NUMBERS, floats, storage, tensor


def test_the_attacks_work_on_python_itself(tmp_path):
    for number, what in enumerate(('mkdir', 'eval', 'exec as Python 3 names it')):
        folder = tmp_path / str(number)
        pickle.loads(files.pickled(attacks(str(folder))[what][0]))
        assert folder.is_dir()


@pytest.mark.parametrize('what', list(attacks('')))
def test_a_file_that_tries_to_run_code_is_refused_by_name(write, tmp_path, what):
    attack, named = attacks(str(tmp_path / 'made'))[what]
    for value in (attack, OrderedDict(w=attack), OrderedDict(w=tensor(attack, 0, (1,), (1,)))):
        path = write(value)
        with pytest.raises(ValueError, match=named):
            read_pth(path)
    assert os.listdir(str(tmp_path)) == ['weights.pth']


@pytest.mark.parametrize('part', ['magic', 'protocol', 'system', 'keys'])
def test_no_pickle_of_a_legacy_file_may_name_anything_else(tmp_path, part):
    attack = files.pickled(attacks(str(tmp_path / 'made'))['exec as Python 3 names it'][0])
    path = files.write_legacy(tmp_path / 'w.pth', floats(0, (24,), (1,)), {'0': NUMBERS}, **{part: attack})
    with pytest.raises(ValueError, match=r'builtins\.exec'):
        read_pth(path)
    assert os.listdir(str(tmp_path)) == ['w.pth']


def test_archives_with_tricks_are_refused(tmp_path):
    def refused(match, value=None, storages=None, **kwargs):
        path = files.write_zip(tmp_path / 'w.pth', value or floats(0, (24,), (1,)),
                               {'0': NUMBERS} if storages is None else storages, **kwargs)
        with pytest.raises(ValueError, match=match):
            read_pth(path)
        return path

    refused('compressed', compression=zipfile.ZIP_DEFLATED)
    refused('one data.pkl', members=[('other/data.pkl', files.pickled({}))])
    refused('little-endian', members=[('archive/byteorder', b'big')])
    refused('no item named', storages={})
    with pytest.warns(UserWarning, match='Duplicate name'):
        refused('every name once', members=[('archive/data/0', NUMBERS.tobytes())])
    outside = OrderedDict(w=tensor(storage('../../../outside', 'FloatStorage', 24), 0, (24,), (1,)))
    refused('no item named', outside)
    assert os.listdir(str(tmp_path)) == ['w.pth']


def test_members_that_overlap_cannot_make_a_small_file_large(tmp_path):
    count, copies = 100_000, 50
    value = OrderedDict((f'w{key}', tensor(storage(str(key), 'FloatStorage', count), 0, (1,), (1,)))
                        for key in range(copies))
    path = tmp_path / 'w.pth'
    with zipfile.ZipFile(str(path), 'w') as archive:
        archive.writestr('archive/data.pkl', files.pickled(value))
        archive.writestr('archive/data/0', np.zeros(count, 'f4').tobytes())
        member = archive.getinfo('archive/data/0')
        for key in range(1, copies):
            again = zipfile.ZipInfo(f'archive/data/{key}')
            for field in ('CRC', 'compress_size', 'file_size', 'header_offset'):
                setattr(again, field, getattr(member, field))
            again.orig_filename = member.filename
            archive.filelist.append(again)
    with pytest.raises(ValueError, match='larger than the file'):
        read_pth(str(path))
