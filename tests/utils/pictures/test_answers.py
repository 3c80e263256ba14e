"""The pictures of a test's answers: which files there are, and what is said where there is nothing to draw."""
import os
import re

import numpy as np
import pytest

from tests.utils.pictures import sheet_reader
from tests.utils.pictures.sheet_reader import DARK, colored
from utils.data.dataset import Split
from utils.evaluation.outputs import Outputs
from utils.pictures.answers import Answers, write_answers

LABELS = np.array([0, 0, 1, 1])
SOFTMAX, KNN = np.array([0, 1, 1, 1]), np.array([0, 0, 1, 3])


def write(tmp_path, names, answers, softmax=SOFTMAX, kind='png'):
    """The names of the files, and what there was nothing to draw of; the logits are of four classes."""
    images, _ = colored(4)
    outputs = Outputs.of(np.eye(4)[softmax], np.eye(4)[KNN], LABELS)
    written, lacking = write_answers(str(tmp_path / 'test'), Split(images, LABELS), outputs, names, answers, kind)
    assert sorted(map(os.path.basename, written)) == sorted(os.listdir(tmp_path))
    return sorted(os.listdir(tmp_path)), lacking


def test_confusions_and_disagreements_are_drawn_where_there_are_any(tmp_path):
    files, lacking = write(tmp_path, ['001.Wren', '002.Auk'], Answers('softmax', SOFTMAX, np.eye(4)), kind='svg')
    assert files == ['test-confused.png', 'test-confusion.svg', 'test-disagreements.png'] and lacking == []
    sheet = sheet_reader.read(tmp_path / 'test-confused.png')
    tile = sheet_reader.rows_of(sheet)[0][0]
    assert sheet_reader.says(sheet, (tile.left, tile.top - sheet_reader.LINE), 'Wren taken for Auk: 1 of 2 (50.0%)',
                             DARK)


def test_an_answer_that_is_no_class_of_the_dataset_has_a_number(tmp_path):
    write(tmp_path, ['wren', 'auk'], Answers('knn', KNN, None))
    sheet = sheet_reader.read(tmp_path / 'test-confused.png')
    tile = sheet_reader.rows_of(sheet)[0][0]
    assert sheet_reader.says(sheet, (tile.left, tile.top - sheet_reader.LINE), 'auk taken for no. 4: 1 of 2 (50.0%)',
                             DARK)


@pytest.mark.parametrize('answers, softmax, files, lacking', [
    (Answers('softmax', LABELS, None), LABELS, ['confusion'], ['confused classes: every test image is answered right']),
    (Answers('knn', None, np.eye(4)), KNN, [],
     ['disagreements: softmax and the nearest centre answer the same of every test image']),
    (Answers('softmax', None, None), SOFTMAX, [], [])])
def test_what_there_is_nothing_to_draw_of_is_said(tmp_path, answers, softmax, files, lacking):
    assert write(tmp_path, ['wren', 'auk'], answers, softmax) == ([f'test-{name}.png' for name in files], lacking)


def test_names_that_cannot_be_drawn_are_beside_the_pictures(tmp_path):
    files, _ = write(tmp_path, ['wren', '麻雀'], Answers('softmax', None, None))
    assert files == ['test-classes.txt']
    assert (tmp_path / 'test-classes.txt').read_text(encoding='utf-8') == '2\t麻雀\n'


def test_of_many_classes_the_matrix_is_of_those_that_are_confused_most(tmp_path):
    """Of 1,000 classes with two images each, 400 and 401 are taken for each other, and 7 once for 8."""
    labels = np.repeat(np.arange(1000), 2)
    answers = labels.copy()
    answers[[800, 801, 802, 803, 14]] = 401, 401, 400, 400, 8
    images = np.zeros((2000, 1, 8, 8), np.float32)
    outputs = Outputs.of(np.zeros((2000, 2), np.float32), np.zeros((2000, 2)), labels)
    written, _ = write_answers(str(tmp_path / 'test'), Split(images, labels), outputs,
                               [f'class {number}' for number in range(1000)], Answers('softmax', answers, None), 'svg')
    with open(written[0], encoding='utf-8') as file:
        words = re.findall('<!-- (.*?) -->', file.read())
    assert {word for word in words if word.startswith('class ')} == {f'class {number}' for number in (7, 8, 400, 401)}
    assert 'by softmax; of 1000 classes those that are confused most' in ' '.join(words)
