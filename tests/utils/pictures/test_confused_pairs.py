"""The sheet of confused pairs: which examples stand where, how they are marked, and what is said of each direction."""
import numpy as np
import pytest

from tests.utils.pictures import sheet_reader
from tests.utils.pictures.sheet_reader import BLUE, DARK, RED, colored
from utils.data.dataset import Split
from utils.evaluation.confusion import Confusion
from utils.pictures.confused_pairs import write_confused_pairs

NAMES = ('wren', 'finch', 'auk')
# Wrens: 5 taken for finches of 8. Finches: 1 taken for a wren of 4. An auk was taken for a wren, of 2.
LABELS = np.repeat([0, 1, 2], [8, 4, 2])
ANSWERS = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 2])


@pytest.fixture
def drawn(tmp_path):
    images, colors = colored(14)
    order = np.random.default_rng(0).permutation(14)  # classes come mixed
    path = str(tmp_path / 'sheet.png')
    assert write_confused_pairs(path, Split(images, LABELS[order]), LABELS[order], ANSWERS[order],
                                Confusion.of(LABELS, ANSWERS, 3), NAMES, 'by softmax')
    sheet = sheet_reader.read(path)
    return sheet, sheet_reader.rows_of(sheet), [[colors.index(tile.picture) for tile in row]
                                                for row in sheet_reader.rows_of(sheet)], order


def first(order, true, answer, most):
    """The places of the first images of a class that are answered so."""
    return [place for place, i in enumerate(order) if (LABELS[i], ANSWERS[i]) == (true, answer)][:most]


def test_a_row_has_for_each_direction_one_that_is_right_and_the_first_mistakes(drawn):
    _, rows, shown, order = drawn
    assert shown == [[*first(order, 0, 0, 1), *first(order, 0, 1, 3), *first(order, 1, 1, 1), *first(order, 1, 0, 3)],
                     [*first(order, 2, 2, 1), *first(order, 2, 0, 3), *first(order, 0, 0, 1)]]
    assert [[tile.frame for tile in row] for row in rows] == [[BLUE, RED, RED, RED, BLUE, RED], [BLUE, RED, BLUE]]
    assert rows[0][4].left == rows[1][2].left, 'the other direction has a place of its own'


def test_above_each_direction_stand_its_names_and_share_and_below_each_picture_its_answer(drawn):
    sheet, rows, shown, order = drawn
    for tile, text in ((rows[0][0], 'wren taken for finch: 5 of 8 (62.5%)'),
                       (rows[0][4], 'finch taken for wren: 1 of 4 (25.0%)'),
                       (rows[1][0], 'auk taken for wren: 1 of 2 (50.0%)'),
                       (rows[1][2], 'wren taken for auk: 0 of 8 (0.0%)')):
        assert sheet_reader.says(sheet, (tile.left, tile.top - sheet_reader.LINE), text, DARK)
    assert sheet_reader.says(sheet, (16, 16), 'The classes that are confused most, by softmax.', DARK)
    for tile, place in ((tile, place) for tiles, places in zip(rows, shown) for tile, place in zip(tiles, places)):
        answer = NAMES[ANSWERS[order[place]]]
        mark, color = ('✓', BLUE) if LABELS[order[place]] == ANSWERS[order[place]] else ('✗', RED)
        assert sheet_reader.says_below(sheet, tile, (f'{mark} {answer}', color))


def test_no_more_than_six_pairs_and_no_picture_without_any(tmp_path):
    labels = np.arange(20)
    images, _ = colored(20)
    for answers, pairs in ((labels ^ 1, 6), (labels, 0)):
        path = str(tmp_path / f'{pairs}.png')
        assert write_confused_pairs(path, Split(images, labels), labels, answers, Confusion.of(labels, answers, 20),
                                    [f'class {label}' for label in labels], '') == (pairs > 0)
        assert (len(sheet_reader.rows_of(sheet_reader.read(path))) if pairs else 0) == pairs
    assert not (tmp_path / '0.png').exists()
