"""The settings that make a run what it is: saved in its checkpoints, inherited and compared by later modes."""
from .errors import UserError

MODEL_KEYS = ('dataset', 'network', 'num_classes', 'feature_size', 'feature_use_bias', 'output_use_bias')
LOSS_KEYS = ('center_loss', 'center_impl', 'center_update', 'balance', 'lmbd', 'lmbd_warmup', 'alpha',
             'center_optimizer')
TRAINING_KEYS = ('epochs', 'batch_size', 'optimizer', 'lr', 'momentum', 'wd', 'lr_step', 'lr_factor', 'seed',
                 'val_fraction', 'select_on')
ALL_KEYS = MODEL_KEYS + LOSS_KEYS + TRAINING_KEYS


def config_of(args):
    """The settings in an argparse namespace, as a dict."""
    return {key: getattr(args, key) for key in ALL_KEYS}


def inherit(config, given, saved, keys, path):
    """A copy of `config` with `keys` from `saved`, the config in the checkpoint `path`.

    given: the flags on the command line. Raises UserError, naming both values, for one that contradicts `saved`, and if
    `saved` has no such key.
    """
    for key in keys:
        if key not in saved:
            raise UserError(f'{path} was made by another version of this program: it does not say --{key}')
        if key in given and given[key] != saved[key]:
            raise UserError(f'--{key} {given[key]} contradicts {path}, which was made with --{key} {saved[key]}')
    return {**config, **{key: saved[key] for key in keys}}
