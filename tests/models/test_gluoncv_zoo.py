"""Weights that GluonCV would download: from where, and never with `offline`."""
import gc
import hashlib
import http.server
import subprocess
import sys
import threading

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from models import get_model
from models.gluoncv_zoo import import_model_zoo
from models.pretrained import load_pretrained
from tests.cli import ROOT

# A request that is refused is left open by MXNet's own download, until its socket is collected: here, in `asked`.
pytestmark = pytest.mark.filterwarnings('ignore:unclosed <socket:ResourceWarning')


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """The paths that were asked for at the only place that GluonCV may download from, which has nothing."""
    paths = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(('127.0.0.1', 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv('NO_PROXY', '127.0.0.1')
        monkeypatch.setenv('MXNET_GLUON_REPO', f'http://127.0.0.1:{server.server_port}/')
        monkeypatch.setenv('MXNET_HOME', str(tmp_path))
        yield paths
        server.shutdown()
    gc.collect()


def make(name='mobilenet0.25'):
    net = get_model(name, num_classes=4, feature_size=3)
    net.initialize(mx.init.Normal(0.1))
    return net


def error_of(*args, **kwargs):
    with pytest.raises(ValueError) as error:
        load_pretrained(*args, **kwargs)
    return str(error.value)


@pytest.mark.parametrize('name, stem', [
    ('mobilenet0.25', 'mobilenet0.25-'), ('resnet18_v1b_0.89', 'resnet18_v1b_2.6x-')])
def test_offline_asks_for_nothing_and_names_the_file_that_was_expected(asked, tmp_path, name, stem):
    text = error_of(make(name), offline=True)
    assert asked == []
    assert f'--offline is set, and {tmp_path}/models/{stem}' in text and '.params is missing' in text
    assert '--pretrained FILE' in text and 'MXNET_GLUON_REPO' not in text and '\n' not in text

    failed = error_of(make(name))
    assert 'environment variable MXNET_GLUON_REPO names another place' in failed and '--pretrained FILE' in failed
    (path,) = asked
    assert path.rsplit('/', 1)[1][:-len('.zip')] in text, 'what would have been downloaded otherwise'


def test_offline_refuses_another_file_of_that_name(asked, tmp_path):
    net = make()
    expected = error_of(net, offline=True).split('set, and ')[1].split(' is missing')[0]
    with open(expected, 'wb') as file:
        file.write(b'not what was published')
    assert f'{expected} is missing or not as published' in error_of(net, offline=True) and asked == []


def test_offline_takes_what_was_downloaded_before(asked, tmp_path, monkeypatch):
    """A file of our own, so its digest is put into GluonCV's table of those that were published."""
    model_zoo = import_model_zoo()
    theirs, net = model_zoo.get_model('mobilenet0.25'), make()
    theirs.initialize(mx.init.Normal(0.2))
    theirs(nd.zeros((1, 3, 64, 64)))
    (tmp_path / 'models').mkdir()
    theirs.save_parameters(str(tmp_path / 'weights'))
    digest = hashlib.sha1((tmp_path / 'weights').read_bytes()).hexdigest()
    (tmp_path / 'weights').rename(tmp_path / 'models' / f'mobilenet0.25-{digest[:8]}.params')
    monkeypatch.setitem(model_zoo.model_store._model_sha1, 'mobilenet0.25', digest)

    assert load_pretrained(net, offline=True) == 'backbone mobilenet0.25 from mobilenet0.25 of GluonCV'
    net(nd.zeros((1, 3, 64, 64)))
    np.testing.assert_array_equal(net.backbone.net.features[0].weight.data().asnumpy(),
                                  theirs.features[0].weight.data().asnumpy())
    assert asked == []


@pytest.mark.parametrize('name, message', [
    ('shufflenet_v1', 'it has published none'), ('se_resnet18_v1', 'se_resnet18_v1 is not available')])
@pytest.mark.parametrize('offline', [False, True])
def test_a_network_without_published_weights_says_so(asked, name, message, offline):
    text = error_of(make(name), offline=offline)
    assert f'cannot get the weights of {name} from GluonCV' in text and message in text and asked == []
    assert '\n' not in text and 'MXNET_GLUON_REPO' not in text


def test_pillow_still_refuses_an_image_that_was_cut_off():
    """In a process of its own: GluonCV changes Pillow once, when it is first imported."""
    code = ('import center_loss\nfrom models.gluoncv_zoo import import_model_zoo\nfrom PIL import ImageFile\n'
            'import_model_zoo()\nprint(ImageFile.LOAD_TRUNCATED_IMAGES)')
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == 'False\n', done.stderr
