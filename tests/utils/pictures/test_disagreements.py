"""The sheet of disagreements: who is on it, in which group and order, with both answers, the truth and how sure."""

import numpy as np
import pytest

from tests.utils.pictures import sheet_reader
from tests.utils.pictures.sheet_reader import BLUE, DARK, RED, colored
from utils.data.dataset import Split
from utils.evaluation.outputs import Outputs
from utils.pictures.disagreements import write_disagreements

NAMES = ('wren', 'finch', 'auk')
CENTERS = np.array([[0., 0], [10, 0], [0, 10]])


def outputs_of(cases):
    """What a network says of images with such (label, softmax's answer, its probability, features)."""
    logits = np.log([[sure if i == answer else (1 - sure) / 2 for i in range(3)] for _, answer, sure, _ in cases])
    return Outputs.of(logits, np.array([features for _, _, _, features in cases], float),
                      np.array([label for label, _, _, _ in cases]))


@pytest.fixture
def drawn(tmp_path):
    cases = [(0, 0, 0.9, (1, 0)), (0, 0, 0.55, (8, 0)), (1, 0, 0.8, (7.5, 0)), (2, 0, 0.7, (9, 0)),
             (0, 0, 0.75, (0, 6)), (1, 1, 0.6, (9, 0))]  # the first and the last agree
    images, colors = colored(len(cases))
    path = str(tmp_path / 'sheet.png')
    assert write_disagreements(path, Split(images, None), outputs_of(cases), CENTERS, NAMES) == 4
    sheet = sheet_reader.read(path)
    rows = sheet_reader.rows_of(sheet)
    return sheet, rows, [[colors.index(tile.picture) for tile in row] for row in rows]


def test_images_stand_by_who_is_right_the_surest_first_and_those_agreed_on_are_left_out(drawn):
    sheet, rows, shown = drawn
    assert shown == [[4, 1], [2], [3]]
    headings = 'only softmax is right: 2', 'only the nearest centre is right: 1', 'both are wrong: 1'
    for row, text in zip(rows, headings):
        assert sheet_reader.says(sheet, (row[0].left, row[0].top - sheet_reader.LINE), text, DARK)


def test_below_each_stand_the_truth_and_both_answers_with_how_sure_they_are(drawn):
    """The nearest centre is at a quarter of the next one's distance, 2 of 8; at a third; a ninth; two thirds."""
    sheet, rows, _ = drawn
    (fourth, first), (second,), (third,) = rows
    for tile, truth, softmax, knn in (
            (first, 'true: wren', ('✓ softmax 55%:', 'wren', BLUE), ('✗ centre 75.0%:', 'finch', RED)),
            (second, 'true: finch', ('✗ softmax 80%:', 'wren', RED), ('✓ centre 66.7%:', 'finch', BLUE)),
            (third, 'true: auk', ('✗ softmax 70%:', 'wren', RED), ('✗ centre 88.9%:', 'finch', RED)),
            (fourth, 'true: wren', ('✓ softmax 75%:', 'wren', BLUE), ('✗ centre 33.3%:', 'auk', RED))):
        lines = [(text, color) for *texts, color in (softmax, knn) for text in texts]
        assert sheet_reader.says_below(sheet, tile, (truth, DARK), *lines)


def test_of_many_the_surest_sixteen_are_shown_in_two_rows(tmp_path):
    cases = [(0, 0, 0.5 + 0.01 * i, (9, 0)) for i in range(20)]
    images, colors = colored(20)
    path = str(tmp_path / 'sheet.png')
    assert write_disagreements(path, Split(images, None), outputs_of(cases), CENTERS, NAMES) == 20
    sheet = sheet_reader.read(path)
    rows = sheet_reader.rows_of(sheet)
    assert [[colors.index(tile.picture) for tile in row] for row in rows] == [
        list(range(19, 11, -1)), list(range(11, 3, -1))]
    assert sheet_reader.says(sheet, (rows[0][0].left, rows[0][0].top - sheet_reader.LINE),
                             'only softmax is right: 20, of which the surest 16', DARK)


def test_centres_that_lie_on_each_other_are_sure_of_nothing(tmp_path):
    images, _ = colored(1)
    path = str(tmp_path / 'sheet.png')
    assert write_disagreements(path, Split(images, None), outputs_of([(1, 1, 0.9, (0, 0))]), np.zeros((3, 2)), NAMES)
    sheet = sheet_reader.read(path)
    ((tile,),) = sheet_reader.rows_of(sheet)
    assert sheet_reader.says(sheet, (tile.left, tile.top + sheet_reader.TILE + 1 + 3 * sheet_reader.LINE),
                             '✗ centre 0.0%:', RED)


def test_nothing_is_drawn_where_both_answer_the_same(tmp_path):
    images, _ = colored(2)
    outputs = outputs_of([(0, 0, 0.9, (1, 0)), (1, 0, 0.9, (1, 0))])
    assert write_disagreements(str(tmp_path / 'a.png'), Split(images, None), outputs, CENTERS, NAMES) == 0
    assert not (tmp_path / 'a.png').exists()
