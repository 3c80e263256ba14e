"""Twenty thousand classes of synthetic features: a run trains, goes on and is tested in the memory of its batches."""
import json
import os
import subprocess
import sys

import numpy as np

from tests.cli import ROOT
from utils.evaluation.judging import SHOWN_CLASSES
from utils.storage import checkpoint

CLASSES = 20_000
MEGABYTES = 900  # all pairs of classes would take 3,200, all logits of the test set 340 beside what MXNet takes, 500
DATASET = f'''
"""Each class is a vector, each sample that and a little noise."""
import numpy as np

from .dataset import Dataset, Split


def load_vectors(data_dir=None, offline=False):
    """2,000 + 4,300 vectors of 64 numbers; the classes that train are seen again, and the highest number is."""
    rng = np.random.default_rng(0)
    prototypes = rng.normal(size=({CLASSES}, 64))
    trained = np.append(rng.permutation({CLASSES})[:1999], {CLASSES} - 1)
    tested = np.append(trained[:500], rng.permutation({CLASSES})[:3800])

    def split(labels):
        vectors = prototypes[labels] + rng.normal(size=(len(labels), 64)) / 10
        return Split(vectors.astype(np.float32).reshape(-1, 1, 8, 8), labels.astype(np.int32))
    return Dataset(split(trained), split(tested), tuple(map(str, range({CLASSES}))))
'''
NETWORK = '''
"""The feature layer and the class layer alone."""
from mxnet.gluon import nn

from .feature_net import FeatureNet


class Plain(FeatureNet):
    """No body."""

    def make_body(self):
        return nn.Flatten()
'''
MAIN = f'''
import sys
sys.path.insert(0, {ROOT!r})
import main
import models
import utils.data
for package in (models, utils.data):
    package.__path__.append('new')
utils.data._DATASETS['vectors'] = utils.data._Arrays('vectors', 'load_vectors', {CLASSES})
models._SMALL['plain'] = 'plain', 'Plain'
status = main.main()
with open('/proc/self/status') as file:  # getrusage counts what the parent of the process had, too
    print(next(int(line.split()[1]) // 1024 for line in file if line.startswith('VmHWM')))
sys.exit(status)
'''
TRAIN = ('--train --center_loss --lmbd 0.01 --dataset vectors --network plain --feature_size 64 --batch_size 500 '
         '--optimizer adam --lr 0.01 --select_on test --prefix run --threads 1')


def run(text, folder):
    """Run main.py; returns its megabytes at most."""
    done = subprocess.run([sys.executable, '-c', MAIN, *text.split()], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def test_a_run_of_many_classes_is_trained_resumed_and_tested_in_bounded_memory(tmp_path):
    (tmp_path / 'new').mkdir()
    (tmp_path / 'new' / 'vectors.py').write_text(DATASET)
    (tmp_path / 'new' / 'plain.py').write_text(NETWORK)
    peaks = [run(text, tmp_path) for text in (f'{TRAIN} --epochs 1', f'{TRAIN} --epochs 2 --resume',
                                              '--test --prefix run --plotting --threads 1')]
    assert max(peaks) < MEGABYTES, peaks
    folder = tmp_path / 'output' / 'run'
    results, tested = (json.loads((folder / name).read_text()) for name in ('results.json', 'test-softmax.json'))
    assert [row['epoch'] for row in results['history']] == [1, 2] and results['config']['num_classes'] == CLASSES
    assert checkpoint.load(str(tmp_path / 'ckpt' / 'run.params')).centers.shape == (CLASSES, 64)
    assert tested['accuracy'] == results['test']['softmax'] and len(tested['lowest']) == SHOWN_CLASSES
    assert all(np.isfinite(results['test'][key]) for key in ('knn', 'intra', 'inter'))
    small = {'results.json', 'test-softmax.json', 'history.csv'}
    assert max(os.path.getsize(folder / name) for name in small) < 50_000
    assert {'report.html', 'test-softmax.png', 'test-softmax-confusion.png'} < {*os.listdir(folder)}
    assert os.path.getsize(folder / 'report.html') < 5_000_000
