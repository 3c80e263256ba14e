"""Downloads, against a local server that serves, truncates, corrupts, stalls and refuses."""
import http.server
import os
import threading

import pytest

from utils.data.download import download
from utils.errors import UserError

CONTENT = bytes(range(256)) * 1000


class Handler(http.server.BaseHTTPRequestHandler):
    """The first folder of the path says how the server behaves."""

    def do_GET(self):
        manner = self.path.split('/')[1]
        self.server.asked.append(manner)
        if manner == 'missing' or (manner == 'flaky' and self.server.asked.count('flaky') == 1):
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header('Content-Length', str(len(CONTENT)))
        self.end_headers()
        if manner == 'truncate':
            self.wfile.write(CONTENT[:1000])
        elif manner == 'corrupt':
            self.wfile.write(CONTENT[:-1] + b'?')
        elif manner == 'stall':
            self.wfile.write(CONTENT[:1000])
            self.wfile.flush()
            self.server.released.wait(10)
        else:
            self.wfile.write(CONTENT)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.asked, server.released = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def check(content):
    if content != CONTENT:
        raise UserError('not the official file')


def fetch(server, tmp_path, *manners, offline=False, **options):
    """Download from mirrors of these manners; 'refuse' is a port where nobody listens."""
    mirrors = [f'http://127.0.0.1:{1 if manner == "refuse" else server.server_port}/{manner}/' for manner in manners]
    download('mnist', 'images.gz', str(tmp_path / 'images.gz'), mirrors, offline, check,
             **{'timeout': 0.5, 'pause': 0, **options})


def test_a_good_mirror_gives_the_file(server, tmp_path):
    fetch(server, tmp_path, 'serve')
    assert (tmp_path / 'images.gz').read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ['images.gz'], 'a temporary file was left behind'


@pytest.mark.parametrize('bad', ['truncate', 'corrupt', 'stall', 'refuse', 'missing'])
def test_a_bad_mirror_is_followed_by_the_next(server, tmp_path, bad):
    fetch(server, tmp_path, bad, 'serve')
    assert (tmp_path / 'images.gz').read_bytes() == CONTENT


def test_a_mirror_that_failed_once_is_tried_again(server, tmp_path):
    fetch(server, tmp_path, 'flaky')
    assert server.asked == ['flaky', 'flaky']
    assert (tmp_path / 'images.gz').read_bytes() == CONTENT


@pytest.mark.parametrize('bad, problem', [
    ('truncate', 'expected 256000 bytes, got 1000'),
    ('corrupt', 'not the official file'),
    ('stall', 'timed out'),
    ('refuse', 'refused'),
    ('missing', '503'),
])
def test_when_all_mirrors_fail_one_error_names_the_problem_and_three_remedies(server, tmp_path, bad, problem):
    with pytest.raises(UserError, match=rf'images\.gz of mnist.*{problem}.*--data_dir.*--dataset mnist5k.*http://'):
        fetch(server, tmp_path, bad, bad)
    assert os.listdir(tmp_path) == [], 'nothing half-done may be left'


def test_offline_asks_nobody(server, tmp_path):
    with pytest.raises(UserError, match='--offline'):
        fetch(server, tmp_path, 'serve', offline=True)
    assert server.asked == []
