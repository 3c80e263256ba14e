"""What is refused before MXNet is imported: a name that is taken, modes whose checkpoint is missing."""
import os

from ..errors import UserError
from ..settings import config as configs


def check_files(args):
    """Refuse what can be refused before MXNet is imported: a name that is taken, modes whose checkpoint is missing."""
    folder = os.path.join(args.out_dir, args.prefix)
    state = os.path.join(args.ckpt_dir, args.prefix + '.state')
    if args.compare and any(map(os.path.exists, (os.path.join(folder, 'results.json'), state))):
        raise UserError(f'{folder} holds a run, and would hold a comparison too: choose another --prefix')
    for written in [folder] * args.train + [configs.second_prefix(folder)] * args.second_train:
        if os.path.isdir(os.path.join(written, 'runs')):
            raise UserError(f'{written} holds a comparison, and would hold a run too: choose another --prefix')
    first = checkpoint_path(args, args.prefix)
    if args.second_train and not args.train and not os.path.exists(first):
        raise UserError(f'--second_train goes on from a model trained before, and there is no {first}')
    if args.test and not (args.train or args.second_train) and not os.path.exists(first):
        raise UserError(f'--test needs a trained model, and there is no {first}')
    if args.resume and not any(os.path.exists(path) for path in training_states(args)):
        raise UserError(f'--resume found nothing to resume: there is no {" or ".join(training_states(args))}')


def checkpoint_path(args, prefix):
    return os.path.join(args.ckpt_dir, prefix + '.params')


def written_names(args):
    """The runs, or the comparison, whose files the modes asked for replace."""
    return [args.prefix] * (args.train or args.compare) + [configs.second_prefix(args.prefix)] * args.second_train


def training_states(args):
    """The state files of the training modes asked for, in the order they run."""
    return [os.path.join(args.ckpt_dir, name + '.state') for name in written_names(args)]
