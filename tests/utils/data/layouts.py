"""The layouts in which photos come, written by the tests, and what each photo shows."""
import io

import numpy as np
from PIL import Image

from tests import photo_fixtures as fixtures
from utils.data.photos import read_photo

WRITERS = {
    'cub200': ('cub200', fixtures.write_cub),
    'cars196-pair': ('cars196', fixtures.write_cars_pair),
    'cars196-single': ('cars196', lambda folder: fixtures.write_cars_single(folder, per_class=4)),
    'folder-divided': ('folder', fixtures.write_folder),
    'folder-undivided': ('folder', lambda folder: fixtures.write_folder(folder, divided=False)),
    'recordio-divided': ('recordio', fixtures.write_recordio),
    'recordio-single': ('recordio', lambda folder: fixtures.write_recordio(folder, parts=('all',))),
}
COUNTS = {'cub200': (12, 12), 'cars196-pair': (12, 12), 'cars196-single': (8, 8), 'folder-divided': (20, 20),
          'folder-undivided': (16, 4), 'recordio-divided': (20, 20), 'recordio-single': (16, 4)}


def shown_class(path):
    """The name of the class that the photo shows, whatever its label."""
    with Image.open(io.BytesIO(read_photo(path))) as image:
        return fixtures.NAMES[fixtures.label_of(np.asarray(image))]


def check_labels(data):
    for split in (data.train, data.test):
        assert split.labels.dtype == np.int32 and len(split.paths) == len(split.labels)
        for path, label in zip(split.paths, split.labels):
            assert data.class_names[label].endswith(shown_class(path)), path


def change_line(path, number, text):
    with open(path, encoding='utf-8') as file:
        lines = file.read().splitlines()
    lines[number - 1:number] = [] if text is None else [text]
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')
