"""Flags that do not go together: what is refused before anything is read."""
import importlib.util

import models

from ..errors import UserError
from ..settings.goes_with import MODES, check_given

_INSTEAD = {'seed': 'seeds', 'split_seed': 'split_seeds', 'loss': 'runs', 'center_loss': 'runs'}  # with --compare


def check(request):
    """Raise UserError for a `Request` that the command line alone shows to be a mistake."""
    _check_modes(request)
    _check_flags_of_modes(request)
    _check_what_follows(request)
    check_given(request)
    _check_training(request)
    _check_images(request)


def _check_modes(request):
    modes, machine = request.modes, request.config.machine
    if not modes:
        raise UserError('expected at least one of the modes ' + ', '.join('--' + mode for mode in MODES))
    for mode in ('compare', 'embed', 'query', 'doctor'):
        if mode in modes and len(modes) > 1:
            raise UserError(f'--{mode} runs alone, without other modes')
    if 'download' in modes and machine.offline:
        raise UserError('--download and --offline do not go together')
    if 'download' in modes and 'train' not in modes and len(modes) > 1:  # whose dataset is that of a checkpoint
        raise UserError('--download runs alone or with --train')


def _check_flags_of_modes(request):
    typed, search = request.typed, request.search
    if typed.get('sweep') and typed.get('ablate'):
        raise UserError('--sweep and --ablate do not go together')
    for flag, instead in _INSTEAD.items():
        if 'compare' in request.modes and flag in typed:
            raise UserError(f'--compare takes --{instead}, not --{flag}')
    if search.query and not search.index:
        raise UserError('--query IMAGE and --index FILE go together')
    if request.evaluation.projection == 'umap' and not importlib.util.find_spec('umap'):
        raise UserError('--projection umap needs the package umap-learn, which is not installed')
    if search.query and 'ckpt_dir' in typed and 'prefix' not in typed:
        raise UserError('--ckpt_dir goes with --prefix in --query: without it the index knows where the model is')


def _check_what_follows(request):
    """What is trained must be what the modes after it need."""
    modes, method = request.modes, request.evaluation.eval_method
    if 'train' not in modes or request.resume:
        return
    lack = request.config.lacking(method)
    if 'test' in modes and 'eval_method' in request.typed and lack:
        raise UserError(f'--eval_method {method} needs {lack}')
    if not request.config.center.center_loss:
        if 'second_train' in modes:
            raise UserError('--train --second_train needs --center_loss: the second goes on from the centres of the '
                            'first')
        if 'test' in modes and method == 'knn':
            raise UserError('--train --test --eval_method knn needs --center_loss: without it there are no class '
                            'centres')


def _check_training(request):
    if request.resume or not {'train', 'second_train'} & set(request.modes):
        return  # a checkpoint decides; of a comparison, each run is looked at by itself
    config, training = request.config, request.config.training
    if training.lr_warmup >= training.epochs:
        raise UserError(f'--lr_warmup must be below --epochs {training.epochs}, got {training.lr_warmup:g}')
    if config.center.lmbd_warmup > training.epochs:
        raise UserError(f'--lmbd_warmup must be at most --epochs {training.epochs}, got {config.center.lmbd_warmup:g}')
    if 'train' not in request.modes:
        return
    if config.data.select_on == 'val' and not config.data.val_fraction:
        raise UserError('--val_fraction must be above 0 with --select_on val, got 0')
    config.objective.check_batch_size(training.batch_size)
    if training.sampler == 'offline_triplets' and (request.spread or config.machine.kvstore != 'local'):
        raise UserError('--sampler offline_triplets mines with the running statistics of one process, and those of '
                        '--launch, --hosts and --kvstore dist_sync differ: take another miner of --loss triplet')
    if config.objective.needs_triplets != (training.sampler == 'offline_triplets'):
        raise UserError('--sampler offline_triplets and --loss triplet:miner=given go together, '
                        f'got --sampler {training.sampler} and --loss {config.objective.loss}')


def _check_images(request):
    """Networks are for photos or for small images."""
    data, network, small = request.config.data, request.config.network, models.list_models()
    # The other modes take both from a checkpoint, or need no network.
    if data.photos == (network.network in small) and {'train', 'compare'} & set(request.modes) and not request.resume:
        goes_with = 'efficientnet_lite0 or a name of GluonCV' if data.photos else ', '.join(small)
        raise UserError(f'--dataset {data.dataset} goes with --network {goes_with}, got {network.network}')
    if not data.photos and network.feature_size == 0:
        raise UserError('--feature_size must be at least 1 but for photos, got 0')
    if data.photos and request.config.training.augment != 'none':  # of a preset, too
        raise UserError(f'--augment {request.config.training.augment} is for small grey images; photos are always '
                        'cropped and flipped')
