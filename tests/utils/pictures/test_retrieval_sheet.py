"""The sheet of queries: who is found in which order, how far, right or wrong, and what no longer counts."""
from types import SimpleNamespace

import numpy as np
import pytest

from tests.utils.pictures import sheet_reader
from tests.utils.pictures.sheet_reader import BLUE, DARK, GREY, RED, colored
from utils.data.dataset import Split
from utils.pictures.retrieval_sheet import write_retrieval_sheet

NAMES = ('wren', 'finch', 'auk')


@pytest.fixture
def drawn(tmp_path):
    """(sheet, its rows, labels, angles, colours of the images): eight images, all of which are queries."""
    labels, angles = np.array([0, 1, 0, 2, 1, 0, 1, 0]), np.random.default_rng(3).uniform(0, 2, 8)
    images, colors = colored(8)
    features = np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.arange(1, 9)[:, np.newaxis]
    path = str(tmp_path / 'sheet.png')
    write_retrieval_sheet(path, Split(images, labels), SimpleNamespace(features=features, labels=labels), NAMES)
    sheet = sheet_reader.read(path)
    return sheet, sheet_reader.rows_of(sheet), labels, angles, colors


def test_each_row_has_its_query_first_and_all_others_from_the_nearest_on(drawn):
    _, rows, _, angles, colors = drawn
    for query, row in enumerate(rows):
        others = sorted((i for i in range(8) if i != query), key=lambda i: abs(angles[i] - angles[query]))
        assert [tile.picture for tile in row] == [colors[i] for i in (query, *others)]
        gaps = np.diff([tile.left for tile in row])
        assert (gaps[1:] == gaps[1]).all() and gaps[0] > gaps[1], 'a wider gap after the query'


def test_frames_are_blue_and_red_up_to_r_and_grey_beyond(drawn):
    """Three others are wrens, two are finches; the auk is alone, and nothing counts."""
    _, rows, labels, _, colors = drawn
    seen = set()
    for query, row in enumerate(rows):
        right = [labels[colors.index(tile.picture)] == labels[query] for tile in row[1:]]
        relevant = (3, 2, 0)[labels[query]]
        assert row[0].frame == DARK
        assert [tile.frame for tile in row[1:]] == [
            (BLUE if hit else RED) if rank <= relevant else GREY for rank, hit in enumerate(right, 1)]
        seen.update((tile.frame, hit) for tile, hit in zip(row[1:], right))
    assert seen == {(BLUE, True), (RED, False), (GREY, True), (GREY, False)}, 'else this test would prove little'


def test_below_each_stand_a_mark_its_distance_and_its_name_and_below_the_query_its_r(drawn):
    sheet, rows, labels, angles, colors = drawn
    for query, row in enumerate(rows):
        assert sheet_reader.says_below(sheet, row[0], (f'query, R = {(3, 2, 0)[labels[query]]}', DARK),
                                       (NAMES[labels[query]], DARK))
        for tile in row[1:]:
            i = colors.index(tile.picture)
            mark = '✓' if labels[i] == labels[query] else '✗'
            distance = 1 - np.cos(angles[i] - angles[query])
            assert sheet_reader.says_below(sheet, tile, (f'{mark} {distance:.3f}', tile.frame),
                                           (NAMES[labels[i]], tile.frame))
