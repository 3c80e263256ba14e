"""Archives from the network: whole, or nothing; and never a file outside of their folder."""
import functools
import hashlib
import http.server
import io
import os
import tarfile
import threading

import pytest

from tests.cli import snapshot
from utils.data.archives import extract, fetch_archive
from utils.errors import UserError


def member(name, kind=tarfile.REGTYPE, link='', content=b'content'):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    return info, content


def folder(name):
    return member(name, tarfile.DIRTYPE)


def pack(path, *members, mode='w:gz'):
    with tarfile.open(str(path), mode) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content) if info.size else None)
    return str(path)


@pytest.mark.parametrize('mode', ['w:gz', 'w', 'w:xz'])
def test_the_wanted_folder_comes_out_and_nothing_else(tmp_path, mode):
    archive = pack(tmp_path / 'a.tgz', folder('data'), member('data/a.txt'), member('./data/deep/b.txt', content=b'b'),
                   member('attributes.txt'), mode=mode)
    target = tmp_path / 'target'
    target.mkdir()
    extract(archive, 'data', str(target))
    assert snapshot(target) == {'data/a.txt': b'content', 'data/deep/b.txt': b'b'}
    assert os.listdir(target) == ['data']


@pytest.mark.parametrize('bad, problem', [
    ([member('../evil')], 'would lead out'),
    ([member('data/../../evil')], 'would lead out'),
    ([member('/tmp/evil')], 'would lead out'),
    ([member('data\\..\\evil')], 'would lead out'),
    ([member('C:evil')], 'would lead out'),
    ([folder('../evil')], 'would lead out'),
    ([member('data/link', tarfile.SYMTYPE, '/etc/passwd')], 'is a link or a device'),
    ([member('data/link', tarfile.SYMTYPE, '../..'), member('data/link/evil')], 'is a link or a device'),
    ([member('data/hard', tarfile.LNKTYPE, '../../evil')], 'is a link or a device'),
    ([member('data/hard', tarfile.LNKTYPE, 'data/a.txt')], 'is a link or a device'),
    ([member('data/null', tarfile.CHRTYPE)], 'is a link or a device'),
    ([member('data/disk', tarfile.BLKTYPE)], 'is a link or a device'),
    ([member('data/pipe', tarfile.FIFOTYPE)], 'is a link or a device'),
    ([member('data/a.txt')], 'cannot unpack data .*File exists'),
    ([member('data/a.txt/b')], 'cannot unpack data'),
])
def test_an_unsafe_archive_leaves_nothing_anywhere(tmp_path, bad, problem):
    (tmp_path / 'evil').write_bytes(b'as it was')
    target = tmp_path / 'target'
    target.mkdir()
    archive = pack(tmp_path / 'a.tgz', member('data/a.txt'), *bad)
    before = snapshot(tmp_path)
    with pytest.raises(UserError, match=problem):
        extract(archive, 'data', str(target))
    assert snapshot(tmp_path) == before and os.listdir(target) == []


def test_a_link_in_the_target_folder_is_not_followed(tmp_path):
    outside, target = tmp_path / 'outside', tmp_path / 'target'
    outside.mkdir()
    target.mkdir()
    (target / 'data').symlink_to(outside)
    with pytest.raises(UserError, match='cannot unpack data'):
        extract(pack(tmp_path / 'a.tgz', member('data/a.txt')), 'data', str(target))
    assert os.listdir(outside) == []


@pytest.mark.parametrize('damage', [lambda whole: whole[:len(whole) // 2], lambda whole: b'no archive at all',
                                    lambda whole: b'', lambda whole: whole[:40] + b'????' + whole[44:]])
def test_a_damaged_archive_leaves_nothing(tmp_path, damage):
    content = bytes(i * i % 251 for i in range(20000))
    path = tmp_path / 'a.tgz'
    pack(path, member('data/a.txt', content=content), member('data/b.txt', content=content[::-1]))
    path.write_bytes(damage(path.read_bytes()))
    target = tmp_path / 'target'
    target.mkdir()
    with pytest.raises(UserError, match='cannot unpack data'):
        extract(str(path), 'data', str(target))
    assert os.listdir(target) == []


def test_an_archive_without_the_wanted_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match=r'cannot unpack data .*No such file'):
        extract(pack(tmp_path / 'a.tgz', member('other/a.txt')), 'data', str(tmp_path))


@pytest.fixture
def mirror(tmp_path):
    """A folder, and the URL at which a local server offers it."""
    folder = tmp_path / 'mirror'
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f'http://127.0.0.1:{server.server_port}/'
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(mirror, target, md5, offline=False):
    fetch_archive('birds', 'a.tgz', 'data', str(target), (mirror[1],), md5, offline)


def test_an_archive_is_fetched_checked_unpacked_and_removed(mirror, tmp_path):
    path = pack(mirror[0] / 'a.tgz', member('data/a.txt'))
    with open(path, 'rb') as file:
        md5 = hashlib.md5(file.read()).hexdigest()
    target = tmp_path / 'new' / 'target'
    fetch(mirror, target, md5)
    assert snapshot(target) == {'data/a.txt': b'content'}


def test_an_archive_of_another_checksum_is_never_unpacked(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr('time.sleep', lambda seconds: None)  # between the rounds over the mirrors
    path = pack(mirror[0] / 'a.tgz', member('data/a.txt'))
    target = tmp_path / 'target'
    with pytest.raises(UserError, match=r'cannot download a\.tgz of birds.*expected MD5 0000, got .*--data_dir'):
        fetch(mirror, target, '0000')
    assert os.listdir(target) == []
    os.rename(path, target / 'a.tgz')
    with pytest.raises(UserError, match=r'a\.tgz is not the official file'):
        fetch(mirror, target, '0000')
    assert os.listdir(target) == ['a.tgz']


def test_an_archive_that_the_user_fetched_is_used_offline_and_kept(mirror, tmp_path):
    with open(pack(tmp_path / 'a.tgz', member('data/a.txt')), 'rb') as file:
        md5 = hashlib.md5(file.read()).hexdigest()
    fetch(mirror, tmp_path, md5, offline=True)
    assert (tmp_path / 'a.tgz').exists() and (tmp_path / 'data' / 'a.txt').read_bytes() == b'content'


def test_offline_says_what_to_fetch_from_where_to_where(mirror, tmp_path):
    remedy = rf'{mirror[1]}a\.tgz to {tmp_path}/a\.tgz'
    with pytest.raises(UserError, match=rf'birds needs .*--offline.*--data_dir.*{remedy}'):
        fetch(mirror, tmp_path, '0000', offline=True)
