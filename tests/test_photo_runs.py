"""main.py over photos, drawn by the tests: every layout, frozen and fine-tuned, embedded and queried."""
import os

import numpy as np
import pytest
from mxnet import nd

from models import get_model, load_pretrained
from tests import photo_fixtures
from tests.cli import read_json, refused, succeed
from tests.photo_fixtures import FROZEN, NET


@pytest.mark.parametrize('dataset, write, split', [
    ('cub200', photo_fixtures.write_cub, 'official'),
    ('cars196', photo_fixtures.write_cars_single, 'official'),
    ('cars196', photo_fixtures.write_cars_pair, 'zero_shot'),
    ('folder', photo_fixtures.write_folder, 'official'),
    ('recordio', photo_fixtures.write_recordio, 'zero_shot'),
])
def test_every_layout_trains_and_is_judged(dataset, write, split, tmp_path):
    (tmp_path / 'data').mkdir()
    write(tmp_path / 'data', per_class=6)
    succeed(f'--train --dataset {dataset} --data_dir data --split {split} {FROZEN} --prefix run', tmp_path)
    found = read_json(tmp_path, 'output', 'run', 'results.json')
    assert found['config']['num_classes'] == (4 if split == 'official' else 2)
    assert (found['test']['softmax'] is None) == (split == 'zero_shot'), 'no class layer knows the test classes'
    assert (found['test']['knn_means'] is None) == (split == 'zero_shot'), 'nor do the means of others'
    assert found['retrieval']['recall_at_1'] > 0.7, 'colours are easily told apart'
    assert found['selection']['by'] == ('softmax' if split == 'official' else 'recall_at_1')
    if split == 'zero_shot':
        assert '--eval_method neighbors needs test classes that were trained on' in refused(
            '--test --prefix run --data_dir data --eval_method neighbors', tmp_path)


def test_labels_that_mean_nothing_are_not_learnt(tmp_path):
    """The same photos, dealt out to the classes anew: what passes above must fail here."""
    photo_fixtures.write_folder(tmp_path / 'data')
    photos = sorted((tmp_path / 'data').rglob('*.jpg'))
    contents = [photo.read_bytes() for photo in photos]
    order = np.random.default_rng(0).permutation(len(photos))
    for photo, i in zip(photos, order):
        photo.write_bytes(contents[i])
    succeed(f'--train --dataset folder --data_dir data {FROZEN} --prefix run', tmp_path)
    assert read_json(tmp_path, 'output', 'run', 'results.json')['retrieval']['recall_at_1'] < 0.6


def test_a_metric_loss_with_its_own_sampler_and_rate_then_test_embed_and_query(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    succeed(f'--train --dataset folder --data_dir data {NET} --val_fraction 0.34 --prefix run '
            '--loss softmax+0.001*center+softtriple:centers_per_class=2 --loss_lr 0.1 --sampler m_per_class '
            '--per_class 2', tmp_path)
    found = read_json(tmp_path, 'output', 'run', 'results.json')
    assert found['config']['lmbd'] == 0.001 and found['config']['loss_lr'] == 0.1
    assert all(row['softtriple_loss'] > 0 and row['center_loss'] > 0 for row in found['history'])

    printed = succeed('--test --prefix run --data_dir data --plotting --projection pca', tmp_path)
    assert f'accuracy {found["test"]["softmax"]:.4f} by softmax' in printed
    for name in ('retrieval', 'pca', 'confusion'):
        assert f'wrote output/run/test-softmax-{name}.png' in printed
    for name, none in (('confused', 'confused classes'), ('disagreements', 'disagreements')):
        assert (f'wrote output/run/test-softmax-{name}.png' in printed) != (f'drew no {none}: ' in printed)

    folder = os.path.join('data', 'test', photo_fixtures.NAMES[1])
    image = os.path.join(folder, os.fsdecode(b'not-UTF-8-\xff.jpg'))
    os.rename(tmp_path / folder / os.listdir(tmp_path / folder)[0], tmp_path / image)
    printed = succeed('--embed data/test --prefix run', tmp_path)
    assert '20 of 20 images, 8 features each' in printed
    lines = succeed(f'--query {image} --index output/run/index.npz --top 3', tmp_path).splitlines()
    assert len(lines) == 3
    shown = os.path.join(tmp_path, folder, r'not-UTF-8-\udcff.jpg')
    assert lines[0].split('  ') == ['0.000000', shown], 'an image is most like itself'
    before = (tmp_path / 'output' / 'run' / 'index.npz').read_bytes()
    assert 'output/run/index.npz has images from elsewhere than data/train, 20 such as ' in refused(
        '--embed data/train --prefix run', tmp_path)
    assert (tmp_path / 'output' / 'run' / 'index.npz').read_bytes() == before
    assert 'index.npz in place of an index of 20 images of the same folder' in succeed(
        '--embed data/test --prefix run', tmp_path)
    (tmp_path / 'notes.txt').write_text('no image')
    assert 'notes.txt: it is no image' in refused('--query notes.txt --index output/run/index.npz', tmp_path)
    assert '--feature_size 3 contradicts' in refused('--embed data/test --prefix run --feature_size 3', tmp_path)
    os.rename(tmp_path / 'ckpt', tmp_path / 'moved')
    query = f'--query {image} --index output/run/index.npz --top 3'
    assert 'say where the model is now by --prefix and --ckpt_dir' in refused(query, tmp_path)
    assert succeed(f'{query} --prefix run --ckpt_dir moved', tmp_path).splitlines() == lines


def test_fine_tuning_resumes_to_the_same_end(tmp_path):
    photo_fixtures.write_cub(tmp_path / 'data')
    text = f'--train --dataset cub200 --data_dir data {NET} --freeze bn --val_fraction 0.34 --loss softmax+triplet'
    succeed(text + ' --prefix whole', tmp_path)
    succeed(text.replace('--epochs 2', '--epochs 1') + ' --prefix cut', tmp_path)
    succeed('--train --resume --prefix cut --epochs 2 --dataset cub200 --data_dir data --network efficientnet_lite0',
            tmp_path)
    whole, cut = (read_json(tmp_path, 'output', prefix, 'results.json') for prefix in ('whole', 'cut'))
    assert whole['history'] == cut['history'] and whole['retrieval'] == cut['retrieval']


def test_offline_triplets_are_mined_anew_each_epoch(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    printed = succeed(f'--train --test --dataset folder --data_dir data {FROZEN} --prefix run '
                      '--loss triplet:miner=given --sampler offline_triplets --plotting', tmp_path)
    assert 'recall at 1' in printed and 'by softmax' not in printed
    assert 'drew no confusion matrix: it needs a class layer that was trained, and --loss triplet' in printed
    for folder in (tmp_path / 'data' / 'test').iterdir():
        for photo in sorted(folder.iterdir())[1:]:
            photo.unlink()
    printed = succeed('--test --prefix run --data_dir data --plotting', tmp_path)
    assert 'drew nothing: 4 test photos are too few for a picture' in printed
    assert [set(row) >= {'triplet_loss', 'active_triplets', 'd_ap', 'd_an'}
            for row in read_json(tmp_path, 'output', 'run', 'results.json')['history']] == [True, True]


@pytest.mark.parametrize('factor, moved', [(0, False), (0.5, True)])
def test_the_backbone_has_a_rate_of_its_own(tmp_path, factor, moved):
    photo_fixtures.write_folder(tmp_path / 'data')
    succeed(f'--train --dataset folder --data_dir data {NET} --freeze bn --backbone_lr {factor} --val_fraction 0.34 '
            '--prefix run', tmp_path)
    trained = nd.load(str(tmp_path / 'ckpt' / 'run.params'))
    net = get_model('efficientnet_lite0', num_classes=4, feature_size=8)
    net.initialize()
    net(nd.zeros((1, 3, 64, 64)))
    load_pretrained(net)
    first = net._collect_params_with_prefix()
    weights = [name for name in first if name.startswith('backbone.') and name.endswith('weight')]
    assert len(weights) > 40
    assert moved == any((trained[name] != first[name].data()).sum().asscalar() for name in weights)


def test_compare_puts_losses_side_by_side(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    text = ('--compare --runs softmax,triplet:miner=batch_hard,0.1*center+arcface --seeds 0 --dataset folder '
            f'--data_dir data --split zero_shot {FROZEN} --epochs 1 --prefix losses')
    succeed(text, tmp_path)
    table = (tmp_path / 'output' / 'losses' / 'table.md').read_text(encoding='utf-8')
    assert '3 of 3 runs are finished' in succeed(text, tmp_path), 'nothing is made twice'
    assert (tmp_path / 'output' / 'losses' / 'table.md').read_text(encoding='utf-8') == table
    said, figures = table.split('\n\n')
    assert said.splitlines()[1] == r"- triplet:miner=batch\_hard: one seed can't tell it from softmax"
    head, _, *rows = figures.splitlines()
    assert 'R@1' in head and 'by softmax' not in head, 'a column without figures is left out'
    assert [row.split(' | ')[0] for row in rows] == ['| softmax', '| triplet:miner=batch_hard', '| 0.1*center+arcface']
