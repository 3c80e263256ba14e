"""Photos, classes and weights with which main.py can do nothing, or less than was asked for."""
import os

from tests import photo_fixtures
from tests.cli import main, refused, succeed
from tests.photo_fixtures import FROZEN, NET


def test_download_checks_a_dataset_and_says_what_it_has(tmp_path):
    os.remove(os.path.join(photo_fixtures.write_cub(tmp_path, per_class=5), 'images', '001.Red_Sparrow',
                           'Red_Sparrow_0003.jpg'))
    assert 'Red_Sparrow_0003.jpg' in refused('--download --dataset cub200 --data_dir .', tmp_path)
    photo_fixtures.write_cub(tmp_path, per_class=5)
    said = succeed('--download --dataset cub200 --data_dir . --classes sparrow', tmp_path)
    assert 'cub200: 6 images to train on, 4 to test on, 2 classes' in said


def test_one_class_is_nothing_to_learn(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    flags = f'--train --dataset folder --data_dir data --classes {photo_fixtures.NAMES[0]} {FROZEN}'
    assert f'at least two classes to train on, got 1 ({photo_fixtures.NAMES[0]})' in refused(flags, tmp_path)


def test_one_photo_a_class_leaves_none_to_choose_an_epoch_by(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    for folder in (tmp_path / 'data' / 'train').iterdir():
        for photo in sorted(folder.iterdir())[1:]:
            photo.unlink()
    assert 'at least two training images, got one of each' in refused(
        f'--train --dataset folder --data_dir data {FROZEN}', tmp_path)


def test_other_classes_than_those_trained_on_are_refused(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    succeed(f'--train --dataset folder --data_dir data {FROZEN} --prefix run', tmp_path)
    for part in ('train', 'test'):
        os.rename(tmp_path / 'data' / part / photo_fixtures.NAMES[0], tmp_path / 'data' / part / 'Zebra')
    assert 'trained on other classes than there are now: Red_Sparrow, Zebra' in refused(
        '--test --prefix run --data_dir data', tmp_path)
    (tmp_path / 'empty').mkdir()
    assert '--embed expected a folder with images, got empty' in refused('--embed empty --prefix run', tmp_path)


def test_a_broken_photo_is_named_and_left_out_or_stops_a_strict_run(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    broken = tmp_path / 'data' / 'train' / photo_fixtures.NAMES[0] / 'broken.jpg'
    broken.write_bytes(b'\xff\xd8 not a photo')
    text = f'--train --dataset folder --data_dir data {FROZEN} --prefix run'
    done = main(text, tmp_path)
    assert done.returncode == 0 and 'broken.jpg' in done.stderr
    assert 'broken.jpg' in refused(text + ' --strict', tmp_path)


def test_a_split_that_broken_photos_leave_one_of_each_class_cannot_choose(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    for folder in (tmp_path / 'data' / 'test').iterdir():
        for photo in sorted(folder.iterdir())[1:]:
            photo.write_bytes(b'no photo')
    done = main(f'--train --dataset folder --data_dir data {NET} --prefix run --loss proxy_anchor '
                '--select_on test', tmp_path)
    assert done.returncode == 2
    assert 'error: recall at 1 cannot choose an epoch: of no class can two photos' in done.stderr


def test_a_head_is_not_tested_on_another_backbone(tmp_path):
    """Its checkpoint does not hold the backbone, and the file that does has changed meanwhile."""
    photo_fixtures.write_folder(tmp_path / 'data')
    net = NET.replace(' --pretrained', '')
    whole = f'--train --dataset folder --data_dir data {net} --prefix whole --val_fraction 0.34'
    succeed(whole, tmp_path)
    succeed(f'--train --dataset folder --data_dir data {net} --val_fraction 0.34 --freeze backbone '
            '--prefix run --pretrained ckpt/whole.params', tmp_path)
    succeed('--test --prefix run --data_dir data', tmp_path)
    succeed(whole + ' --seed 1', tmp_path)
    assert 'frozen backbone with other weights' in refused('--test --prefix run --data_dir data', tmp_path)
    assert 'frozen backbone with other weights' in refused('--embed data --prefix run', tmp_path)


def test_zero_shot_has_as_many_classes_as_it_trains_on(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    text = f'--train --dataset folder --data_dir data {FROZEN} --split zero_shot --prefix run --num_classes '
    assert '--num_classes must be 2, the classes of folder to train on, got 4' in refused(text + '4', tmp_path)


def test_freezing_random_weights_warns_in_one_line(tmp_path):
    photo_fixtures.write_folder(tmp_path / 'data')
    flags = FROZEN.replace(' --pretrained', '')
    done = main(f'--train --dataset folder --data_dir data {flags} --prefix run', tmp_path)
    warnings = [line for line in (done.stdout + done.stderr).splitlines() if 'warning' in line]
    assert done.returncode == 0 and len(warnings) == 1 and '--freeze backbone without --pretrained' in warnings[0]
