"""Files that this program reads back, damaged at random: read as they were or refused in one line, in little memory."""
import json
import os
import shutil
from collections import OrderedDict

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

from center_loss import CenterLoss
from models.pth import read_pth
from tests.damage import damages, memory_limit
from tests.models.torch_files import storage, tensor, write_legacy, write_zip
from tests.utils.comparison.made import write_run
from utils.comparison import table
from utils.errors import UserError
from utils.evaluation import columns
from utils.modes.index import read_index, write_index
from utils.settings.inheritance import merged_versions
from utils.storage import checkpoint
from utils.storage.params_file import read_params
from utils.storage.results import read_results

COUNT = int(os.environ.get('DAMAGES', 60))  # of each file
MEGABYTES = 64  # far more than any of the files needs, far less than a damaged length asks for


def write_checkpoint(path):
    """A model of 16 numbers, or its state: most of the file is what is said of the arrays."""
    net, loss = mx.gluon.nn.Dense(4, in_units=3), CenterLoss(3, 2)
    for block in (net, loss):
        block.initialize(mx.init.Xavier())
    meta = {'command': 'python main.py', 'stage': 'train', 'plotting': False, 'config': {'lr': 0.1, 'alpha': 0.5},
            'epoch': 3, 'history': [{'epoch': epoch, 'softmax': 0.9} for epoch in (1, 2, 3)], 'best': {'epoch': 3},
            'collapsed': [], 'updates': [7], 'versions': {}}
    checkpoint.save(str(path), meta, net, loss, [{'0.0': nd.ones((10, 2))}])


def write_tensors(write):
    value = OrderedDict((name, tensor(storage('0', 'FloatStorage', 24), 0, (4, 6), (6, 1)))
                        for name in ('body.weight', 'head.weight'))
    return lambda path: write(path, value, {'0': np.arange(24, dtype='f4')})


def write_results(path):
    shutil.rmtree(path.parent / 'run', ignore_errors=True)
    write_run(path.parent / 'run', 3, 0.9)
    (path.parent / 'run' / path.name).rename(path)


def as_bytes(arrays):
    return {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}


def read_checkpoint(path):
    saved = checkpoint.load(path)
    return saved.meta, as_bytes(saved.arrays)


def read_whole_index(path):
    index = read_index(path)
    return index.meta, as_bytes({'features': index.features, 'paths': index.paths})


def make_table(path):
    """What a comparison makes of a run, one file of which is at `path` and the other beside it, in run/."""
    folder = os.path.dirname(path)
    results, history = (path if os.path.basename(path) == name else os.path.join(folder, 'run', name)
                        for name in ('results.json', 'history.csv'))
    found = read_results(results, columns.of_test())
    row = table.summarize('softmax', [table.figures(found, history)], 1)
    return json.dumps([row, merged_versions([found['versions']])], allow_nan=False), table.to_markdown([row])


# File -> (write it, read it, what refuses it, whether a checksum finds all damage that matters)
FILES = {
    'run.params': (write_checkpoint, read_checkpoint, UserError, True),
    'run.state': (write_checkpoint, read_checkpoint, UserError, True),
    'index.npz': (lambda path: write_index(str(path), np.ones((3, 4)), ['a/ü.jpg', 'b', 'c'], {'digest': 'y'}),
                  read_whole_index, UserError, True),
    'weights.params': (write_checkpoint, lambda path: as_bytes(read_params(path)), ValueError, False),
    'legacy.pth': (write_tensors(write_legacy), lambda path: as_bytes(read_pth(path)), ValueError, False),
    'zip.pth': (write_tensors(write_zip), lambda path: as_bytes(read_pth(path)), ValueError, False),
    'results.json': (write_results, make_table, UserError, False),
    'history.csv': (write_results, make_table, UserError, False),
}


@pytest.mark.parametrize('name', list(FILES))
def test_a_damaged_file_is_read_as_it_was_or_refused_in_one_line(tmp_path, name):
    write, read, refusal, checked = FILES[name]
    path, refused = tmp_path / name, 0
    write(path)
    content, expected = path.read_bytes(), read(str(path))
    for what, damaged in damages(content, COUNT):
        path.write_bytes(damaged)
        try:
            with memory_limit(MEGABYTES):
                got = read(str(path))
        except refusal as error:
            text = str(error)
            assert str(path) in text and text.isprintable() and len(text) < 1000, (what, text)
            assert 'memory' not in text, what
            refused += 1
        else:
            assert got == expected or not checked, what
    assert refused > COUNT / 4, 'this finds no damage at all'
