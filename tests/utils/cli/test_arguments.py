"""The command line: what is understood, what is refused, and with which words."""
import pytest

from tests.cli import parse
from utils.errors import UserError
from utils.settings.config import ALL_KEYS, config_of, inherit, merged_versions
from utils.settings.presets import PRESETS


def test_what_a_preset_says_of_another_implementation_is_not_written_down_as_if_it_had_been_done():
    best = parse('--train --preset best --center_impl dense')
    assert (best.center_update, best.balance, best.lmbd) == ('autograd', True, 1.0)


def test_defaults_are_the_published_ones():
    args = parse('--train')
    expected = {'epochs': 10, 'lr': 0.1, 'lr_step': 10, 'lr_factor': 0.1, 'wd': 1e-4, 'lmbd': 1.0, 'alpha': 0.5,
                'batch_size': 128, 'num_classes': 10, 'feature_size': 2, 'ckpt_dir': 'ckpt', 'out_dir': 'output',
                'center_loss': False, 'balance': True, 'use_gpu': False, 'gpus': None, 'plotting': False,
                'eval_method': 'softmax', 'dataset': 'mnist', 'network': 'lenet_plus', 'center_impl': 'embedding',
                'loss': 'softmax'}
    assert {key: getattr(args, key) for key in expected} == expected


@pytest.mark.parametrize('text, value', [('True', True), ('False', False), ('false', False), ('0', False)])
def test_use_gpu_false_means_false(text, value):
    assert parse(f'--train --use_gpu {text}').use_gpu is value


def test_use_bias_sets_both_layers_and_each_layers_flag_wins():
    def biases(text):
        args = parse('--train ' + text)
        return args.feature_use_bias, args.output_use_bias
    assert biases('') == (True, True)
    assert biases('--use_bias False') == (False, False)
    assert biases('--use_bias False --output_use_bias True') == (False, True)
    assert biases('--feature_use_bias False') == (False, True)


def test_given_holds_just_the_flags_on_the_command_line():
    args = parse('--test --lmbd 1 --use_bias False')
    assert args.given == {'test': True, 'lmbd': 1.0, 'use_bias': False, 'feature_use_bias': False,
                          'output_use_bias': False}


def test_asked_holds_what_a_preset_says_too_but_for_its_epochs():
    args = parse('--train --preset keras --lr 0.5')
    assert {**PRESETS['keras'], 'lr': 0.5}.items() - args.asked.items() == {('epochs', 10)}
    assert parse('--train --preset best --output_use_bias True').asked['output_use_bias'] is True
    assert parse('--train --preset best').asked['feature_use_bias'] is False
    assert parse('--train --preset best --center_impl dense').asked['center_update'] == 'autograd'


def test_gpus_is_a_list_of_numbers():
    assert parse('--train --gpus 0,1').gpus == [0, 1]


def test_selecting_on_test_trains_on_everything_unless_told_otherwise():
    assert parse('--train').val_fraction == 0.1
    assert parse('--train --select_on test').val_fraction == 0
    assert parse('--train --select_on test --val_fraction 0.2').val_fraction == 0.2


@pytest.mark.parametrize('text, message', [
    ('', 'expected at least one of the modes --download, --train, --second_train, --test, --compare'),
    ('--download --test', '--download runs alone or with --train'),
    ('--train --backbone_lr 0.1', '--backbone_lr goes with --dataset cub200, cars196, folder or recordio, got mnist'),
    ('--train --dataset folder --network efficientnet_lite0 --freeze backbone --backbone_lr 0.1',
     '--backbone_lr goes with --freeze none or bn, got backbone'),
    ('--download --offline', '--download and --offline do not go together'),
    ('--dataset mnist', 'expected at least one of the modes'),
    ('--train --dataset cifar', "mnist, fashion_mnist, mnist5k, cub200, cars196, folder, recordio, got 'cifar'"),
    ('--train --network vgg', "such as resnet50_v1b, got 'vgg'; there is vgg"),
    ('--train --center_impl x', "--center_impl must be one of embedding, parameter, dense, function, got 'x'"),
    ('--train --optimizer x', "--optimizer must be one of sgd, nag, adam, got 'x'"),
    ('--test --eval_method svm', "--eval_method must be one of softmax, knn, neighbors, got 'svm'"),
    ('--train --epochs 0', '--epochs must be an integer from 1 to 1000000, got 0'),
    ('--train --epochs -3', '--epochs must be an integer from 1 to 1000000, got -3'),
    ('--train --epochs 1.5', '--epochs must be an integer from 1 to 1000000, got 1.5'),
    ('--train --batch_size 0', '--batch_size must be an integer from 1 to 1000000, got 0'),
    ('--train --feature_size 0', '--feature_size must be at least 1 but for photos, got 0'),
    ('--train --num_classes 0', '--num_classes must be an integer from 1 to 1000000, got 0'),
    ('--train --max_pixels 0', '--max_pixels must be an integer from 1 to 4294836225, got 0'),
    ('--train --threads 0', '--threads must be an integer from 1 to 1024, got 0'),
    ('--train --lr_step 0', '--lr_step must be an integer from 1 to 1000000, got 0'),
    ('--train --lr 1e-320', '--lr must be 0 or at least 1e-30, got 1e-320'),
    ('--train --loss 1e-320*softmax', "--loss needs weights from 1e-30 to 1e+30, got '1e-320'"),
    ('--train --momentum 2', '--momentum must be a number from 0 to below 1, got 2'),
    ('--train --lr_warmup 1e30', '--lr_warmup must be a number from 0 to 1000000, got 1e30'),
    ('--train --lr_warmup 10', '--lr_warmup must be below --epochs 10, got 10'),
    ('--train --center_loss --lmbd_warmup 11', '--lmbd_warmup must be at most --epochs 10, got 11'),
    ('--embed d --workers 256', '--workers must be an integer from 0 to 64, got 256'),
    ('--train --loss triplet --batch_size 1', '--batch_size must be at least 3 with --loss triplet, which compares 3'),
    ('--train --loss softmax+contrastive --batch_size 1', 'at least 2 with --loss contrastive'),
    ('--train --loss triplet --batch_size 5 --gpus 0,1', 'compares 3 images on each of 2 devices, got 5'),
    ('--train --loss triplet:miner=given --sampler offline_triplets --batch_size 2', 'at least 3 with --loss triplet'),
    ('--train --test --loss arcface --eval_method softmax', 'needs a class layer that was trained, and --loss arcface'),
    ('--train --test --dataset cub200 --network efficientnet_lite0 --split zero_shot --eval_method neighbors',
     '--eval_method neighbors needs test classes that were trained on, and --split zero_shot has others'),
    ('--train --image_size 5000', '--image_size must be an integer from 1 to 4096, got 5000'),
    ('--train --use_bias True --feature_use_bias True --output_use_bias False', '--use_bias changes nothing beside'),
    ('--query a.jpg --index i --ckpt_dir c', '--ckpt_dir goes with --prefix in --query'),
    ('--train --lr nan', '--lr must be a number from 0 to 1e30, got nan'),
    ('--train --alpha inf', '--alpha must be a number from 0 to 1e30, got inf'),
    ('--train --lmbd -0.1', '--lmbd must be a number from 0 to 1e30, got -0.1'),
    ('--train --wd x', '--wd must be a number from 0 to 1e30, got x'),
    ('--train --seed -1', '--seed must be an integer from 0 to 2147483647, got -1'),
    ('--train --val_fraction 1', '--val_fraction must be a number from 0 to below 1, got 1'),
    ('--train --val_fraction 0', '--val_fraction must be above 0 with --select_on val, got 0'),
    ('--train --loss nonsense', "--loss must be made of softmax, center, contrastive, triplet"),
    ('--train --loss center', '--loss needs a term beside center'),
    ('--train --loss softmax+0.1*center --lmbd 1', '--lmbd does not go with a --loss that has a term for center'),
    ('--train --loss triplet --loss_lr 1', '--loss_lr goes with a --loss that has arcface, cosface, '),
    ('--train --loss triplet:miner=given', '--sampler offline_triplets and --loss triplet:miner=given go together'),
    ('--train --per_class 2', '--per_class goes with --sampler m_per_class, got shuffled'),
    ('--train --dataset cub200', '--dataset cub200 goes with --network efficientnet_lite0 or a name of GluonCV, got'),
    ('--train --network efficientnet_lite0', '--dataset mnist goes with --network lenet, lenet_plus'),
    ('--train --freeze bn', '--freeze goes with --dataset cub200, cars196, folder or recordio, got mnist'),
    ('--embed d --train', '--embed runs alone, without other modes'),
    ('--query a.jpg', '--query IMAGE and --index FILE go together'),
    ('--train --ema 1', '--ema must be a number from 0 to below 1, got 1'),
    ('--train --augment flip', "--augment must be one of none, affine, got 'flip'"),
    ('--train --lr_schedule cosine --epochs 5 --lr_warmup 5', '--lr_warmup must be below --epochs 5, got 5'),
    ('--train --lr_schedule cosine --lr_step 4', '--lr_step goes with --lr_schedule step, got cosine'),
    ('--train --use_gpu maybe', "--use_gpu must be True or False, got 'maybe'"),
    ('--train --gpus a', "--gpus must be GPU numbers such as 0 or 0,1, got 'a'"),
    ('--train --gpus 0,0', "--gpus must name each GPU once, got '0,0'"),
    ('--train --prefix ../x', "no folder, no ..), got '../x'"),
    ('--train --prefix a/b', "got 'a/b'"),
    ('--train --prefix ..', "got '..'"),
    ('--train --prefix=', "got ''"),
    ('--train --center_loss --center_impl dense --balance True',
     '--balance goes with --center_impl embedding or parameter, got dense'),
    ('--train --center_loss --center_impl parameter --center_update paper',
     '--center_update goes with --center_impl embedding, got parameter'),
    ('--train --preset nonsense', '--preset must be one of published-softmax, published-center'),
    ('--test --resume', '--resume goes with --train or --second_train'),
    ('--train --epoch 3', 'unrecognized arguments: --epoch 3'),
    ('--train --feature_size 3000000000', '--feature_size must be an integer from 0 to 1000000'),
    ('--train --wd 1e300', '--wd must be a number from 0 to 1e30, got 1e300'),
    ('--train --lr_factor 2', '--lr_factor must be a number from 0 to 1, got 2'),
    ('--train --second_train', '--train --second_train needs --center_loss'),
    ('--train --test --eval_method knn', 'knn needs --center_loss'),
    ('--train --implementations', '--implementations goes with --compare'),
    ('--train --seeds 1', '--seeds goes with --compare'),
    ('--compare --steps 30', '--steps goes with --compare --implementations, got --compare'),
    ('--compare --implementations --seeds 1', '--seeds goes with --compare, got --compare --implementations'),
    ('--train --top 3', '--top goes with --query'),
    ('--train --neighbors 3', '--neighbors goes with --test'),
    ('--test --neighbors 3', '--neighbors goes with --eval_method neighbors, got softmax'),
    ('--test --projection pca', '--projection goes with --plotting'),
    ('--compare --seed 1', '--compare takes --seeds, not --seed'),
    ('--compare --loss arcface', '--compare takes --runs, not --loss'),
    ('--compare --center_loss', '--compare takes --runs, not --center_loss'),
    ('--compare --sweep lr=0.1,1e-1', '--sweep must name each value once, got lr=0.1,lr=0.1'),
    ('--compare --ablate ema=0,ema=0', '--ablate must name each value once'),
    ('--compare --implementations --steps 20', '--steps must be an integer from 21 to 1000000, got 20'),
    ('--train --compare', '--compare runs alone'),
    ('--compare --runs softmax,nonsense', '--runs must be one of softmax, center'),
    ('--compare --runs softmax@seed=1', "--runs must name a flag that changes a run, got 'seed'"),
    ('--compare --runs softmax@lr', '--lr must be a number from 0 to 1e30, got'),
    ('--compare --runs nonsense@lr=1', '--runs must be one of softmax, center'),
    ('--compare --seeds 1,1', '--seeds must name each value once, got 1,1'),
    ('--compare --sweep lmbd', "--sweep must be a flag and its values, such as lmbd=0.1,1, got 'lmbd'"),
    ('--compare --ablate ema', "--ablate must be flags with a value each, such as ema=0,augment=none, got 'ema'"),
    ('--compare --ablate seed=1', "--ablate must name a flag that changes a run, got 'seed'"),
    ('--compare --ablate ema=2', '--ema must be a number from 0 to below 1, got 2'),
    ('--compare --ablate ema=0 --sweep lr=1', '--sweep and --ablate do not go together'),
    ('--compare --sweep nonsense=1', "--sweep must name a flag that changes a run, got 'nonsense'"),
    ('--compare --sweep lmbd=1,x', '--lmbd must be a number from 0 to 1e30, got x'),
    ('--retrain', 'unrecognized arguments: --retrain'),
])
def test_a_mistake_is_one_line_and_exit_status_2(text, message, capsys):
    with pytest.raises(SystemExit) as exit:
        parse(text)
    printed = capsys.readouterr()
    assert exit.value.code == 2
    assert printed.out == '' and printed.err.count('\n') == 1
    assert printed.err.startswith('main.py: error: ') and message in printed.err


def test_help_groups_the_flags_and_shows_every_default(capsys):
    with pytest.raises(SystemExit) as exit:
        parse('--help')
    text = capsys.readouterr().out
    assert exit.value.code == 0
    for group in ('mode', 'run', 'data', 'network', 'loss', 'training', 'test', 'machine'):
        assert f'\n{group}' in text
    flags = [part.split()[0] for part in text.split('\n  --')[1:]]
    shown = [part for part in text.split('\n  --')[1:] if '(default: ' in ' '.join(part.split())]
    assert len(flags) > 35 and len(shown) == len(flags)


def test_a_config_is_inherited_and_a_contradiction_names_both_values():
    args = parse('--test --network lenet --lmbd 2')
    saved = {**config_of(args), 'feature_size': 8, 'lmbd': 1.0}
    assert inherit(config_of(args), args.given, saved, ['network', 'feature_size'], 'x')['feature_size'] == 8
    with pytest.raises(UserError, match=r'--lmbd 2\.0 contradicts x\.params, which was made with --lmbd 1\.0'):
        inherit(config_of(args), args.given, saved, ALL_KEYS, 'x.params')


def test_a_preset_sets_its_flags_and_any_flag_given_wins():
    args = parse('--train --preset paper --lmbd 0.5')
    assert (args.center_loss, args.center_update, args.balance, args.lmbd) == (True, 'paper', False, 0.5)
    assert args.given == {'train': True, 'preset': 'paper', 'lmbd': 0.5}


@pytest.mark.parametrize('name', PRESETS)
def test_every_preset_is_made_of_flags_that_exist_and_help_shows_them(name, capsys):
    args = parse(f'--train --preset {name}')
    assert {key: getattr(args, key) for key in PRESETS[name]} == PRESETS[name]
    with pytest.raises(SystemExit):
        parse('--help')
    text = capsys.readouterr().out
    assert all(f'--{key}' in text.split(f'\n  {name}: ')[1].splitlines()[0] for key in PRESETS[name])


def test_versions_that_differ_are_all_named():
    assert merged_versions([{'threads': '1', 'commit': None}, {'threads': '2', 'commit': None}, {'threads': '1'}]) == {
        'threads': '1, 2', 'commit': None}
    assert merged_versions([{'threads': '2'}, {'threads': '2, 1'}]) == {'threads': '2, 1'}
    assert merged_versions([]) == {}
