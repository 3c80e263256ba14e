"""Runs and figures that nobody trained for."""
import json

import main
from utils.comparison.runner import Comparison
from utils.storage.run_paths import RunPaths


def write_run(folder, seed, accuracy, **config):
    """A finished run of one epoch."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'history.csv').write_text('epoch,seconds\n1,2\n')
    test = {'softmax': accuracy, 'knn': None, 'intra': 1.0, 'inter': 4.0, 'intra_inter_ratio': 0.25}
    (folder / 'results.json').write_text(json.dumps({
        'test': test, 'selection': {'epoch': 1, 'by': 'softmax', 'softmax': accuracy},
        'config': {**config, 'seed': seed}, 'command': 'python', 'versions': {'mxnet': '1.9.1'}, 'plotting': False,
        'history': [{'softmax': accuracy, 'knn': None}]}))


def run_figures(softmax, knn, seed=0):
    return {'seed': seed, 'softmax': softmax, 'knn': knn, 'gap': None if knn is None else softmax - knn, 'intra': 0.5,
            'inter': 5.0, 'intra_inter_ratio': 0.1, 'radius_cv': None, 'smallest_gap': None, 'seconds': 2.0,
            'selected': 0.95, 'selected_by': 'softmax', 'best_epoch': 3}


def make_comparison(folder):
    """The comparison `both`, whose runs are in `folder`."""
    return Comparison(RunPaths('', str(folder), 'both'), main.parse(['--train']).scopes, 'main.py',
                      lambda argv: main.parse(argv).config)
