"""What a frozen backbone makes of photos: computed once, and kept by content."""
import hashlib
import json
import os

import numpy as np

from . import checkpoint
from .data.dataset import Split, cache_folder
from .data.photos import read_photo
from .errors import UserError
from .npz import read_npz, write_npz
from .progress import Progress

_BATCH_SIZE = 32


def frozen_split(view, backbone, context):
    """A `Split` of the pooled features (N, F) of a `PhotoView`, those of photos that can be decoded.

    They are kept in the cache in the user's home, by a digest of the weights, the photos' bytes and how they are
    cropped: whatever changes one of them has them computed anew. Photos that cannot be decoded are left out there too,
    and named again by each run. backbone: a block, images (B, 3, S, S) -> (B, F).
    """
    path = os.path.join(cache_folder(), 'features', _key(view, backbone) + '.npz')
    arrays = _load(path, view)
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
        _keep(path, arrays)
    return Split(arrays['features'], view.labels[arrays['indices']])


def _keep(path, arrays):
    try:
        write_npz(path, arrays)
    except UserError as error:
        Progress.say(f'warning: the features are not kept for the next run: {error}')


def _load(path, view):
    """What was kept; None if it is not there or damaged, or if a photo that it lacks can be decoded after all."""
    try:
        arrays = read_npz(path, ('features', 'indices'))
    except UserError:
        return None
    lacking = np.setdiff1d(np.arange(len(view.labels)), arrays['indices'])
    mended = view.reader.whole(view.photos.paths[lacking])  # has the reader name the others, or stop at them
    return None if len(mended) else arrays


def _key(view, backbone):
    digest = hashlib.sha256(json.dumps([checkpoint.digest_of(backbone), *view.shape]).encode())
    for path in view.photos.paths:
        try:
            digest.update(hashlib.sha256(read_photo(path)).digest())
        except (OSError, UserError):
            digest.update(b'unreadable')
    return digest.hexdigest()
