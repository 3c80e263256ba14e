"""How many images a loss compares with each other."""
from ..errors import UserError
from .loss_terms import names_of

LEAST = {'contrastive': 2, 'triplet': 3}  # images that such a loss compares with each other


def check_batch_size(loss, batch_size, devices):
    """Raise UserError if the share of a device is smaller than what a term of `loss` compares."""
    for name in names_of(loss):
        least = LEAST.get(name, 1)
        if batch_size < least * devices:
            where = '' if devices == 1 else f' on each of {devices} devices'
            raise UserError(f'--batch_size must be at least {least * devices} with --loss {name}, which compares '
                            f'{least} images{where}, got {batch_size}')
