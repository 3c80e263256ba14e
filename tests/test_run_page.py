"""report.html of one run, as main.py writes it, and the small images beside its frames."""
import glob
import json
import re

import numpy as np
import pytest
from PIL import Image

from tests import photo_fixtures
from tests.cli import QUICK, main, read_json, succeed
from tests.photo_fixtures import FROZEN, label_of
from utils.pictures.thumbnails import COLUMNS
from utils.storage.npz import read_npz


@pytest.mark.parametrize('freeze', ['backbone', 'none'])
def test_the_small_images_are_those_of_the_points_also_where_photos_are_broken(tmp_path, freeze):
    photo_fixtures.write_folder(tmp_path / 'data', per_class=9)
    for photo in sorted((tmp_path / 'data' / 'train').rglob('*.jpg'))[::7]:
        photo.write_bytes(photo.read_bytes()[:300])
    succeed(f'--train --dataset folder --data_dir data {FROZEN.replace("backbone", freeze)} --prefix run --plotting',
            tmp_path)
    frames = str(tmp_path / 'output' / 'run' / 'frames')
    labels = read_npz(f'{frames}/val-002.npz', [])['labels']
    path, = glob.glob(f'{frames}/val-images.*')
    with Image.open(path) as image:
        pixels = np.asarray(image.convert('RGB'))
    side = pixels.shape[1] // COLUMNS
    assert len(labels) > 8
    found = [photo_fixtures.NAMES[label_of(pixels[:side, side * i:side * (i + 1)])] for i in range(len(labels))]
    assert found == [sorted(photo_fixtures.NAMES)[label] for label in labels]


def test_training_and_testing_write_the_page(tmp_path):
    trained = succeed(f'--train --center_loss --prefix run --epochs 2 {QUICK} --plotting', tmp_path)
    path = tmp_path / 'output' / 'run' / 'report.html'
    assert 'output/run/report.html' in trained
    results = read_json(tmp_path, 'output', 'run', 'results.json')
    said = f'On the test set {100 * results["test"]["softmax"]:.2f} % by softmax, {100 * results["test"]["knn"]:.2f} %'
    text = path.read_text()
    assert said in text and panels(text) == [('run', 'val', 2)] and 'confusion-knn' in text

    assert 'output/run/report.html' in succeed('--test --prefix run --eval_method knn --plotting', tmp_path)
    text = path.read_text()
    assert said in text and panels(text) == [('run', 'val', 2), ('test', 'test', 1)]
    tested = read_json(tmp_path, 'output', 'run', 'test-knn.json')
    assert f'run: test accuracy {tested["accuracy"]:.4f} by knn' in text
    assert 0 < text.index('confusion-knn') < text.index('confusion-softmax'), 'what was asked for first'
    assert '--eval_method knn --plotting' in text and '--epochs 2' in text

    (tmp_path / 'output' / 'run' / 'results.json').write_text('{}')
    done = main('--test --prefix run --plotting', tmp_path)
    assert done.returncode == 0 and 'the page lacks what the training came to' in done.stderr
    assert panels(path.read_text()) == [('test', 'test', 1)]


def test_test_images_are_watched_after_every_epoch_on_request(tmp_path):
    succeed(f'--compare --runs softmax --seeds 0 --prefix both --epochs 2 --lr 0.003 {QUICK} --plotting --watch_test',
            tmp_path)
    run = tmp_path / 'output' / 'both' / 'runs' / 'softmax-s0'
    results = read_json(run, 'results.json')
    assert results['selection']['on'] == 'val' and (run / 'test.gif').exists() and (run / 'val.gif').exists()
    accuracies = [read_npz(str(run / 'frames' / f'test-{epoch:03d}.npz'), [])['accuracies'][0] for epoch in (1, 2)]
    assert accuracies[results['selection']['epoch'] - 1] == results['test']['softmax']
    assert accuracies[0] != accuracies[1], 'each epoch was looked at'
    assert panels((tmp_path / 'output' / 'both' / 'report.html').read_text()) == [('softmax', 'test', 2)]


def panels(text):
    """[(name, split, epochs)] of the map of a page."""
    data = json.loads(re.search(r'<script type="application/json" id="map-data">(.*?)</script>', text, re.DOTALL)[1])
    return [(run['name'], run['split'], run['epochs']) for run in data['data']['runs']]
