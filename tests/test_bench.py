"""The rows of `make bench`, and the page that is made of what it found."""
import json
import os
from importlib import import_module

import pytest
from mxnet import nd

from benchmarks import bench, bench_page
from benchmarks.rows import LIMITS, OURS, ROWS
from benchmarks.rows.mxnet_side import operations
from models import get_model


@pytest.mark.parametrize('name', ROWS)
def test_every_side_of_a_row_is_there(name):
    row = ROWS[name]
    for path, _ in row.sides.values():
        module, function = path.split('.')
        assert callable(getattr(import_module(f'benchmarks.rows.{module}'), function))
    assert row.limit is None or row.limit in LIMITS
    assert OURS in row.sides or row.sizes or name.startswith('limit-')


def test_operations_are_those_of_convolutions_and_dense_layers():
    net = get_model('lenet_plus')
    net.initialize()
    pixels, weights, channels = (28 * 28, 14 * 14, 7 * 7), 25, (1, 32, 32, 64, 64, 128, 128)
    convolutions = sum(channels[i] * channels[i + 1] * weights * pixels[i // 2] for i in range(6))
    assert operations(net, nd.zeros((3, 1, 28, 28))) == 2 * (convolutions + 3 * 3 * 128 * 2 + 2 * 10)


def test_the_page_is_what_was_found(tmp_path, monkeypatch):
    found = {
        'limit-fp32': {'machine': machine(), 'sides': {'NumPy': [{'value': 90.0}, {'value': 100.0}, {'value': 95.0}]}},
        'lenet_plus': {'machine': machine(), 'sides': {
            OURS: [{'value': 500.0, 'work': 1e8}, {'value': 400.0, 'work': 1e8}, {'value': 440.0, 'work': 1e8}],
            'PyTorch': [{'value': 400.0}, {'value': 400.0}, {'value': 550.0}]}},
        'knn': {'machine': machine(), 'sides': {OURS: [{'value': 0.002}], 'published': [{'value': 1.0}]}},
        'spread': {'machine': machine(), 'sides': {OURS: [{'value': [[100, 0.5], [1000, 2.0]]}]}}}
    page = tmp_path / 'README.md'
    page.write_text(f'above\n{bench_page.BEGIN}\nold\n{bench_page.END}\nbelow\n')
    monkeypatch.setattr(bench_page, 'PAGE', str(page))
    monkeypatch.setattr(bench_page, 'FOLDER', str(tmp_path))
    bench_page.renew(found)
    text = page.read_text()
    assert text.startswith('above\n') and text.endswith('below\n') and 'old' not in text
    assert ('| 440 images/s (400 to 500) | PyTorch: 400 images/s (400 to 550) | 1 (0.8 to 1.25) | 46 % of fp32 | 1 |'
            in text), 'the ratios are those of rounds: 1.25, 1, 0.8'
    assert '| 2 ms (2 ms to 2 ms) | published: 1 s (1 s to 1 s) | 500 (500 to 500) |' in text
    assert '| 1,000 | 2 s |' in text and (tmp_path / 'spread.png').stat().st_size > 1000


def machine():
    return {'processor': 'P', 'cores': 2, 'python': '3.11.7', 'versions': {'mxnet': '1.9.1'}}


def test_the_committed_page_is_that_of_the_committed_figures():
    with open(bench.FOUND, encoding='utf-8') as file:
        found = json.load(file)
    with open(bench_page.PAGE, encoding='utf-8') as file:
        assert bench_page.between_marks(found) in file.read(), 'renew it by make bench'
    for name in found:
        assert not ROWS[name].sizes or os.path.exists(os.path.join(bench_page.FOLDER, f'{name}.png'))
