"""The modes that train, --train and --second_train: each sets up one `Run` and hands it to `fit`."""
import os

from .. import runtime
from ..data import list_photo_datasets
from ..errors import UserError
from ..progress import Progress
from ..settings import config as configs
from ..settings.goes_with import check_settled
from ..storage import checkpoint
from ..storage.run_paths import RunPaths
from ..training.averaging import Average
from ..training.loop import fit
from ..training.optimizers import build_trainers
from ..training.pairs import check_batches
from ..training.run import Run
from ..training.wording import random_freeze_warning
from .building import check_backbone, check_classes
from .foresight import check_selection, selection_of


def train(args, builder):
    """--train: softmax, and center loss beside it if asked for."""
    run_training(args, builder, args.prefix, 'train', configs.config_of(args))


def second_train(args, builder):
    """--second_train: go on from a trained model by center loss alone, its centres frozen."""
    first = checkpoint.load(RunPaths(args.ckpt_dir, args.out_dir, args.prefix).best)
    saved = configs.saved_config(first.meta['config'])
    if not saved['center_loss']:
        raise UserError(f'--second_train needs class centres, and {first.path} was trained without --center_loss')
    config = configs.inherit(configs.config_of(args), args.asked, saved, configs.FIRST_KEYS, first.path)
    default_to_saved = ('balance', 'lmbd')
    if args.train and args.resume:  # one call made both: what it said of training held for both
        default_to_saved += ('lmbd_warmup', *configs.TRAINING_KEYS)
    for key in default_to_saved:
        config[key] = args.asked.get(key, saved[key])
    run_training(args, builder, configs.second_prefix(args.prefix), 'second_train', config, first)


def run_training(args, builder, prefix, stage, config, first=None):
    """Build a run, or take it up where it stopped, train it to its end and report.

    stage: 'train' or 'second_train'. first: the checkpoint that second_train starts from.
    """
    paths = RunPaths(args.ckpt_dir, args.out_dir, prefix)
    meta = {'command': args.command, 'prefix': prefix, 'stage': stage, 'plotting': args.plotting, 'config': config,
            'versions': runtime.versions()}
    if first:
        meta['first'] = first.digest
    state = _state_to_resume(args, paths.state, first)
    if state:
        asked = {**configs.settled(config), **args.given} if args.defaults_count else args.asked
        meta = configs.take_up(meta, state.meta, asked, paths.state)
        config = meta['config']
    check_settled(args, config, configs.ALL_KEYS if state else configs.FIRST_KEYS if first else ())
    if config['freeze'] != 'none' and not config['pretrained'] and not (state or first):
        Progress.say(random_freeze_warning(config['freeze']))
    builder.check_losses(config)  # before photos are read for minutes
    dataset, model = _load(builder, config, meta, [saved for saved in (state, first) if saved])
    net, center_loss, metric_losses, _ = model
    learn, (judge_name, judge) = dataset.for_selection(config['select_on'], config['val_fraction'], config['seed'])
    softmax_weight = builder.softmax_weight(config)
    judged_by = builder.judged_by(config)
    if first:
        model = model._replace(metric_losses=None)
        metric_losses = None
    select_by = 'knn' if first else selection_of(config)
    check_selection(select_by, judge_name, judge, config)
    if first:
        softmax_weight = 0.0
        first.restore(net, center_loss)
        center_loss.collect_params().setattr('grad_req', 'null')
    else:
        check_batches(config, learn.labels, len(builder.contexts))
    if not softmax_weight:  # the class layer has no part in the other losses, and no decay either
        model.class_layer.collect_params().setattr('grad_req', 'null')
    trainers, rates = build_trainers(config, net, None if first else center_loss, metric_losses)
    average = Average(model[:3], config['ema']) if config['ema'] else None
    pictures = _pictures(paths, builder.view(config, learn), dataset.class_names) if meta['plotting'] else None
    run = Run(paths, meta, net, center_loss, trainers, (judge_name, builder.view(config, judge)), select_by,
              builder.contexts[0], pictures, average, metric_losses, judged_by)
    first_epoch = run.resume(state) if state else run.begin()
    args.running = paths.state
    fit(net, center_loss, builder.batches(config, net, learn), trainers, epochs=config['epochs'], rates=rates,
        after_epoch=run.after_epoch, seed=config['seed'], first_epoch=first_epoch, softmax_weight=softmax_weight,
        metric_losses=metric_losses, lmbd_warmup=config['lmbd_warmup'],
        after_step=average.update if average else lambda: None)
    run.finish(builder.view(config, dataset.test), builder.view(config, learn))
    args.running = None


def _state_to_resume(args, path, first):
    """The checkpoint of a run that was cut off, or None to start anew."""
    state = checkpoint.load(path) if args.resume and os.path.exists(path) else None
    if state and first and args.train and state.meta.get('first') != first.digest:
        return None  # of an earlier call: this one made the first model anew
    return state


def _load(builder, config, meta, earlier):
    """(dataset, `Model`) of a run, which must fit the checkpoints `earlier`; notes in `meta` what they were made of.

    Behind a frozen backbone, the dataset is its features.
    """
    dataset = builder.dataset(config)
    if config['dataset'] in list_photo_datasets():
        meta['class_names'] = list(dataset.class_names)
    for saved in earlier:
        check_classes(dataset, saved)
    model = builder.model(config)
    meta['backbone'] = model.backbone_digest
    for saved in earlier:
        check_backbone(model, saved)
    if model.backbone:
        train, test = (builder.seen(config, model, split) for split in (dataset.train, dataset.test))
        dataset = dataset._replace(train=train, test=test)
    return dataset, model


def _pictures(paths, train, class_names):
    from ..pictures.run_pictures import RunPictures  # and Matplotlib
    return RunPictures(paths, train, class_names)
