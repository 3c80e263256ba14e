"""One look for all that Matplotlib draws, whatever this machine's own settings are, and the kinds of files."""
import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from utils.pictures import confusion, curves, projections, style


def draw(path):
    with style.applied():
        figure = Figure(figsize=(2, 1))
        figure.add_subplot().plot([1, 2], label='a')
        style.write_figure(path, figure)


def test_a_picture_has_the_pixels_of_the_style_file_and_leaves_the_settings_of_others(tmp_path):
    with matplotlib.rc_context({'figure.dpi': 50, 'font.size': 3, 'lines.linewidth': 9}):
        draw(str(tmp_path / 'odd.png'))
        assert matplotlib.rcParams['font.size'] == 3
    draw(str(tmp_path / 'plain.png'))
    with Image.open(tmp_path / 'odd.png') as odd:
        assert odd.size == (320, 160)
    assert (tmp_path / 'odd.png').read_bytes() == (tmp_path / 'plain.png').read_bytes()


@pytest.mark.parametrize('kind, start', [('png', b'\x89PNG'), ('svg', b'<?xml'), ('pdf', b'%PDF')])
def test_a_file_is_of_the_kind_that_its_name_says_and_the_same_each_time(tmp_path, kind, start):
    paths = [tmp_path / f'{name}.{kind}' for name in 'ab']
    for path in paths:
        draw(str(path))
    assert paths[0].read_bytes().startswith(start) and paths[0].read_bytes() == paths[1].read_bytes()


def test_every_still_picture_can_be_drawn_as_svg(tmp_path):
    path = str(tmp_path / 'a.svg')
    row = {'epoch': 1, 'softmax_loss': 1, 'softmax': 0.5}
    for write in (lambda: curves.write_run_curves(path, [row], 'val'),
                  lambda: curves.write_comparison_curves(path, {'run': [[row]]}),
                  lambda: projections.write_projection(path, np.eye(2), ('', ''), np.arange(2), 'ab', ''),
                  lambda: confusion.write_confusion(path, np.eye(2, dtype=int), 'ab', '')):
        write()
        assert (tmp_path / 'a.svg').read_text(encoding='utf-8').rstrip().endswith('</svg>')
        (tmp_path / 'a.svg').unlink()
