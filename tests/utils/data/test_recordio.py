"""Record files and their lists, read as MXNet reads them or refused by record and line."""
import os
import shutil
import struct

import mxnet as mx
import numpy as np
import pytest

from tests import photo_fixtures as fixtures
from tests.utils.data.layouts import change_line, shown_class
from utils.data import load_dataset
from utils.data.photos import read_photo
from utils.data.records import read_record, scan
from utils.errors import UserError


def test_without_a_list_records_are_known_by_their_own_labels(layouts, tmp_path):
    listed = load_dataset(*layouts['recordio-divided'])
    for part in ('train', 'test'):
        shutil.copy(os.path.join(layouts['recordio-divided'][1], part + '.rec'), tmp_path)
    bare = load_dataset('recordio', str(tmp_path))
    assert bare.class_names == ('0', '1', '2', '3') and listed.class_names == fixtures.NAMES
    np.testing.assert_array_equal(bare.train.labels, listed.train.labels)
    assert [read_photo(path) for path in bare.test.paths] == [read_photo(path) for path in listed.test.paths]


def test_records_are_read_as_mxnet_reads_them_even_if_they_hold_the_magic_number(tmp_path):
    magic, path = struct.pack('<I', 0xced7230a), str(tmp_path / 'a.rec')
    contents = [b'', b'x', magic, magic * 3, b'abcd' + magic + b'efg', b'a' + magic, b'abcd' * 9 + magic]
    writer = mx.recordio.MXRecordIO(path, 'w')
    for number, content in enumerate(contents):
        writer.write(mx.recordio.pack(mx.recordio.IRHeader(0, number % 3, number, 0), content))
    writer.close()
    reader = mx.recordio.MXRecordIO(path, 'r')
    expected = [mx.recordio.unpack(reader.read()) for _ in contents]
    for record, (header, content) in zip(scan(path), expected):
        assert record.number == header.id and record.label == header.label
        assert read_record(path, record.offset) == content == contents[header.id]


def test_records_of_one_number_are_all_there_and_no_list_can_name_them(layouts, tmp_path):
    """As where two files with numbers from 0 on were put together."""
    source = os.path.join(layouts['recordio-divided'][1], 'train.rec')
    with open(source, 'rb') as file:
        (tmp_path / 'all.rec').write_bytes(file.read() * 2)
    data = load_dataset('recordio', str(tmp_path))
    assert len(data.train.labels) + len(data.test.labels) == 2 * len(scan(source))
    shutil.copy(source.replace('.rec', '.lst'), tmp_path / 'all.lst')
    first, again = (record.offset for record in scan(str(tmp_path / 'all.rec')) if record.number == 0)
    with pytest.raises(UserError, match=rf'the records at bytes {first} and {again} are both number 0'):
        load_dataset('recordio', str(tmp_path))


@pytest.mark.parametrize('line, message', [
    ('0\t0.0', 'line 1: expected number, whole label and path between tabs'),
    ('zero\t0.0\ta.png', 'line 1: expected number'),
    ('0\t0.5\ta.png', 'line 1: expected number'),
    ('0\tnan\ta.png', 'line 1: expected number'),
    ('0\t1\t2\ta.png', 'line 1: expected number'),
    ('99\t0.0\ta.png', r'line 1: .*all\.rec has no record 99'),
    ('0\t1.0\ta.png', r'line 1: expected label 0, as record 0 of .*all\.rec has it, got 1'),
    ('0\t0.0\ta\0.png', r"line 1: expected number, .*, got '0\\t0\.0\\ta\\x00\.png"),
    ('1\t1.0\tGreen_Wren/0.png', r'line 2: record 1 was there before, in .*all\.lst, line 1'),
])
def test_a_malformed_list_of_records_is_named_with_its_line(layouts, tmp_path, line, message):
    for suffix in ('.rec', '.lst'):
        shutil.copy(os.path.join(layouts['recordio-single'][1], 'all' + suffix), tmp_path)
    change_line(tmp_path / 'all.lst', 1, line)
    with pytest.raises(UserError, match=rf'all\.lst, {message}'):
        load_dataset('recordio', str(tmp_path))


@pytest.mark.parametrize('damage, message', [
    (lambda whole: whole[:-8], r'is damaged: expected \d+ bytes, got \d+'),
    (lambda whole: whole + b'rubbish!', r'byte \d+: expected the start of a record, got 72756262697368'),
    (lambda whole: b'rubbish!', 'byte 0: expected the start of a record'),
    (lambda whole: b'', 'has no records'),
])
def test_a_damaged_record_file_is_named(layouts, tmp_path, damage, message):
    with open(os.path.join(layouts['recordio-single'][1], 'all.rec'), 'rb') as file:
        (tmp_path / 'all.rec').write_bytes(damage(file.read()))
    with pytest.raises(UserError, match=rf'all\.rec,? {message}'):
        load_dataset('recordio', str(tmp_path))


@pytest.mark.parametrize('place, flag, message', [
    (1, 2, r'byte {1}: expected a part of a record with flag 0 or 1, got 2'),
    (1, 7, r'byte {1}: expected a part of a record with flag 0 or 1, got 7'),
    (1, 1, r'byte {2}: expected a part of a record with flag 2 or 3, got 0'),
    (-1, 1, 'is damaged: expected a part of a record with flag 2 or 3 after the last, got the end'),
])
def test_a_flag_that_would_drop_a_record_is_named(layouts, tmp_path, place, flag, message):
    path = os.path.join(layouts['recordio-single'][1], 'all.rec')
    offsets = [record.offset for record in scan(path)]
    with open(path, 'rb') as file:
        content = bytearray(file.read())
    word, = struct.unpack_from('<I', content, offsets[place] + 4)
    struct.pack_into('<I', content, offsets[place] + 4, word | flag << 29)
    (tmp_path / 'all.rec').write_bytes(content)
    with pytest.raises(UserError, match=rf'all\.rec,? {message.format(*offsets)}'):
        load_dataset('recordio', str(tmp_path))
    with pytest.raises(UserError, match=r'all\.rec'):
        read_record(str(tmp_path / 'all.rec'), offsets[place])


def test_folders_that_do_not_tell_classes_apart_do_not_name_them(layouts, tmp_path):
    for suffix in ('.rec', '.lst'):
        shutil.copy(os.path.join(layouts['recordio-single'][1], 'all' + suffix), tmp_path)
    listing = tmp_path / 'all.lst'
    listing.write_text(listing.read_text().replace('Blue_Sparrow/', 'Red_Sparrow/'))
    data = load_dataset('recordio', str(tmp_path))
    assert data.class_names == ('0', '1', '2', '3')
    assert [fixtures.NAMES[label] for label in data.test.labels] == [shown_class(path) for path in data.test.paths]


def test_records_with_several_labels_are_refused(tmp_path):
    writer = mx.recordio.MXRecordIO(str(tmp_path / 'a.rec'), 'w')
    writer.write(struct.pack('<IfQQ2f', 2, 0, 5, 0, 1, 2) + b'photo')  # MXNet's own `pack` fails at this on NumPy 2
    writer.close()
    with pytest.raises(UserError, match=r'a\.rec, record 5: expected one label, a whole number, got 2 labels'):
        load_dataset('recordio', str(tmp_path))


def test_which_record_file_is_meant_must_be_clear(layouts, tmp_path):
    with pytest.raises(UserError, match=r'expected train\.rec and test\.rec, or one \.rec, in .*; got none'):
        load_dataset('recordio', str(tmp_path))
    for name in ('a.rec', 'b.rec'):
        shutil.copy(os.path.join(layouts['recordio-single'][1], 'all.rec'), tmp_path / name)
    with pytest.raises(UserError, match=r'got a\.rec, b\.rec'):
        load_dataset('recordio', str(tmp_path))
