"""Frames on disk that were damaged since they were written."""
import numpy as np
import pytest

from utils.errors import UserError
from utils.frames import FrameStore


@pytest.mark.parametrize('old, new', [
    (b'(2000, 2)', b'((000, 2)'), (b'(2000, 2)', b'(2000, 0)'), (b'PK\x01\x02', b'PK\x01\x03'),
    (b'PK\x01\x02-\x03-\x00\x00', b'PK\x01\x02-\x03-\x00\x01'), (b'labels.npy', b'labelz.npy')],
    ids=['a shape that does not end', 'fewer features', 'no directory', 'encrypted', 'no labels'])
def test_a_damaged_frame_is_named_in_one_line(tmp_path, old, new):
    rng = np.random.default_rng(0)
    store = FrameStore(str(tmp_path), tuple('0123456789'))
    store.add('val', 1, rng.normal(size=(2000, 2)), rng.integers(0, 10, 2000), None, 'epoch 1')
    path = tmp_path / 'val-001.npz'
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    with pytest.raises(UserError, match=r'^[^\n]*val-001\.npz is damaged: [^\n]+$'):
        store.render('val', str(tmp_path / 'val.gif'))
