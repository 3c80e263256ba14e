"""What a frozen backbone makes of photos: computed once, and kept by content."""
import hashlib
import json
import os
import zipfile

import numpy as np

from . import checkpoint, files
from .data.dataset import Split, cache_folder
from .data.photos import read_photo
from .errors import UserError
from .progress import Progress

_BATCH_SIZE = 32


def frozen_split(view, backbone, context):
    """A `Split` of the pooled features (N, F) of a `PhotoView`, those of photos that can be decoded.

    They are kept in the cache in the user's home, by a digest of the weights, the photos' bytes and how they are
    cropped: whatever changes one of them has them computed anew. backbone: a block, images (B, 3, S, S) -> (B, F).
    """
    path = os.path.join(cache_folder(), 'features', _key(view, backbone) + '.npz')
    arrays = _load(path)
    if arrays is None:
        features, indices = [], []
        progress = Progress(len(view.labels))
        progress.start('features of the frozen backbone')
        for images, index in view.batches(_BATCH_SIZE, context):
            features.append(backbone(images).asnumpy())
            indices.append(index)
            progress.update(len(index))
        progress.finish()
        if not indices:
            raise UserError(f'none of the {len(view.labels)} photos can be decoded')
        arrays = {'features': np.concatenate(features), 'indices': np.concatenate(indices)}
        if not view.reader.broken:  # another run must name them again
            _keep(path, arrays)
    return Split(arrays['features'], view.labels[arrays['indices']])


def _keep(path, arrays):
    try:
        files.make_folder(os.path.dirname(path))
        with files.replacing(path) as temporary, open(temporary, 'wb') as file:
            np.savez(file, **arrays)
    except (UserError, OSError) as error:
        Progress.say(f'warning: the features are not kept for the next run: {error}')


def _load(path):
    try:
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None  # not there, or cut off: it is made anew


def _key(view, backbone):
    digest = hashlib.sha256(json.dumps([checkpoint.digest_of(backbone), *view.shape]).encode())
    for path in view.photos.paths:
        try:
            digest.update(hashlib.sha256(read_photo(path)).digest())
        except (OSError, UserError):
            digest.update(b'unreadable')
    return digest.hexdigest()
