"""A flag that changes nothing is refused: every flag, where it has a say and where it has none."""
import re

import pytest

import main
from tests.settings import steps_of
from utils.errors import UserError
from utils.settings.config import ALL_KEYS, FIRST_KEYS
from utils.settings.flags import to_argv
from utils.settings.goes_with import MODES, check_settled

PHOTOS = '--train --dataset cub200 --network efficientnet_lite0'
CENTER = '--train --center_loss'
# Flag -> (a value, a command line that it changes, one that it does not change).
CASES = {
    'prefix': ('x', '--query a --index i', '--download'),
    'ckpt_dir': ('x', '--query a --index i --prefix p', '--compare --implementations'),
    'out_dir': ('x', '--embed d', '--query a --index i'),
    'plotting': (None, '--compare', '--embed d'),
    'picture_format': ('svg', '--test --plotting', '--test'),
    'regions': (None, '--test --plotting --eval_method knn', '--test --plotting --eval_method neighbors'),
    'watch_test': (None, '--train --plotting', '--train'),
    'rays': (None, '--train --plotting', '--train --plotting --loss arcface'),
    'preset': ('keras', '--second_train', '--download'),
    'resume': (None, '--second_train', '--test'),
    'profile': (None, '--second_train', '--test'),
    'defaults_count': (None, '--train --resume', '--train'),
    'dataset': ('mnist5k', '--download', '--compare --implementations'),
    'data_dir': ('x', '--test', '--embed d'),
    'offline': (None, '--query a --index i', '--compare --implementations'),
    'classes': ('x', '--download --dataset cub200', '--download'),
    'split': ('zero_shot', PHOTOS, '--train'),
    'split_seed': ('3', '--download --dataset cub200 --split zero_shot', '--download --dataset cub200'),
    'image_size': ('99', PHOTOS, '--train'),
    'strict': (None, '--embed d', '--query a --index i'),
    'max_pixels': ('99', '--embed d', '--train'),
    'val_fraction': ('0.2', '--train', '--download'),
    'select_on': ('val', '--train', '--compare --implementations'),
    'network': ('lenet', '--compare', '--compare --implementations'),
    'num_classes': ('10', '--train', '--download'),
    'feature_size': ('3', '--train', '--download'),
    'normalize': ('True', '--compare', '--compare --implementations'),
    'dropout': ('0.5', '--train', '--download'),
    'pretrained': (None, PHOTOS, '--train'),
    'freeze': ('bn', PHOTOS, '--compare'),
    'use_bias': ('False', '--train', '--train --feature_use_bias True --output_use_bias True'),
    'feature_use_bias': ('False', PHOTOS, f'{PHOTOS} --feature_size 0'),
    'output_use_bias': ('False', '--train --loss softmax+triplet', '--train --loss triplet'),
    'loss': ('arcface', '--train', '--compare'),
    'loss_lr': ('1', '--compare --runs softmax,arcface', '--train --loss softmax+triplet'),
    'center_loss': (None, '--train', '--compare'),
    'center_impl': ('dense', CENTER, '--train'),
    'center_update': ('paper', CENTER, f'{CENTER} --center_impl parameter'),
    'balance': ('False', '--compare --runs softmax,center', '--compare --runs softmax,dense'),
    'lmbd': ('5', '--second_train', '--train'),
    'lmbd_warmup': ('1', '--train --loss softmax+1*center', '--train'),
    'alpha': ('0.1', '--compare --runs softmax,softmax+1*center', '--compare --runs softmax,arcface'),
    'alpha_decays': ('False', CENTER, '--train'),
    'center_optimizer': ('adam', '--train --preset paper', '--train --preset published-softmax'),
    'sparse_centers': ('on', CENTER, f'{CENTER} --center_optimizer adam'),
    'epochs': ('3', '--compare', '--compare --implementations'),
    'batch_size': ('8', '--test', '--embed d'),
    'optimizer': ('adam', '--second_train', '--download'),
    'lr': ('1', '--compare --runs softmax,keras', '--compare --runs keras'),
    'backbone_lr': ('0.1', PHOTOS, f'{PHOTOS} --freeze backbone'),
    'momentum': ('0.9', '--compare --optimizer adam --ablate optimizer=nag', '--second_train --optimizer adam'),
    'wd': ('0.1', '--train', '--compare --runs keras'),
    'lr_schedule': ('cosine', '--train', '--download'),
    'lr_warmup': ('1', '--train', '--download'),
    'lr_step': ('3', '--train', '--second_train --lr_schedule cosine'),
    'lr_factor': ('0.3', '--compare --preset best --ablate lr_schedule=step', '--compare --preset best'),
    'augment': ('none', '--train', PHOTOS),
    'ema': ('0.9', '--train', '--download'),
    'sampler': ('class_balanced', '--second_train', '--download'),
    'per_class': ('2', '--train --sampler m_per_class', '--second_train'),
    'seed': ('3', '--train', '--compare'),
    'dtype': ('bfloat16', '--test', f'{PHOTOS} --freeze backbone'),
    'eval_method': ('knn', '--test', '--train'),
    'neighbors': ('3', '--test --eval_method neighbors', '--test'),
    'projection': ('pca', '--test --plotting', '--test'),
    'index': ('i', '--query a', '--embed d'),
    'top': ('3', '--query a --index i', '--test'),
    'runs': ('softmax', '--compare', '--compare --implementations'),
    'seeds': ('1', '--compare', '--train'),
    'split_seeds': ('1', '--compare --dataset cub200 --network efficientnet_lite0 --split zero_shot', '--compare'),
    'implementations': (None, '--compare', '--train'),
    'class_counts': ('9', '--compare --implementations', '--compare'),
    'steps': ('30', '--compare --implementations', '--compare'),
    'sweep': ('lr=1', '--compare', '--compare --implementations'),
    'ablate': ('lr=1', '--compare', '--test'),
    'use_gpu': ('True', '--train', '--train --gpus 0'),
    'gpus': ('0', '--query a --index i', '--compare --implementations'),
    'cpus': ('2', '--train', '--train --gpus 0'),
    'sync_bn': (None, '--train --cpus 2', '--train'),
    'launch': ('2', '--train', '--train --hosts a,b'),
    'hosts': ('a,b', '--second_train', '--train --kvstore dist_sync'),
    'servers': ('2', '--train --launch 2', '--train'),
    'kvstore': ('dist_sync', '--train', '--test'),
    'workers': ('2', '--embed d', '--train'),
    'threads': ('1', '--compare --implementations', '--download'),
}


def asked(text, flag, setting):
    """What `text` and the flag ask for; of a comparison, every one of its runs is asked for too."""
    given = [f'--{flag}'] if setting is None else [f'--{flag}={setting}']
    request = main.parse([*text.split(), *given])
    for step in steps_of(request):
        main.parse(to_argv(step.flags, request.scopes))
    return request


def complaint_of(capsys, *question):
    """The line that refuses it."""
    try:
        asked(*question)
    except UserError as error:
        return str(error)
    except SystemExit:
        return capsys.readouterr().err
    return None


def test_no_flag_is_forgotten():
    assert {*CASES, *MODES} == {*main.parse(['--train']).scopes}


@pytest.mark.parametrize('flag', CASES)
def test_a_flag_is_taken_where_it_changes_something_and_refused_where_it_does_not(flag, capsys):
    setting, changed, unchanged = CASES[flag]
    assert asked(changed, flag, setting).typed[flag] is not None
    assert re.search(rf'--{flag}\b', complaint_of(capsys, unchanged, flag, setting) or 'nothing')


@pytest.mark.parametrize('flag', [flag for flag in ALL_KEYS if flag not in ('loss_lr', 'batch_size')])
@pytest.mark.parametrize('text', ['--test', '--embed d', '--query a --index i', '--train --resume'])
def test_what_is_compared_with_a_checkpoint_may_be_said_again(flag, text):
    assert flag in asked(text, flag, CASES[flag][0]).typed


def test_what_a_second_training_takes_from_the_first_may_be_said_and_the_rest_must_change_it(capsys):
    for flag in FIRST_KEYS:
        assert flag in asked('--second_train', flag, CASES[flag][0]).typed
    for text in ('--second_train --optimizer adam', '--second_train --test --optimizer adam', '--train --second_train '
                 '--center_loss --optimizer adam'):
        assert '--momentum goes with --optimizer sgd or nag, got adam' in complaint_of(capsys, text, 'momentum', '0.9')


def test_a_training_in_the_same_call_leaves_nothing_for_a_test_to_compare(capsys):
    assert '--lmbd goes with --center_loss' in complaint_of(capsys, '--train --test', 'lmbd', '5')


def test_what_a_preset_says_is_not_given():
    request = main.parse(['--train', '--preset', 'keras', '--optimizer', 'sgd', '--center_impl', 'dense'])
    assert request.config.center.center_optimizer == 'adam' and 'balance' not in request.typed


@pytest.mark.parametrize('text, config, message', [
    ('--test --workers 2', {'dataset': 'mnist5k'}, '--workers goes with --dataset cub200, .*, got mnist5k'),
    ('--train --resume --strict', {'dataset': 'mnist'}, '--strict goes with --dataset'),
    ('--test --plotting --projection pca', {'dataset': 'mnist'}, '--projection goes with --dataset'),
    ('--second_train --augment affine', {'dataset': 'folder'}, '--augment goes with --dataset mnist, .*, got folder'),
    ('--second_train --backbone_lr 1', {'dataset': 'folder', 'freeze': 'backbone'}, '--backbone_lr goes with --freeze'),
    ('--second_train --balance False', {'center_loss': True, 'center_impl': 'dense'}, '--balance goes with --center_i'),
])
def test_what_only_a_checkpoint_can_tell_is_refused_when_it_is_read(text, config, message):
    request = main.parse(text.split())
    asked, compared = request.config, FIRST_KEYS if 'second_train' in request.modes else ALL_KEYS
    with pytest.raises(UserError, match=message):
        check_settled(request, asked.replaced(**config), compared)
    dataset = 'cub200' if asked.training.augment == 'none' else 'mnist'
    check_settled(request, asked.replaced(dataset=dataset, center_loss=True), compared)


@pytest.mark.parametrize('flag, setting, runs', [
    ('momentum', '0.9', {'softmax-s0': 0.9, 'keras-s0': 0.0}),
    ('balance', 'False', {'center-s0': False, 'dense-s0': True}),
    ('loss_lr', '7', {'softmax-s0': None, 'arcface-s0': 7.0}), ('lmbd', '0.5', {'softmax-s0': 1.0, 'center-s0': 0.5}),
    ('output_use_bias', 'False', {'softmax-s0': False, 'arcface-s0': True}),
])
def test_a_flag_of_a_comparison_reaches_the_runs_that_it_changes_and_no_other(flag, setting, runs):
    names = ','.join(name[:-len('-s0')] for name in runs)
    request = main.parse(['--compare', '--runs', names, '--seeds', '0', f'--{flag}', setting])
    made = {step.prefix: main.parse(to_argv(step.flags, request.scopes)) for step in steps_of(request)}
    assert {name: run.config.flat()[flag] for name, run in made.items()} == runs
