"""What a frozen backbone makes of photos: computed once for each photo, and kept by content."""
import glob
import hashlib
import json
import os

import numpy as np

from .. import runtime
from ..data.dataset import Split, cache_folder
from ..data.photos import read_photo
from ..errors import UserError
from ..progress import Progress
from ..storage import checkpoint
from ..storage.npz import read_npz, write_npz
from ..terminal import warn
from .outputs import for_inference

_MADE = 5  # counts what changed in how photos are decoded and cropped, and in how features are computed of them


def frozen_split(crops, backbone, context):
    """A `Split` of the pooled features (N, F) of `CenterCrops`, those of photos that can be decoded.

    They are kept in the cache in the user's home, photo by photo, by a digest of its bytes, of the weights, of how it
    is cropped, and of the versions and threads that results.json names: so another split of the same photos finds them,
    and whatever changes a feature has it computed anew. Photos that cannot be decoded are left out there too, and named
    again by each run. backbone: a block, images (B, 3, S, S) -> (B, F), which sees each photo by itself: its features
    do not depend on what else is in the batch.
    """
    folder = os.path.join(cache_folder(), 'features', _key(crops, backbone))
    digests = [_digest(path) for path in crops.photos.paths]
    known = _load(folder, set(digests))
    missing = np.array([i for i, digest in enumerate(digests) if digest not in known], np.int64)
    if len(missing):
        features, indices = _compute(crops.take(missing), backbone, context)
        found = [digests[i] for i in missing[indices]]
        known.update(zip(found, features))
        if found:
            _keep(folder, found, features)
    whole = [i for i, digest in enumerate(digests) if digest in known]
    if not whole:
        raise UserError(f'none of the {len(crops.labels)} photos can be decoded')
    return Split(np.stack([known[digests[i]] for i in whole]), crops.labels[whole])


def _compute(crops, backbone, context):
    """(features (n, F), indices (n,)) of those photos in `crops` that can be decoded; the reader names the others."""
    features, indices = [np.zeros((0, 0), np.float32)], [np.zeros(0, np.int64)]
    backbone, progress = for_inference(backbone), Progress(len(crops.labels))
    progress.start('features of the frozen backbone')
    for images, index in crops.batches(context):
        features.append(backbone(images).asnumpy())
        indices.append(index)
        progress.update(len(index))
    progress.finish()
    return np.concatenate(features[1:] or features), np.concatenate(indices)


def _keep(folder, digests, features):
    """Add a file to the cache, whose name tells what it holds: two runs that compute the same write the same."""
    name = hashlib.sha256(''.join(digests).encode()).hexdigest()[:32] + '.npz'
    try:
        write_npz(os.path.join(folder, name), {'digests': np.array(digests), 'features': features})
    except UserError as error:
        warn(f'the features are not kept for the next run: {error}')


def _load(folder, digests):
    """{digest: feature} of those photos in the set `digests` that the cache has; damaged files count as not there."""
    known = {}
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), '*.npz'))):
        try:
            arrays = read_npz(path, ('digests', 'features'))
        except UserError:
            continue
        known.update((digest, feature) for digest, feature in zip(arrays['digests'].tolist(), arrays['features'])
                     if digest in digests)
    return known


def _key(crops, backbone):
    versions = {name: text for name, text in runtime.versions().items() if name != 'commit'}
    text = json.dumps([_MADE, checkpoint.digest_of(backbone), *crops.shape, versions])
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(path):
    """SHA-256 of a photo's bytes, or of nothing that any photo has where they cannot be read."""
    try:
        return hashlib.sha256(read_photo(path)).hexdigest()
    except (OSError, UserError):
        return 'unreadable: ' + path
