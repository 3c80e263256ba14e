"""Sheets of tiles: what stands where, how pictures of every size are shown, and how long texts fare."""
import numpy as np
import pytest

from tests.utils.pictures import sheet_reader
from tests.utils.pictures.sheet_reader import BLUE, DARK, FRAME, RED, SIDE, TILE
from utils.pictures import sheets
from utils.pictures.sheets import Row, Tile


def draw(tmp_path, rows, title='title', apart=None):
    path = str(tmp_path / 'sheet.png')
    sheets.write_sheet(path, title, rows, apart)
    return sheet_reader.read(path)


def plain(color='black', *texts):
    return Tile(np.full((100, 100, 3), 90, np.uint8), color, texts)


@pytest.mark.parametrize('height, width', [(90, 120), (300, 100), (128, 128), (1, 1), (28, 28), (20, 49)])
def test_a_picture_is_shown_whole_in_its_frame(tmp_path, height, width):
    """Its corners are there: scaled to touch the frame on the longer sides, in the middle on the others."""
    picture = np.full((height, width, 3), (0, 0, 255), np.uint8)
    sheet = draw(tmp_path, [Row([plain('black'), Tile(picture, 'black', [])])])
    (_, tile), = sheet_reader.rows_of(sheet)
    inside = sheet[tile.top + FRAME:, tile.left + FRAME:][:SIDE, :SIDE]
    rows, columns = np.nonzero((inside == (0, 0, 255)).all(axis=2))
    scale, middle = SIDE / max(height, width), (SIDE - 1) / 2
    assert np.ptp(rows) + 1 == pytest.approx(height * scale, abs=2) and rows.mean() == pytest.approx(middle, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(width * scale, abs=2) and columns.mean() == pytest.approx(middle, abs=1)


def test_few_pixels_are_enlarged_as_they_are(tmp_path):
    picture = np.random.default_rng(0).integers(0, 200, (28, 28, 3)).astype(np.uint8)
    sheet = draw(tmp_path, [Row([Tile(picture, 'black', [])])])
    (tile,), = sheet_reader.rows_of(sheet)
    inside = sheet[tile.top + FRAME:, tile.left + FRAME:][:SIDE, :SIDE]
    assert np.array_equal(inside, picture.repeat(SIDE // 28, axis=0).repeat(SIDE // 28, axis=1))


def test_tiles_stand_in_their_columns_with_texts_below_and_headings_above(tmp_path):
    tiles = [plain(sheets.DARK, ('US$ and $', sheets.DARK)), None, plain(*sheets.marked(True, '')[1:], ('a', 'black')),
             plain(sheets.WRONG, sheets.marked(False, r'x$\y{$'))]
    sheet = draw(tmp_path, [Row(tiles[:1]), Row(tiles, [(0, 'first'), (2, 'third')])], apart=2)
    (alone,), (first, third, fourth) = sheet_reader.rows_of(sheet)
    assert [tile.frame for tile in (alone, first, third, fourth)] == [DARK, DARK, BLUE, RED]
    gap = fourth.left - third.left - TILE
    assert first.left == alone.left and third.left == first.left + 2 * (TILE + gap) + gap, 'an empty place, a wide gap'
    assert sheet_reader.says_below(sheet, alone, ('US$ and $', DARK)), 'no formula'
    assert sheet_reader.says_below(sheet, fourth, (r'✗ x$\y{$', RED))
    for tile, text in ((first, 'first'), (third, 'third')):
        assert sheet_reader.says(sheet, (tile.left, tile.top - sheet_reader.LINE), text, DARK)
    assert sheet_reader.says(sheet, (gap, gap), 'title', DARK)


def test_right_and_wrong_differ_by_mark_and_colour():
    assert [sheets.marked(right, 'wren') for right in (True, False)] == [
        ('✓ wren', '#1144ee'), ('✗ wren', '#b33c00')]


@pytest.mark.parametrize('name', [
    '020.American_Three_toed_Woodpecker_of_the_North', 'Donaudampfschifffahrtsgesellschaft',
    'Rolls-Royce Phantom Drophead Coupe Convertible 2012', '-', '', ' ', '_x_'])
def test_a_text_fits_below_its_picture_and_starts_with_the_mark(name):
    lines = sheets.wrapped(f'✗ {name}', TILE, 3)
    assert 1 <= len(lines) <= 3
    assert all(sheet_reader.FONT.getlength(line) <= TILE for line in lines)
    assert lines[0].startswith('✗')


def test_a_text_breaks_between_words_and_says_what_it_left_out():
    assert sheets.wrapped('✓ Rose_breasted_Grosbeak', 276, 3) == ['✓ Rose breasted', 'Grosbeak']
    assert sheets.wrapped('Mercedes-Benz SL-Class Coupe', 200, 3) == ['Mercedes-Benz', 'SL-Class Coupe']
    assert sheets.wrapped('one two three four', 80, 3)[-1].endswith('…')
    assert sheets.wrapped('one two three four', 80) == ['one', 'two', 'three', 'four']
