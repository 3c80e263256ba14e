"""A dataset that the program has never seen: one file in utils/data and one line in its registry are enough."""
import json
import subprocess
import sys

from mxnet import nd

from tests.cli import ROOT

DATASET = '''
"""Colour patches: every class has a pattern of its own, under noise."""
import numpy as np

from .dataset import Dataset, make_split


def load_patches(data_dir=None, offline=False):
    """800 + 200 colour images of 32x32 pixels, of 100 classes."""
    rng = np.random.default_rng(0)
    patterns = rng.integers(0, 256, (100, 3, 4, 4)).repeat(8, axis=2).repeat(8, axis=3)

    def split(count):
        labels = np.arange(100).repeat(count)
        noise = rng.integers(-20, 20, (len(labels), 3, 32, 32))
        return make_split(np.clip(patterns[labels] + noise, 0, 255).astype(np.uint8), labels)
    return Dataset(split(8), split(2), tuple(f'patch {number}' for number in range(100)))
'''
MAIN = f'''
import sys
sys.path.insert(0, {ROOT!r})
import main
import utils.data
utils.data.__path__.append('new')
utils.data._DATASETS['patches'] = utils.data._Arrays('patches', 'load_patches', 100)
sys.exit(main.main())
'''


def run(text, folder):
    done = subprocess.run([sys.executable, '-c', MAIN, *text.split()], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_hundred_classes_of_colour_images_are_trained_on_and_tested(tmp_path):
    (tmp_path / 'new').mkdir()
    (tmp_path / 'new' / 'patches.py').write_text(DATASET)
    printed = run('--download --dataset patches', tmp_path)
    assert printed == 'patches: 800 images to train on, 200 to test on, 100 classes\n'
    run('--train --center_loss --lmbd 0.01 --dataset patches --network keras_cnn --feature_size 32 --batch_size 16 '
        '--optimizer adam --lr 0.01 --epochs 1 --prefix run', tmp_path)
    run('--test --prefix run', tmp_path)
    results, tested = (json.loads((tmp_path / 'output' / 'run' / name).read_text())
                       for name in ('results.json', 'test-softmax.json'))
    arrays = nd.load(str(tmp_path / 'ckpt' / 'run.params'))
    assert results['config']['num_classes'] == 100 and len(tested['per_class_accuracy']) == 100
    assert arrays['body.0.weight'].shape[1] == 3 and arrays['center_loss.centers'].shape == (100, 32)
    assert tested['accuracy'] == results['test']['softmax'] > 0.1, 'ten times as good as guessing'
