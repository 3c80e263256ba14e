"""report.html of one run, as main.py writes it, and the small images beside its frames."""
import glob

import numpy as np
import pytest
from PIL import Image

from tests import photo_fixtures
from tests.cli import succeed
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
