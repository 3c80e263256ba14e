"""--embed and --query: the features of photos by a trained model, and what is found among them."""
import os
import sys
import time

import numpy as np

from ..data import list_photo_datasets
from ..data.dataset import make_photo_split
from ..data.photos import list_photos
from ..errors import UserError
from ..loading.outputs import for_inference
from ..settings.inheritance import completed, inherit
from ..storage import checkpoint
from ..terminal import one_line
from .evaluate import MODEL_KEYS
from .index import count_replaced, nearest, read_index, write_index


def embed(request, builder):
    """--embed: the features of every image under a folder, as an index to search in."""
    folder = request.search.embed
    saved, config = _photo_model(request, request.paths.best)
    paths = [os.path.abspath(path) for path in list_photos(folder)]
    if not paths:
        raise UserError(f'--embed expected a folder with images, got {folder}')
    path = request.paths.output('index.npz')
    replaced = count_replaced(path, folder)  # before an hour is spent
    features, indices = _features_of(builder, config, saved, paths)
    if not len(indices):
        raise UserError(f'none of the {len(paths)} images under {folder} can be decoded')
    write_index(path, features, [paths[i] for i in indices],
                meta={'command': request.command, 'checkpoint': os.path.abspath(saved.path), 'digest': saved.digest})
    print(f'{len(indices)} of {len(paths)} images, {features.shape[1]} features each\nwrote {path}'
          + (f' in place of an index of {replaced} images of the same folder' if replaced else ''))


def query(request, builder):
    """--query: the images of an index that are most like one image.

    The index knows the checkpoint it was made with; --prefix says where it is now, if it was moved.
    """
    file = request.search.index
    start = time.perf_counter()
    index = read_index(file)
    loaded = time.perf_counter() - start
    path = str(index.meta.get('checkpoint'))
    if 'prefix' in request.typed:
        path = request.paths.best
    elif not os.path.exists(path):
        raise UserError(f'{file} was made by {path}, which is not there: say where the model is now by --prefix '
                        'and --ckpt_dir')
    saved, config = _photo_model(request, path)
    if saved.digest != index.meta.get('digest'):
        raise UserError(f'{file} was made by another model than {saved.path} is now: make it anew with --embed')
    features, _ = _features_of(builder, config, saved, [request.search.query])
    start = time.perf_counter()
    (found,), (distances,) = nearest(index, features, request.search.top)
    searched = time.perf_counter() - start
    print(f'{file}: {len(index.paths)} images, loaded in {loaded:.2f} s, searched in {searched:.2f} s', file=sys.stderr)
    for i, distance in zip(found, distances):
        print(f'{distance:.6f}  {one_line(index.paths[i])}')


def _photo_model(request, path):
    """(checkpoint, its config) of a model for photos, which no flag contradicts."""
    saved = checkpoint.load(path)
    made = completed(saved.meta['config'], path)
    if made['dataset'] not in list_photo_datasets():
        raise UserError(f'--embed and --query are for photos, and {path} was trained on {made["dataset"]}')
    return saved, inherit(request.config, request.explicit, made, MODEL_KEYS, path)


def _features_of(builder, config, saved, paths):
    """(features (n, D), positions (n,)) of those photos in the list `paths` that can be decoded."""
    split = make_photo_split([(path, 0) for path in paths])
    model = builder.trained(config, split.image_shape(config.data.image_size), saved)
    backbone, net = (for_inference(block) for block in (model.backbone, model.net))
    batches = [(net(backbone(images) if backbone else images)[1].asnumpy(), index)
               for images, index in builder.images(config, split).batches(builder.contexts[0])]
    return (np.concatenate(parts) for parts in zip(*batches)) if batches else (np.zeros((0, 1)), np.zeros(0, int))
