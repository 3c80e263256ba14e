"""The modes that train, --train and --second_train: each sets up one `Run` and hands it to `fit`."""
import functools
import hashlib
import json
import os

import numpy as np

from .. import runtime, signals
from ..data.dataset import PhotoSplit
from ..errors import UserError
from ..settings.config import ALL_KEYS, FIRST_KEYS, Training, keys_of
from ..settings.goes_with import check_settled
from ..settings.inheritance import CHANGEABLE, completed, inherit, take_up
from ..storage import checkpoint
from ..terminal import warn
from ..training.averaging import Average
from ..training.judge import Judge
from ..training.loop import fit
from ..training.optimizers import build_trainers
from ..training.pairs import check_batches
from ..training.profile import Profile, unmeasured
from ..training.run import Follower, Run
from ..training.selection import Selection
from ..training.store import Store
from ..training.watch import CollapseWatch
from ..training.wording import random_freeze_warning
from . import pages
from .building import check_backbone, check_classes
from .foresight import check_selection, for_selection, load

_SECOND_KEYS = ('balance', 'lmbd')  # of the first training, unless a second says otherwise


def train(request, builder):
    """--train: softmax, and center loss beside it if asked for."""
    run_training(request, builder, request.paths, 'train', request.config)


def second_train(request, builder):
    """--second_train: go on from a trained model by center loss alone, its centres frozen."""
    first = checkpoint.load(request.paths.best)
    saved = completed(first.meta['config'], first.path)
    if not saved['center_loss']:
        raise UserError(f'--second_train needs class centres, and {first.path} was trained without --center_loss')
    config = inherit(request.config, request.explicit, saved, FIRST_KEYS, first.path)
    keys = _SECOND_KEYS
    if 'train' in request.modes and request.resume:  # one call made both: what it said of training held for both
        keys += ('lmbd_warmup', *keys_of(Training))
    config = config.replaced(**{key: request.explicit.get(key, saved[key]) for key in keys})
    run_training(request, builder, request.paths.second, 'second_train', config, first)


def run_training(request, builder, paths, stage, config, first=None):
    """Build a run, or take it up where it stopped, train it to its end and report.

    stage: 'train' or 'second_train'. first: the checkpoint that second_train starts from.
    """
    state = _state_to_resume(request, paths.state, first)
    meta, config = _settle(request, paths, stage, config, state, first)
    group = builder.group
    builder.check_losses(config.objective)  # before photos are read for minutes
    dataset, config = load(config)
    meta['config'] = config.saved()
    dataset, shown, model = _load(builder, config, meta, dataset, [saved for saved in (state, first) if saved])
    train_split, (judge_name, judge) = for_selection(config, dataset)
    select_by = 'knn' if first else config.selected_by
    check_selection(select_by, judge_name, judge, config.network.num_classes)
    if not first:
        check_batches(config, train_split.labels, len(builder.contexts) * group.part[1])
    model, softmax_weight = _prepare(model, config, first)
    net, center_loss, metric_losses = model[:3]
    trainers, rates = build_trainers(config, net, None if first else center_loss, metric_losses)
    average = Average(model[:3], config.training.ema) if config.training.ema else None
    profile = Profile() if request.profile else None
    part = profile.part if profile else unmeasured
    group.agree(lambda: _identity(config, meta, train_split, state or first))
    store = Store(paths, meta, model, trainers, average)
    if group.rank:
        run = Follower(store)
    else:
        pictures = _pictures(request, builder, paths, config, dataset, shown) if meta['plotting'] else None
        run = Run(store, Judge(judge_name, builder.images(config, judge), model, builder.contexts[0], config.judged_by),
                  Selection(select_by), CollapseWatch(), pictures, average,
                  functools.partial(pages.write_trained, paths, dataset.class_names) if pictures else None, part)
    first_epoch = run.resume(state) if state else run.begin()
    with signals.leaving(f'; the last checkpoint is {paths.state}, --resume goes on from it'):
        fit(net, center_loss, builder.batches(config, net, train_split), trainers, epochs=config.training.epochs,
            rates=rates, after_epoch=run.after_epoch, seed=config.training.seed, first_epoch=first_epoch,
            softmax_weight=softmax_weight, metric_losses=metric_losses, lmbd_warmup=config.center.lmbd_warmup,
            after_step=average.update if average else lambda: None, part=part, group=group)
        run.finish(builder.images(config, dataset.test), builder.images(config, train_split))
        if profile and not group.rank:
            profile.write(paths.profile, request.command, meta['versions'])
            print(f'wrote {paths.profile}')


def _settle(request, paths, stage, config, state, first):
    """(meta, config) of a run: what its checkpoints say of it, and its settings, both as `state` has them if any."""
    meta = {'command': request.command, 'prefix': paths.prefix, 'stage': stage, 'plotting': request.plotting,
            'config': config.saved(), 'versions': runtime.versions()}
    if first:
        meta['first'] = first.digest
    if state:
        # In a comparison, all settings are given, and a run of another dtype is another run.
        changeable = () if 'defaults_count' in request.typed else CHANGEABLE
        meta, config = take_up(meta, config, request.explicit, state.meta, paths.state, changeable)
    check_settled(request, config, ALL_KEYS if state else FIRST_KEYS if first else ())
    freeze = config.network.freeze
    if freeze != 'none' and not config.network.pretrained and not (state or first):
        warn(random_freeze_warning(freeze))
    return meta, config


def _identity(config, meta, split, earlier):
    """{name: text} of what must be the same for all processes of a run. earlier: the `Checkpoint` it goes on from."""
    content = hashlib.sha256(np.ascontiguousarray(split.labels).tobytes())
    if isinstance(split, PhotoSplit):
        content.update('\n'.join(map(os.path.basename, split.paths)).encode())
    elif not meta['backbone']:  # features of a backbone differ in their last digits from machine to machine
        content.update(np.ascontiguousarray(split.images).tobytes())
    versions = {name: text for name, text in meta['versions'].items() if name != 'threads'}
    return {'config': json.dumps(config.saved(), sort_keys=True), 'data': content.hexdigest(),
            'version': json.dumps(versions, sort_keys=True), 'backbone': str(meta['backbone']),
            'checkpoint': earlier.digest if earlier else ''}


def _prepare(model, config, first):
    """(`Model`, weight of softmax): what learns nothing gets no gradient; a second training goes on from `first`."""
    softmax_weight = 0.0 if first else config.objective.softmax_weight
    if first:
        model = model._replace(metric_losses=None)
        first.restore(model.net, model.center_loss)
        model.center_loss.collect_params().setattr('grad_req', 'null')
    if not softmax_weight:  # the class layer has no part in the other losses, and no decay either
        model.class_layer.collect_params().setattr('grad_req', 'null')
    return model, softmax_weight


def _state_to_resume(request, path, first):
    """The checkpoint of a run that was cut off, or None to start anew."""
    state = checkpoint.load(path) if request.resume and os.path.exists(path) else None
    if state and first and 'train' in request.modes and state.meta.get('first') != first.digest:
        return None  # of an earlier call: this one made the first model anew
    return state


def _load(builder, config, meta, dataset, earlier):
    """(dataset, its images, `Model`) of a run, which must fit the checkpoints `earlier`; `meta` says what they are of.

    Behind a frozen backbone, the dataset is its features, and the images are the photos that could be decoded.
    """
    if config.data.photos:
        meta['class_names'] = list(dataset.class_names)
    for saved in earlier:
        check_classes(dataset, saved)
    model = builder.model(config, dataset.train.image_shape(config.data.image_size))
    meta['backbone'] = model.backbone_digest
    for saved in earlier:
        check_backbone(model, saved)
    if not model.backbone:
        return dataset, dataset, model
    train, test = (builder.inputs(config, model, split) for split in (dataset.train, dataset.test))
    shown = dataset._replace(train=builder.whole(dataset.train), test=builder.whole(dataset.test))
    return dataset._replace(train=train, test=test), shown, model


def _pictures(request, builder, paths, config, dataset, shown):
    """The `RunPictures` of a run. shown: `dataset` as images."""
    from ..pictures.run_pictures import RunPictures  # and Matplotlib
    train, (judge_name, _) = for_selection(config, dataset)
    views = {judge_name: for_selection(config, shown)[1][1]}
    watched = {'test': builder.images(config, dataset.test)} if request.watch_test else {}
    if watched:
        views['test'] = shown.test
    return RunPictures(
        paths, builder.images(config, train), dataset.class_names, request.picture_format, watched,
        {name: builder.images(config, split) for name, split in views.items()}, request.layers)
