"""A comparison whose runs would all end as they begin is refused before the first is made, and writes nothing."""
import os

import numpy as np
import pytest

import main
from tests import photo_fixtures
from utils import modes
from utils.errors import UserError
from utils.modes import foresight

NET = '--network efficientnet_lite0 --seeds 0,1 --dataset folder'


@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    return photo_fixtures.write_folder(tmp_path_factory.mktemp('photos') / 'data', per_class=3)


@pytest.mark.parametrize('flags, message', [
    ('--dataset mnist5k --network lenet --num_classes 9', '--num_classes must be at least 10, the classes of mnist5k'),
    ('--dataset mnist --data_dir nowhere', '--data_dir expected a folder, got nowhere'),
    ('--offline --data_dir .', '--offline is set'),
    (f'{NET} --data_dir PHOTOS --split zero_shot --num_classes 3', '--num_classes must be 2, the classes of folder'),
    (f'{NET} --data_dir PHOTOS --classes Wren', 'expected at least two classes to train on, got 1 (Green_Wren)'),
    (f'{NET} --data_dir PHOTOS --pretrained nowhere.params', '--pretrained expected a file, and there is no '),
    (f'{NET} --data_dir PHOTOS --split zero_shot', 'recall at 1 cannot choose an epoch: no class has two images'),
    (f'{NET} --data_dir PHOTOS --sampler m_per_class --batch_size 6', '--batch_size must be a multiple of the 4'),
    ('--dataset mnist5k --sampler m_per_class', '--batch_size must be at most 40, 4 images of 10 classes, got 128'),
])
def test_what_dooms_every_run_is_said_before_the_first(flags, message, photos, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    status = main.main(['--compare', '--runs', 'softmax', *flags.replace('PHOTOS', photos).split()])
    printed = capsys.readouterr()
    assert status == 2 and message in printed.err and printed.err.count('\n') == 1 and printed.out == ''
    assert os.listdir(tmp_path) == []


def test_losses_over_triplets_need_some(photos):
    config = main.parse(f'--train --loss softmax+triplet --sampler m_per_class --per_class 1 --dataset folder '
                        f'--data_dir {photos} --network efficientnet_lite0 --batch_size 4'.split()).config
    with pytest.raises(UserError, match='--loss triplet has nothing to learn from'):
        foresight.check_runs([config])
    foresight.check_runs([config.replaced(per_class=2)])


def test_download_counts_the_classes_that_were_drawn(tmp_path, monkeypatch, capsys):
    """Classes of 3, 4, 5 and 6 photos: the halves differ by what is drawn, and numpy tells which that is."""
    for label, name in enumerate(photo_fixtures.NAMES):
        for number in range(3 + label):
            photo_fixtures.save(str(tmp_path / name / f'{number}.jpg'), label, number)
    request = main.parse(['--download', '--dataset', 'folder', '--data_dir', str(tmp_path), '--split', 'zero_shot',
                       '--split_seed', '0'])
    sizes = {name: 3 + label for label, name in enumerate(photo_fixtures.NAMES)}
    trains = np.random.default_rng(0).permutation(sorted(sizes))[:2]
    modes.download(request.config)
    assert f'folder: {sum(sizes[name] for name in trains)} images to train on' in capsys.readouterr().out
    assert set(trains) != set(sorted(sizes)[:2]), 'this seed must draw another half than there is without'
