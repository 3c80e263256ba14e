"""The grids of a comparison, read from what is drawn: panels in blocks, in step, with one legend."""
import os

import imageio.v2 as imageio
import numpy as np
import pytest

from tests.utils.pictures.grid_frames import frame, runs_of
from utils.pictures import grids
from utils.pictures.class_looks import class_colors
from utils.pictures.frames import FrameStore
from utils.pictures.grids import read_runs, write_grids, write_moving, write_still


def drawn(runs, number=0, class_names=None, caption=''):
    """(figure, {split: [its axes]}), in the order of reading."""
    figure = grids._Grid(runs, class_names, caption).draw(number, 'epoch 1 of 1', 100)
    splits = len(next(iter(runs.values())))
    per = len(figure.axes) // splits
    return figure, [figure.axes[block * per:(block + 1) * per] for block in range(splits)]


def words(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


@pytest.mark.parametrize('count, columns', [(2, 2), (3, 3), (4, 4), (5, 3), (9, 3), (10, 4)])
def test_a_panel_a_run_stands_in_a_block_near_square_a_block_a_split(count, columns):
    figure, blocks = drawn(runs_of(*[1] * count))
    for block in blocks:
        places = [(round(axes.get_position().x0, 6), round(axes.get_position().y0, 6)) for axes in block]
        assert len(set(places)) == count and len({x for x, _ in places}) == columns
        assert places == sorted(places, key=lambda place: (-place[1], place[0])), 'in the order of reading'
    assert min(axes.get_position().y0 for axes in blocks[0]) > max(axes.get_position().y1 for axes in blocks[1])
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(abs(axes.bbox.width - axes.bbox.height) < 0.01 for axes in figure.axes), 'a ring looks round'
    headings = [text.get_text() for text in figure.texts]
    assert headings == ['Training images', 'Validation images', 'epoch 1 of 1']


def test_of_one_run_the_splits_are_abreast_as_in_figure_2_of_the_paper():
    figure, ((train,), (val,)) = drawn(runs_of(1))
    train, val = train.get_position(), val.get_position()
    assert train.y0 == val.y0 and train.x1 < val.x0
    left, right = figure.texts[:2]
    assert (left.get_text(), right.get_text()) == ('Training images', 'Validation images')
    assert (left.get_position()[0], right.get_position()[0]) == pytest.approx((train.x0, val.x0))


def test_a_panel_says_its_run_its_loss_and_its_accuracies_and_a_collapse():
    runs = {'a run of $5\nL = L_s + 0.1·L_c/n': {'test': [frame(accuracies=(0.98765, 0.5), pairs=3)]},
            'plain\nL = L_s': {'test': [frame(accuracies=(0.97, np.nan))]}}
    _, [[first, second]] = drawn(runs)
    assert words(first) == ['a run of $5', r'$L$ = $L_{\mathrm{s}}$ + 0.1·$L_{\mathrm{c}}$/$n$',
                            '98.77 % by softmax\n50.00 % by nearest centre', 'collapsed: 3 of 45 pairs of classes']
    assert words(second)[2] == '97.00 % by softmax' and len(words(second)) == 3


def test_every_panel_has_limits_that_suit_its_run_and_both_its_splits():
    runs = {**runs_of(1), 'far\nL = L_s': {'train': [frame(scale=50)], 'val': [frame(2, scale=50)]}}
    _, (train, val) = drawn(runs)
    assert [axes.get_xlim() for axes in train] == [axes.get_xlim() for axes in val]
    assert train[0].get_xlim()[1] < 2 and 100 < train[1].get_xlim()[1] < 150


def test_one_legend_names_the_classes_and_the_marks_and_the_panels_name_none():
    figure, (block,) = drawn(runs_of(1, 1, splits=['val']), class_names=tuple('abcdefghij'), caption='L_s: softmax')
    marks, classes = ([text.get_text() for text in legend.get_texts()] for legend in figure.legends)
    assert sorted(classes) == list('abcdefghij') and marks == ['class centre', 'wrongly classified by softmax']
    assert not any(word in 'abcdefghij' for axes in block for word in words(axes))
    colors = {text.get_text(): handle.get_color() for legend in figure.legends[1:]
              for text, handle in zip(legend.get_texts(), legend.legend_handles)}
    assert all(np.allclose(colors[name] * 255, color) for name, color in zip('abcdefghij', class_colors(10)))
    boxes = [legend.get_window_extent() for legend in figure.legends]
    assert boxes[0].y1 <= boxes[1].y0 + 1 and boxes[1].y1 < min(axes.get_tightbbox().y0 for axes in block)
    figure, _ = drawn(runs_of(1, classes=98))
    assert '98 classes' in figure.legends[1].get_texts()[0].get_text() and len(figure.legends[1].get_texts()) == 1


@pytest.mark.parametrize('count', [1, 9])
def test_the_caption_takes_as_many_lines_as_it_needs_and_stays_inside(count):
    caption = 'L_s: softmax; L_c: half of the squared distance of a feature to its centre; n: images of a class'
    figure, _ = drawn(runs_of(*[1] * count, splits=['val']), caption=caption)
    lines = [text for text in figure.texts if text.get_fontsize() == 8]
    assert len(lines) == (1 if count == 9 else 2)
    boxes = [line.get_window_extent() for line in lines]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 for box in boxes)
    assert max(box.y1 for box in boxes) <= min(legend.get_window_extent().y0 for legend in figure.legends) + 1


def test_all_go_by_one_clock_and_a_run_with_fewer_epochs_waits_at_its_last(tmp_path):
    runs = runs_of(3, 2, splits=['val'])
    write_moving(str(tmp_path / 'grid.gif'), runs)
    frames = [image[..., :3].astype(int) for image in imageio.mimread(tmp_path / 'grid.gif', memtest=False)]
    _, (block,) = drawn(runs, 2)
    assert len(frames) == 3 and 'ended with epoch 2' in words(block[1]) and len(words(block[0])) == 3
    height, width, _ = frames[0].shape
    panels = [[image[int(height * 0.3):int(height * 0.7), side] for image in frames]
              for side in (slice(0, width // 2), slice(width // 2, width))]
    moves = [[(a != b).any() for a, b in zip(panel, panel[1:])] for panel in panels]
    assert moves == [[True, True], [True, False]]
    clocks = [image[:height // 14] for image in frames]
    assert all((a != b).any() for a, b in zip(clocks, clocks[1:])), 'epoch 1, 2, 3 of 3'
    colors = {tuple(color) for color in frames[-1].reshape(-1, 3)}
    assert colors >= {tuple(color) for color in class_colors(10)}, 'the colours of classes are exact'


def test_the_gif_of_nine_runs_of_thirty_epochs_stays_below_four_megabytes(tmp_path):
    """Three epochs of it, with as many images as full MNIST has for validation."""
    write_moving(str(tmp_path / 'grid.gif'), runs_of(*[3] * 9, splits=['val'], count=6000, spread=0.5))
    assert os.path.getsize(tmp_path / 'grid.gif') < 4_000_000 * 3 / 30


def keep(folder, epochs):
    """Write the frames of a run; returns (its folder, its results.json)."""
    store = FrameStore(str(folder / 'frames'), tuple('0123456789'))
    for epoch in range(1, epochs + 1):
        for split in ('train', 'val'):
            store.add(split, epoch, frame(epoch))
    return str(folder), {'selection': {'on': 'val'}, 'history': [{}] * epochs}


@pytest.mark.parametrize('damage, said', [
    (lambda path: path.unlink(), 'cannot read '), (lambda path: path.write_bytes(b''), ' is damaged: '),
    (lambda path: path.write_bytes(path.read_bytes()[:len(path.read_bytes()) // 2]), ' is damaged: '),
    (lambda path: (path.unlink(), os.mkfifo(path)), 'it is no regular file')],
    ids=['missing', 'empty', 'cut off', 'a pipe, which would be waited for'])
def test_a_run_whose_frames_are_lost_is_left_out_of_the_grids_in_one_line(tmp_path, capsys, damage, said):
    runs = {'a\nL = L_s': keep(tmp_path / 'a', 2), 'b\nL = L_s': keep(tmp_path / 'b', 1)}
    paths = [str(tmp_path / 'grid.png'), str(tmp_path / 'grid.svg')]
    everything = [*paths, str(tmp_path / 'grid.gif')]
    damage(tmp_path / 'a' / 'frames' / 'val-002.npz')
    assert write_grids(paths, everything[-1], *read_runs(runs)) == everything
    printed = capsys.readouterr().err
    assert printed.count('\n') == 1 and said in printed
    assert printed.startswith('main.py: warning: the grids lack a: ') and 'val-002.npz' in printed
    write_still(str(tmp_path / 'alone.png'), {'b\nL = L_s': {'train': [frame()], 'val': [frame()]}})
    assert (tmp_path / 'alone.png').read_bytes() == (tmp_path / 'grid.png').read_bytes(), 'the other run'
    assert b'<svg' in (tmp_path / 'grid.svg').read_bytes()
    damage(tmp_path / 'b' / 'frames' / 'train-001.npz')
    assert write_grids(paths, everything[-1], *read_runs(runs)) == []
    assert (tmp_path / 'alone.png').read_bytes() == (tmp_path / 'grid.png').read_bytes(), 'what was there stays'
