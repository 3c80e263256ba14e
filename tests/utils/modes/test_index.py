"""An index comes back as it was written, finds what loops find, and damage is named."""
import numpy as np
import pytest

from utils.errors import UserError
from utils.modes.index import count_replaced, nearest, read_index, write_index

META = {'network': 'resnet18_v1b', 'classes': ['Grünspecht', 'b'], 'size': 224}
PATHS = ['a/1.jpg', 'ü/☃ 2.jpg', 'a/bad\udcff.jpg']  # a name that is not UTF-8, as os.listdir gives it


def features(count=3, size=4, seed=0):
    return np.random.default_rng(seed).normal(size=(count, size)).astype(np.float32)


@pytest.mark.parametrize('name', ['birds.npz', 'birds', 'birds.index'])
def test_an_index_comes_back_as_it_was(tmp_path, name):
    path = str(tmp_path / 'new' / name)
    write_index(path, features().astype(np.float64), PATHS, META)
    index = read_index(path)
    np.testing.assert_array_equal(index.features, features())
    assert index.features.dtype == np.float32
    assert list(index.paths) == PATHS and index.meta == META


def test_the_nearest_and_their_distances_are_those_of_loops(tmp_path):
    items = features(30).astype(np.float64)
    write_index(str(tmp_path / 'a'), items, [str(i) for i in range(30)], META)
    queries = features(4, seed=1).astype(np.float64)
    found, distances = nearest(read_index(str(tmp_path / 'a')), queries, 5)
    for query, places, values in zip(queries, found, distances):
        expected = [1 - query @ item / np.linalg.norm(query) / np.linalg.norm(item) for item in items]
        np.testing.assert_array_equal(places, np.argsort(expected)[:5])
        np.testing.assert_allclose(values, np.sort(expected)[:5])


def test_an_image_of_the_index_finds_itself_at_distance_zero_and_no_more_than_there_are(tmp_path):
    write_index(str(tmp_path / 'a'), features(), PATHS, META)
    found, distances = nearest(read_index(str(tmp_path / 'a')), features(), 8)
    assert found.shape == distances.shape == (3, 3) and found[:, 0].tolist() == [0, 1, 2]
    np.testing.assert_allclose(distances[:, 0], 0, atol=1e-12)
    assert (distances >= 0).all()


def test_a_large_index_stays_in_its_file(tmp_path):
    items = features(40_000, 64)
    write_index(str(tmp_path / 'a'), items, [f'{number:06d}' for number in range(40_000)], META)
    index = read_index(str(tmp_path / 'a'))
    assert isinstance(index.features, np.memmap) and not index.features.flags.writeable
    (found,), (distances,) = nearest(index, items[31_234:31_235], 3)
    assert found[0] == 31_234 and distances[0] == pytest.approx(0, abs=1e-12) and index.paths[found[0]] == '031234'


def test_features_of_another_network_are_refused(tmp_path):
    write_index(str(tmp_path / 'a'), features(), PATHS, META)
    with pytest.raises(UserError, match="the gallery's 4 features, got 5"):
        nearest(read_index(str(tmp_path / 'a')), features(size=5), 1)


@pytest.mark.parametrize('arguments, message', [
    ((features(), PATHS[:2]), 'expected as many paths as features, at least one, got 2 and 3'),
    ((features(0), []), 'at least one, got 0'),
    ((features()[0], PATHS), 'expected features with 2 dimensions')])
def test_parts_that_do_not_belong_together_are_refused_and_nothing_is_written(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        write_index(str(tmp_path / 'a'), *arguments, META)
    assert not list(tmp_path.iterdir())


def test_files_that_are_no_index_are_named(tmp_path):
    path = tmp_path / 'birds.npz'
    with pytest.raises(UserError, match=r'no index at .*birds\.npz'):
        read_index(str(path))
    write_index(str(path), features(), PATHS, META)
    whole = path.read_bytes()
    damaged = [whole[:length] for length in (0, 10, len(whole) // 2, len(whole) - 1)]
    place = whole.index(features().tobytes())
    flags = whole.index(b'PK\x01\x02') + 8  # in the archive's directory; 1 means encrypted
    damaged.append(whole[:flags] + b'\x01' + whole[flags + 1:])
    damaged += [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:], b'plain text', b'\x80\x04.']
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(UserError, match=r'birds\.npz is (no index|damaged)'):
            read_index(str(path))
    with pytest.raises(UserError, match=r'cannot read .*: Is a directory'):
        read_index(str(tmp_path))


@pytest.mark.parametrize('change', [
    {'features': None}, {'meta': None}, {'meta': np.array('{')}, {'meta': np.array('[]')}, {'meta': np.array('3')},
    {'meta': np.array('{"a":' * 100_000)}, {'meta': np.array('{"digest": NaN}')}, {'paths': np.array(['a', 'b'])},
    {'features': np.zeros((3, 4), int)}, {'paths': np.array([{}, [], ()], object)}],
    ids=['no features', 'no meta', 'no JSON', 'a list', 'a number', 'nested deeply', 'no number', 'too few paths',
         'whole numbers', 'pickled objects'])
def test_an_npz_with_other_content_is_named(tmp_path, change):
    path = str(tmp_path / 'birds.npz')
    write_index(path, features(), PATHS, META)
    with np.load(path) as stored:
        arrays = {**stored, **change}
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    with pytest.raises(UserError, match=r'^[^\n]*birds\.npz is (no index|damaged)[^\n]+$'):
        read_index(path)


def test_an_npy_file_is_no_index(tmp_path):
    np.save(str(tmp_path / 'a.npy'), features())
    with pytest.raises(UserError, match=r'is (no index|damaged)'):
        read_index(str(tmp_path / 'a.npy'))


def test_only_an_index_of_what_a_folder_holds_may_be_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path / 'index.npz')
    assert count_replaced(path, 'photos') == 0
    write_index(path, features(2), [str(tmp_path / 'photos' / name) for name in ('a.jpg', 'deep/b.jpg')], META)
    for folder in ('photos', 'photos/', '.', str(tmp_path), '/'):
        assert count_replaced(path, folder) == 2
    for folder, lost in (('photos/deep', 1), ('phot', 2), ('other', 2)):
        with pytest.raises(UserError, match=f'index.npz has images from elsewhere than {folder}, {lost} such as .*jpg'):
            count_replaced(path, folder)


def test_what_is_no_index_is_not_replaced(tmp_path):
    path = tmp_path / 'index.npz'
    path.write_text('notes')
    with pytest.raises(UserError, match=r'index\.npz is damaged: .*; remove it, and --embed makes it anew'):
        count_replaced(str(path), str(tmp_path))
    path.unlink()
    path.symlink_to(tmp_path / 'nowhere')
    with pytest.raises(UserError, match=r'no index at .*index\.npz; remove it'):
        count_replaced(str(path), str(tmp_path))
