"""The settings that make a run what it is: saved in its checkpoints, inherited and compared by later modes."""
from ..errors import UserError
from .loss_terms import names_of

MODEL_KEYS = ('dataset', 'classes', 'split', 'split_seed', 'image_size', 'network', 'pretrained', 'freeze',
              'num_classes', 'feature_size', 'feature_use_bias', 'output_use_bias', 'normalize', 'dropout')
CENTER_KEYS = ('center_impl', 'center_update', 'balance', 'lmbd', 'lmbd_warmup', 'alpha', 'alpha_decays',
               'center_optimizer')  # these change nothing without center loss
LOSS_KEYS = ('center_loss', *CENTER_KEYS, 'loss', 'loss_lr')
TRAINING_KEYS = ('epochs', 'batch_size', 'optimizer', 'lr', 'momentum', 'wd', 'lr_step', 'lr_factor', 'seed',
                 'val_fraction', 'select_on', 'lr_schedule', 'lr_warmup', 'augment', 'ema', 'sampler', 'per_class',
                 'backbone_lr')
ALL_KEYS = MODEL_KEYS + LOSS_KEYS + TRAINING_KEYS
# What a second training takes over from the first. With another seed or share for validation, it would be judged by
# images that the first was trained on; --loss tells whether the class layer was ever trained; its centres stand still.
FIRST_KEYS = (*MODEL_KEYS, 'center_loss', 'center_impl', 'center_update', 'alpha', 'alpha_decays', 'center_optimizer',
              'loss', 'loss_lr', 'seed', 'val_fraction', 'select_on')

# What a run did that was made before there was such a flag.
_BEFORE = {'loss': 'softmax', 'loss_lr': None, 'lr_schedule': 'step', 'lr_warmup': 0.0, 'augment': 'none', 'ema': 0.0,
           'classes': None, 'split': 'official', 'split_seed': None, 'image_size': 224, 'pretrained': None,
           'freeze': 'none', 'normalize': False, 'dropout': 0.0, 'sampler': 'shuffled', 'per_class': 4,
           'backbone_lr': 1.0, 'alpha_decays': True}


def second_prefix(prefix):
    """The name of the run that --second_train makes of the run `prefix`."""
    return prefix + '-second'


def config_of(args):
    """The settings in an argparse namespace, as a dict."""
    return {key: getattr(args, key) for key in ALL_KEYS}


def settled(config):
    """`config` without what only the dataset settles."""
    return {key: value for key, value in config.items() if (key, value) != ('num_classes', None)}


def saved_config(config):
    """The config of a saved run, with the settings that it is too old to know."""
    return {**_BEFORE, **config}


def lacking(config, eval_method):
    """What an accuracy by `eval_method` would need and a model of these settings lacks, in words; None if nothing."""
    if config['split'] != 'official':
        return f'test classes that were trained on, and --split {config["split"]} has others'
    if eval_method == 'softmax' and 'softmax' not in names_of(config['loss']):
        return f'a class layer that was trained, and --loss {config["loss"]} trains none'
    return None


def inherit(config, given, saved, keys, path):
    """A copy of `config` with `keys` from `saved`, the config in the checkpoint `path`.

    given: the flags on the command line. Raises UserError, naming both values, for one that contradicts `saved`, and if
    `saved` has no such key.
    """
    saved = saved_config(saved)
    for key in keys:
        if key not in saved:
            raise UserError(f'{path} was made by another version of this program: it does not say --{key}')
        if key in given and given[key] != saved[key]:
            raise UserError(f'--{key} {given[key]} contradicts {path}, which was made with --{key} {saved[key]}')
    return {**config, **{key: saved[key] for key in keys}}


def take_up(meta, saved, given, path):
    """The `meta` of a run that resumes the one whose meta, in the state `path`, is `saved`.

    meta: of this call, with command, stage, plotting, config, versions and, for a second training, first: the digest of
    the model it goes on from. given: what the command line asks for. Raises UserError where the two do not fit.
    """
    if saved['stage'] != meta['stage']:
        raise UserError(f'{path} was made by --{saved["stage"]}, and cannot be resumed by --{meta["stage"]}')
    if saved.get('first') != meta.get('first'):
        raise UserError(f'{path} goes on from another model than there is now: start it anew, without --resume')
    if meta['plotting'] and not saved['plotting']:
        raise UserError(f'--plotting cannot be added by --resume: {path} has no features of earlier epochs')
    fixed = [key for key in ALL_KEYS if key != 'epochs']  # more epochs may be asked for
    config = inherit(meta['config'], given, saved['config'], fixed, path)
    config['epochs'] = given.get('epochs', saved['config']['epochs'])
    if config['lr_schedule'] == 'cosine' and config['epochs'] != saved['config']['epochs']:
        raise UserError(f'--epochs {config["epochs"]} contradicts {path}: its --lr_schedule cosine was laid out for '
                        f'{saved["config"]["epochs"]}')
    if config['epochs'] < saved['epoch']:
        raise UserError(f'--epochs must be at least {saved["epoch"]}, the epochs that {path} has, '
                        f'got {config["epochs"]}')
    # The command that makes the result: with more epochs than at first, that is this one.
    command = saved['command'] if config == saved_config(saved['config']) else meta['command']
    return {**meta, 'command': command, 'plotting': saved['plotting'], 'config': config,
            'versions': merged_versions([saved.get('versions', {}), meta['versions']])}


def merged_versions(all_versions):
    """One dict of several of `runtime.versions`, merged or not: what differs is joined, such as '1, 2' threads."""
    found = {}
    for versions in all_versions:
        for key, text in versions.items():
            found.setdefault(key, {}).update(dict.fromkeys(text.split(', ') if text else ()))
    return {key: ', '.join(texts) or None for key, texts in found.items()}
