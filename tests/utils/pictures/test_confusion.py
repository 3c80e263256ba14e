"""Confusion matrices: the order of classes, what stands in the cells, and which pairs are confused most."""
import os
from types import SimpleNamespace

import imageio.v2 as imageio
import matplotlib
import numpy as np
import pytest
from PIL import ImageFont

from utils.data.photos import shown
from utils.pictures import style
from utils.pictures.confusion import _draw_confusion, similarity_order, write_confusion


def confusion_of(groups):
    """Counts in which classes of one group are often taken for each other and others never; groups: (C,)."""
    groups = np.array(groups)
    return np.where(groups[:, np.newaxis] == groups, 3, 0) + 20 * np.eye(len(groups), dtype=int)


def figure_of(confusion, names):
    """The axes, drawn, and what stands in them: names of rows and columns from the top and the left, and the caption.
    """
    with style.applied():
        figure = _draw_confusion(np.asarray(confusion), names, 'title')
        figure.canvas.draw()
    axes, = figure.axes
    rows, columns = ([label.get_text() for label in labels] for labels in (axes.get_yticklabels(),
                                                                          axes.get_xticklabels()))
    cells = {(round(y), round(x)): text for text in axes.texts if text.get_text().isdigit()
             for x, y in [text.get_position()]}
    caption, = (text for text in axes.texts if not text.get_text().isdigit())
    return SimpleNamespace(axes=axes, rows=rows, columns=columns, cells=cells, caption=caption)


def test_classes_taken_for_each_other_stand_side_by_side():
    groups = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 3])
    order = similarity_order(confusion_of(groups))
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
    order = list(similarity_order(confusion))
    assert order in (list(chain), list(chain[::-1]))


def test_rows_and_columns_are_in_the_order_that_the_caption_says_and_cells_are_theirs():
    groups, names = np.arange(8) % 3, list('abcdefgh')
    confusion = confusion_of(groups) + np.triu(np.random.default_rng(0).integers(0, 2, (8, 8)), 1)
    seen = figure_of(confusion, names)
    assert seen.rows == seen.columns and sorted(seen.rows) == names
    assert np.count_nonzero(np.diff([groups[names.index(name)] for name in seen.rows])) == 2
    assert {(seen.rows[row], seen.columns[column]): int(text.get_text()) for (row, column), text in seen.cells.items()
            } == {(a, b): confusion[i, j] for i, a in enumerate(names) for j, b in enumerate(names) if confusion[i, j]}
    assert 'Classes that are taken for each other stand side by side.' in seen.caption.get_text().replace('\n', ' ')
    assert seen.caption.get_window_extent().y1 < seen.axes.xaxis.label.get_window_extent().y0, 'below the rest'


def test_the_caption_says_of_numbers_where_there_are_any():
    assert 'Numbers: images.' in figure_of(np.eye(3, dtype=int), 'abc').caption.get_text().replace('\n', ' ')
    assert 'Numbers' not in figure_of(np.eye(61, dtype=int), 'x' * 61).caption.get_text()


@pytest.mark.parametrize('names', [['US$ and $', 'wren'], [r'$\nonsense{$', 'wren'],
                                   [shown(os.fsdecode(b'C\xff')), 'wren']])
def test_names_of_folders_are_drawn_as_they_are_and_not_as_formulas(names):
    """As wide as another reader of the font finds them; a formula would be narrower, for want of its dollars."""
    font = ImageFont.truetype(matplotlib.get_data_path() + '/fonts/ttf/DejaVuSans.ttf', 8 * 160 / 72)
    seen = figure_of(np.eye(2, dtype=int), names)
    for label in (*seen.axes.get_yticklabels(), *seen.axes.get_xticklabels()):
        box = label.get_window_extent()
        assert max(box.width, box.height) == pytest.approx(font.getlength(label.get_text()), abs=4)


@pytest.mark.parametrize('confusion, order, blue', [
    (np.array([[3]]), 1, 1), (np.diag([3, 2]), 2, 2), (np.zeros((4, 4), int), 4, 0), (np.diag([5, 0, 5]), 3, 2)])
def test_few_classes_no_confusions_and_empty_classes_have_an_order_and_a_picture(tmp_path, confusion, order, blue):
    """Of C x C cells of one size, as many are dark blue as there are classes, all of whose images are answered right.
    """
    assert sorted(similarity_order(confusion)) == list(range(order))
    write_confusion(str(tmp_path / 'a.png'), confusion, ['a', 'b', 'c', 'd'][:order], 'title')
    image = imageio.imread(tmp_path / 'a.png')[..., :3].astype(int)
    dark = (image[..., 2] - image[..., 0] > 60) & (image[..., 0] < 40)
    assert dark.sum() / (3.6 * 160 / order) ** 2 == pytest.approx(blue, abs=0.1 * blue)


def test_the_darkest_cells_lie_on_the_diagonal_and_long_names_make_room(tmp_path):
    path, confusion = str(tmp_path / 'confusion.png'), confusion_of(np.arange(6) % 2)
    write_confusion(path, confusion, list('abcdef'), 'title')
    image = imageio.imread(path)[..., :3].astype(int)
    rows, columns = np.nonzero((image[..., 2] - image[..., 0] > 60) & (image[..., 0] < 40))  # dark blue
    assert len(rows) > 500 and np.corrcoef(rows, columns)[0, 1] > 0.95
    write_confusion(path, confusion, ['American_Three_toed_Woodpecker'] * 6, 'title')
    longer = imageio.imread(path)
    assert longer.shape[0] > image.shape[0] + 100 and longer.shape[1] > image.shape[1] + 100


def test_shares_are_of_all_images_of_a_class_where_only_some_classes_are_drawn():
    """Half of the images of the first class were taken for one that is not drawn."""
    confusion, images = np.array([[3, 2], [0, 5]]), np.array([10, 5])
    with style.applied():
        figure = _draw_confusion(confusion, ['a', 'b'], 'title', images)
    shown = figure.axes[0].images[0].get_array() ** 2
    order = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    seen = {(a, b): shown[i, j] for i, a in enumerate(order) for j, b in enumerate(order)}
    assert seen == pytest.approx({('a', 'a'): 0.3, ('a', 'b'): 0.2, ('b', 'a'): 0, ('b', 'b'): 1})
