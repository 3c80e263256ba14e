"""Retrieval sheets and confusion matrices: what stands where, in which colour, and how long names fare."""
import os

import imageio.v2 as imageio
import numpy as np
import pytest

from utils.data.photos import shown
from utils.pictures import sheets
from utils.pictures.class_looks import RIGHT, WRONG
from utils.pictures.sheets import Tile

BLUE, RED = (tuple(bytes.fromhex(color[1:])) for color in (RIGHT, WRONG))
DARK = (40, 40, 40)
SIDE, FRAME, GAP = 256, 10, 16  # pixels
STEP = SIDE + 2 * FRAME + GAP  # from one picture to the next: sides, frames, gap


def photo(color, height=90, width=120):
    """A picture with a bird-like blob of a colour."""
    y, x = np.mgrid[:height, :width]
    image = np.full((height, width, 3), (200, 220, 240), np.uint8)
    image[((x - width / 2) / width) ** 2 + ((y - height / 2) / height) ** 2 < 0.06] = color
    return image


def draw(tmp_path, rows):
    path = str(tmp_path / 'sheet.png')
    sheets.write_retrieval_sheet(path, rows)
    return imageio.imread(path)


def left_of(column):
    """x of a tile's left edge; column 0 is the query, after which the gap is wider."""
    return GAP + column * STEP + (GAP if column else 0)


def test_frames_say_query_right_and_wrong(tmp_path):
    blank = photo((0, 0, 0))
    nearest = [Tile(blank, 'wren'), Tile(blank, 'finch')]
    sheet = draw(tmp_path, [(Tile(blank, 'wren'), nearest), (Tile(blank, 'finch'), nearest[:1])])
    height = (sheet.shape[0] - GAP) // 2  # of a row, below the gap at the top
    frames = [[tuple(sheet[GAP + row * height + 2, left_of(column) + 60]) for column in range(3)] for row in (0, 1)]
    assert frames == [[DARK, BLUE, RED], [DARK, RED, (255, 255, 255)]]


@pytest.mark.parametrize('height, width', [(90, 120), (300, 100), (128, 128), (1, 1)])
def test_a_picture_is_shown_whole_in_its_frame(tmp_path, height, width):
    """Its corners are there: scaled to touch the frame on the longer sides, in the middle on the others."""
    picture = np.full((height, width, 3), (0, 0, 255), np.uint8)
    sheet = draw(tmp_path, [(Tile(picture, 'a'), [Tile(picture, 'a')])])
    top, left = GAP + FRAME, left_of(1) + FRAME
    inside = sheet[top:top + SIDE, left:left + SIDE]
    rows, columns = np.nonzero((inside == (0, 0, 255)).all(axis=2))
    scale = SIDE / max(height, width)
    assert np.ptp(rows) + 1 == pytest.approx(height * scale, abs=2) and rows.mean() == pytest.approx(127.5, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(width * scale, abs=2) and columns.mean() == pytest.approx(127.5, abs=1)


@pytest.mark.parametrize('name', [
    '020.American_Three_toed_Woodpecker_of_the_North', 'Donaudampfschifffahrtsgesellschaft',
    'Rolls-Royce Phantom Drophead Coupe Convertible 2012', '-', '', ' ', '_x_'])
def test_a_caption_fits_below_its_picture_and_starts_with_the_mark(name):
    lines = sheets._caption(f'✗ {name}', 276)
    assert 1 <= len(lines) <= 3
    assert all(sheets._font().getlength(line) <= 276 for line in lines)
    assert lines[0].startswith('✗')


def test_a_caption_breaks_between_words_and_says_what_it_left_out():
    assert sheets._caption('✓ Rose_breasted_Grosbeak', 276) == ['✓ Rose breasted', 'Grosbeak']
    assert sheets._caption('Mercedes-Benz SL-Class Coupe', 200) == ['Mercedes-Benz', 'SL-Class Coupe']
    assert sheets._caption('one two three four', 80)[-1].endswith('…')


def confusion_of(groups):
    """Counts in which classes of one group are often taken for each other and others never; groups: (C,)."""
    groups = np.array(groups)
    return np.where(groups[:, np.newaxis] == groups, 3, 0) + 20 * np.eye(len(groups), dtype=int)


def test_classes_taken_for_each_other_stand_side_by_side():
    groups = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 3])
    order = sheets.similarity_order(confusion_of(groups))
    assert sorted(order) == list(range(10))
    assert np.count_nonzero(np.diff(groups[order])) == 3  # a change for each new group, and no more


def test_a_chain_of_confusions_is_unrolled_whichever_way_they_go_and_however_large_the_classes():
    """Class a is taken for the next along a hidden chain, in turns one way only, and classes differ tenfold in size."""
    chain = np.random.default_rng(0).permutation(8)
    confusion = np.zeros((8, 8), int)
    for place, (a, b) in enumerate(zip(chain, chain[1:])):
        confusion[(a, b) if place % 2 else (b, a)] = 30
    np.fill_diagonal(confusion, 100 - confusion.sum(axis=1))
    confusion *= np.where(np.arange(8) % 2, 10, 1)[:, np.newaxis]
    order = list(sheets.similarity_order(confusion))
    assert order in (list(chain), list(chain[::-1]))


def test_names_of_folders_are_drawn_as_they_are_and_not_as_formulas(tmp_path):
    names = ['US$ and $', r'$\nonsense{$', shown(os.fsdecode(b'C\xff'))]
    sheets.write_confusion(str(tmp_path / 'a.png'), np.eye(3, dtype=int), names, 'title')
    image = np.zeros((8, 8, 3), np.uint8)
    sheets.write_retrieval_sheet(str(tmp_path / 'b.png'), [(Tile(image, name), []) for name in names])
    assert imageio.imread(tmp_path / 'a.png').ndim == imageio.imread(tmp_path / 'b.png').ndim == 3


@pytest.mark.parametrize('confusion, count', [(np.array([[3]]), 1), (np.diag([3, 2]), 2), (np.zeros((4, 4), int), 4),
                                              (np.diag([5, 0, 5]), 3)])
def test_few_classes_no_confusions_and_empty_classes_have_an_order_and_a_picture(tmp_path, confusion, count):
    assert sorted(sheets.similarity_order(confusion)) == list(range(count))
    sheets.write_confusion(str(tmp_path / 'a.png'), confusion, ['a', 'b', 'c', 'd'][:count], 'title')
    assert (tmp_path / 'a.png').stat().st_size > 1000


def test_the_darkest_cells_lie_on_the_diagonal_and_long_names_make_room(tmp_path):
    path, confusion = str(tmp_path / 'confusion.png'), confusion_of(np.arange(6) % 2)
    sheets.write_confusion(path, confusion, list('abcdef'), 'title')
    image = imageio.imread(path)[..., :3].astype(int)
    rows, columns = np.nonzero((image[..., 2] - image[..., 0] > 60) & (image[..., 0] < 40))  # dark blue
    assert len(rows) > 500 and np.corrcoef(rows, columns)[0, 1] > 0.95
    sheets.write_confusion(path, confusion, ['American_Three_toed_Woodpecker'] * 6, 'title')
    longer = imageio.imread(path)
    assert longer.shape[0] > image.shape[0] + 100 and longer.shape[1] > image.shape[1] + 100
