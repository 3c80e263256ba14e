"""What goes into a page for its map: numbers that are as exact as a screen, images once, and little of both."""
import base64
import re

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tests.utils.pages.made import COUNT, NAMES, frame, panels, write_map
from tests.utils.pictures.seen_colors import SEEN_BY, contrast, smallest_difference
from utils.data.dataset import Split
from utils.pages.map_data import DARK_COLORS, Panel, encode, read_panel
from utils.pictures.class_looks import MARKERS, class_markers
from utils.pictures.frames import FrameStore
from utils.pictures.thumbnails import find_thumbnails, write_thumbnails


def decoded(run, key, kind, *shape):
    return np.frombuffer(base64.b64decode(run[key]), kind).reshape(shape)


def points(run):
    """(E, N, 2)."""
    scales = np.array(run['scales'])[:, np.newaxis, np.newaxis]
    return decoded(run, 'points', '<i2', run['epochs'], run['count'], 2) * scales


def test_more_than_two_features_are_on_the_principal_plane_of_the_last_epoch():
    rng = np.random.default_rng(0)
    frames = {epoch: frame(rng, size=6) for epoch in (1, 2)}
    run, = encode([Panel('run', 'val', frames, 2, 2)], NAMES)['runs']
    plane = PCA(2).fit(frames[2].features.astype(float))
    for found, one in zip(points(run), frames.values()):
        np.testing.assert_allclose(np.abs(found), np.abs(plane.transform(one.features)), atol=0.002)
    centers = decoded(run, 'centers', '<f4', 2, 3, 2)
    np.testing.assert_allclose(np.abs(centers[0]), np.abs(plane.transform(frames[1].centers)), atol=1e-4)


def test_a_speck_of_an_early_epoch_is_as_exact_as_the_last():
    rng = np.random.default_rng(0)
    large, small = frame(rng), frame(rng)
    small = small._replace(features=small.features / 1e4)
    run, = encode([Panel('run', 'val', {1: small, 2: large}, 2, 2)], NAMES)['runs']
    for found, one in zip(points(run), (small, large)):
        np.testing.assert_allclose(found, one.features, atol=np.abs(one.features).max() / 32767)


def test_lost_frames_and_runs_without_answers_are_no_obstacle(tmp_path):
    store, rng = FrameStore(str(tmp_path / 'frames'), NAMES), np.random.default_rng(0)
    for epoch in (1, 3):
        store.add('val', epoch, frame(rng, softmax=None, knn=None, sure=None, centers=None))
    results = {'selection': {'on': 'val', 'epoch': 3}, 'history': [{}] * 3}
    panel = read_panel('run', str(tmp_path), results)
    run, = encode([panel], NAMES)['runs']
    assert run['there'] == [True, False, True] and run['method'] is None
    assert run['softmax'] is run['knn'] is run['sure'] is run['centers'] is run['sprite'] is None
    assert read_panel('run', str(tmp_path / 'nowhere'), results) is None


def test_images_that_runs_share_travel_once(tmp_path):
    long, short = panels(tmp_path).values()
    write_thumbnails(str(tmp_path / 'other'), Split(np.ones((COUNT, 1, 8, 8)), np.arange(COUNT)), np.arange(COUNT))
    data = encode([long, short, long._replace(thumbnails=find_thumbnails(str(tmp_path / 'other')))], NAMES)
    assert [run['sprite'] for run in data['runs']] == [0, 0, 1] and len(data['sprites']) == 2


def test_a_page_of_nine_runs_of_thirty_epochs_has_less_than_eight_megabytes(tmp_path):
    """With a thousand images in colours that nothing can make smaller: noise."""
    rng = np.random.default_rng(0)
    write_thumbnails(str(tmp_path / 'val-images'), Split(rng.random((1000, 3, 48, 48)), np.zeros(1000)),
                     np.arange(1000))
    labels = np.arange(1000) % 10
    frames = {epoch: frame(rng)._replace(
        features=rng.normal(size=(1000, 2)), labels=labels, indices=np.arange(1000),
        softmax=rng.integers(10, size=1000), knn=rng.integers(10, size=1000), sure=rng.random(1000),
        centers=rng.normal(size=(10, 2))) for epoch in range(1, 31)}
    thumbnails = find_thumbnails(str(tmp_path / 'val-images'))
    runs = [Panel(f'run {number}', 'val', frames, 30, 30, thumbnails) for number in range(9)]
    write_map(str(tmp_path / 'page.html'), runs, list(map(str, range(10))))
    assert 3e6 < (tmp_path / 'page.html').stat().st_size < 8e6


@pytest.mark.parametrize('reader', SEEN_BY)
def test_on_a_dark_page_every_two_colours_differ_for_every_reader(reader):
    assert smallest_difference(DARK_COLORS, SEEN_BY[reader]) > 17.5
    assert all(contrast(color, '#121212') >= 3 for color in DARK_COLORS)


def test_what_is_put_into_a_script_cannot_end_it(tmp_path):
    made = Panel('</script><i>', 'val', {1: frame(np.random.default_rng(0))}, 1, 1)
    write_map(str(tmp_path / 'page.html'), [made], ('</script><u>', 'b', 'c'))
    text = (tmp_path / 'page.html').read_text()
    assert '</script><' in text and not {'</script><i>', '</script><u>', '<i>', '<u>'} & set(
        re.findall(r'(?:</script>)?<[iu]>', text))


def test_of_many_classes_there_are_those_of_the_images_that_are_shown(tmp_path):
    """Of 100,000 classes, 45 images of three; one of their answers is of a class that no image is of."""
    own, (panel,) = np.array([70_000, 7, 99_999]), list(panels(tmp_path, (2,)).values())[:1]
    last = panel.frames[2]
    many = {epoch: frame._replace(labels=own[frame.labels], softmax=own[frame.softmax], knn=own[frame.knn],
                                  centers=None) for epoch, frame in panel.frames.items()}
    many[2].softmax[0] = 12_345
    data = encode([panel._replace(frames=many)], [f'c{number}' for number in range(100_000)])
    run = data['runs'][0]
    assert data['classes'] == ['c7', 'c70000', 'c99999', 'a class that no image here is of']
    assert data['numbers'] == [7, 70_000, 99_999, 0], 'a colour follows the number'
    every = class_markers(100_000)
    assert [MARKERS[number] for number in data['markers'][:3]] == [every[label] for label in (7, 70_000, 99_999)]
    labels, answers = (np.frombuffer(base64.b64decode(run[key]), '<u2') for key in ('labels', 'softmax'))
    np.testing.assert_array_equal(labels, np.array([1, 0, 2])[last.labels])
    assert answers.reshape(2, -1)[1, 0] == 3 and run['centered'] == [0, 1, 2]
    np.testing.assert_array_equal(answers.reshape(2, -1)[1, 1:], np.array([1, 0, 2])[last.softmax[1:]])
