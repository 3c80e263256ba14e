"""What is committed of a comparison or a run, so that its pictures can be drawn again: histories and features.

runs.json: {row: {'config', 'stage', 'histories'}}. frames.npz: the `Frame`s of what is shown, in few bytes.
"""
import json
import os

import numpy as np

from utils.evaluation import columns
from utils.pictures.frame import Frame, read_frame
from utils.pictures.grids import shown_splits
from utils.storage import files

RUNS, FRAMES = 'runs.json', 'frames.npz'
_ONE, _MANY = 10_000, 1_000  # points of a split that are kept, of up to _FEW runs and of more, whose panels are small
_FEW = 3
_SMALLER = {'features': np.float16, 'centers': np.float16, 'weights': np.float16}


def keep(folder, runs):
    """Write both files into `folder`; frames only where there are any.

    runs: {row: [(folder, results.json as a dict) of each seed]}. Of a row, the first is shown.
    """
    text = {row: {'config': made[0][1]['config'], 'stage': made[0][1]['stage'],
                  'histories': [_columns(results['history']) for _, results in made]} for row, made in runs.items()}
    files.write_bytes(os.path.join(folder, RUNS), (json.dumps(text, separators=(',', ':')) + '\n').encode())
    shown = {row: made[0] for row, made in runs.items() if made[0][1]['plotting']}
    if shown:
        most = _ONE if len(shown) <= _FEW else _MANY
        arrays = {}
        for row, (made, results) in shown.items():
            for split in shown_splits(made, results):
                frames = [read_frame(os.path.join(made, 'frames', f'{split}-{epoch:03d}.npz'))
                          for epoch in range(1, len(results['history']) + 1)]
                arrays.update({f'{row}|{split}|{key}': value for key, value in _packed(frames, most).items()})
        with files.replacing(os.path.join(folder, FRAMES)) as temporary, open(temporary, 'wb') as file:
            np.savez_compressed(file, **arrays)


def kept_runs(folder):
    """What `keep` wrote into runs.json, or None."""
    path = os.path.join(folder, RUNS)
    if not os.path.exists(path):
        return None
    with open(path, encoding='utf-8') as file:
        runs = json.load(file)
    for run in runs.values():
        run['histories'] = [[dict(zip(history, values)) for values in zip(*history.values())]
                            for history in run['histories']]
    return runs


def kept_frames(folder):
    """{row: {split: [`Frame` of each epoch]}} of what `keep` wrote; empty where nothing is shown."""
    path, runs = os.path.join(folder, FRAMES), {}
    if os.path.exists(path):
        with np.load(path) as arrays:
            packed = {}
            for name in arrays:
                row, split, key = name.split('|')
                packed.setdefault((row, split), {})[key] = arrays[name]
        for (row, split), parts in packed.items():
            runs.setdefault(row, {})[split] = _unpacked(parts)
    return runs


def _columns(history):
    """{key: [value of each epoch]} of what curves show."""
    shown = [key for key in history[0] if key == 'epoch' or columns.find(key).panel]
    return {key: [float(f'{row[key]:.6g}') if isinstance(row[key], float) else row[key] for row in history]
            for key in shown}


def _packed(frames, most):
    """{field: array over the epochs}; which images and labels are those of every epoch."""
    count = min(most, len(frames[0].labels))
    packed = {}
    for key in Frame._fields:
        values = [getattr(frame, key) for frame in frames]
        if values[0] is None or key == 'sure':
            continue
        if key in ('features', 'labels', 'indices', 'softmax', 'knn'):
            values = [value[:count] for value in values]
        if key in ('labels', 'indices'):
            assert all(np.array_equal(value, values[0]) for value in values), key
            values = values[0]
        values = np.asarray(values)
        small = _SMALLER.get(key) or (np.min_scalar_type(values.max()) if values.dtype.kind in 'iu' else values.dtype)
        packed[key] = values.astype(small)
    return packed


def _unpacked(parts):
    whole = {key: value.astype({'f': np.float64, 'u': np.int64}.get(value.dtype.kind, value.dtype))
             for key, value in parts.items()}
    shared = {key: whole.pop(key) for key in ('labels', 'indices')}
    return [Frame(**shared, **{key: value[epoch] for key, value in whole.items()})
            for epoch in range(len(whole['features']))]
