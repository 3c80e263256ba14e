"""What one run takes over from another: a test and a second training from a model, a resumed run from its state."""
from ..errors import UserError
from .config import ALL_KEYS

CHANGEABLE = ('dtype',)  # how a network is computed, not what it is: another may be asked for
ONCE_ALWAYS = {'dtype': 'float32'}  # what runs had before there was a choice


def inherit(config, explicit, saved, keys, path, changeable=CHANGEABLE):
    """`config` with the settings `keys` as they are in `saved`, a dict out of the JSON of the file `path`.

    explicit: the settings that the user asked for; of those that are `changeable`, what is asked for counts. Raises
    UserError, naming both values, for another that contradicts `saved`, and if `saved` lacks a setting.
    """
    saved = completed(saved, path)
    asked = {key: explicit[key] for key in keys if key in explicit and explicit[key] != saved[key]}
    for key, value in asked.items():
        if key not in changeable:
            raise UserError(f'--{key} {value} contradicts {path}, which was made with --{key} {saved[key]}')
    return config.replaced(**{key: asked.get(key, saved[key]) for key in keys})


def completed(saved, path):
    """`saved`, settings out of the JSON of `path`, with those that are younger than the file as they were then.

    Raises UserError if it lacks any other.
    """
    saved = {**ONCE_ALWAYS, **saved}
    for key in ALL_KEYS:
        if key not in saved:
            raise UserError(f'{path} was made by another version of this program: it does not say --{key}')
    return saved


def take_up(meta, config, explicit, saved, path, changeable=CHANGEABLE):
    """(meta, config) of a run that resumes the one whose state, the file `path`, says `saved`.

    meta: what this call says of its run: command, stage, plotting, versions and, for a second training, first: the
    digest of the model it goes on from. explicit, changeable: as for `inherit`; more epochs may be asked for. Raises
    UserError where the two do not fit.
    """
    if saved['stage'] != meta['stage']:
        raise UserError(f'{path} was made by --{saved["stage"]}, and cannot be resumed by --{meta["stage"]}')
    if saved.get('first') != meta.get('first'):
        raise UserError(f'{path} goes on from another model than there is now: start it anew, without --resume')
    if meta['plotting'] and not saved['plotting']:
        raise UserError(f'--plotting cannot be added by --resume: {path} has no features of earlier epochs')
    made = completed(saved['config'], path)
    config = inherit(config, explicit, made, [key for key in ALL_KEYS if key != 'epochs'], path, changeable)
    config = config.replaced(epochs=explicit.get('epochs', made['epochs']))
    _check_epochs(config.training, saved, path)
    # The command that makes the result: with more epochs than at first, that is this one.
    command = saved['command'] if config.saved() == made else meta['command']
    dtypes = [made['dtype'], config.training.dtype]
    versions = [saved['versions'], meta['versions'], *({'dtype': dtype} for dtype in dtypes if dtypes[0] != dtypes[1])]
    return {**meta, 'command': command, 'plotting': saved['plotting'], 'versions': merged_versions(versions)}, config


def _check_epochs(training, saved, path):
    before = saved['config']['epochs']
    if training.lr_schedule == 'cosine' and training.epochs != before:
        raise UserError(f'--epochs {training.epochs} contradicts {path}: its --lr_schedule cosine was laid out for '
                        f'{before}')
    if training.epochs < saved['epoch']:
        raise UserError(f'--epochs must be at least {saved["epoch"]}, the epochs that {path} has, '
                        f'got {training.epochs}')


def merged_versions(all_versions):
    """One dict of several of `runtime.versions`, merged or not: what differs is joined, such as '1, 2' threads."""
    found = {}
    for versions in all_versions:
        for key, text in versions.items():
            found.setdefault(key, {}).update(dict.fromkeys(text.split(', ') if text else ()))
    return {key: ', '.join(texts) or None for key, texts in found.items()}
