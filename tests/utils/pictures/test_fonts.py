"""Names of classes that Matplotlib's font cannot write: numbers in pictures, and a legend of text beside them."""
import numpy as np
from fontTools.ttLib import TTFont

from utils.pictures import fonts, projections, sheets
from utils.pictures.feature_map import write_feature_map

NAMES = ('wren', '麻雀', 'Zaunkönig ♀', 'mésange 雀', '\U0001f426', 'a\nb')
DRAWN = ('wren', 'no. 2', 'Zaunkönig ♀', 'no. 4', 'no. 5', 'no. 6')


def test_what_is_drawn_has_a_glyph_for_every_character():
    """By another reader of fonts."""
    glyphs = TTFont(fonts.PATH).getBestCmap()
    assert [all(ord(character) in glyphs for character in name) for name in NAMES] == [
        drawn == name for drawn, name in zip(DRAWN, NAMES)]
    assert fonts.drawable(NAMES) == DRAWN


def test_the_legend_has_the_names_that_became_numbers_and_is_not_written_without_any(tmp_path):
    path = tmp_path / 'classes.txt'
    assert not fonts.write_legend(str(path), ('wren', 'finch')) and not path.exists()
    assert fonts.write_legend(str(path), NAMES[:4])
    assert path.read_text(encoding='utf-8') == '2\t麻雀\n4\tmésange 雀\n'


def test_no_picture_of_such_names_warns_of_a_glyph(tmp_path):
    """A warning would be an error here, see pyproject.toml; numbers stand for names in each kind of picture."""
    points, labels, drawn = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 6, fonts.drawable(NAMES)
    write_feature_map(str(tmp_path / 'a.png'), points, labels, points[:6], '', NAMES)
    projections.write_projection(str(tmp_path / 'b.png'), points, ('', ''), labels, drawn, '')
    sheets.write_confusion(str(tmp_path / 'c.png'), np.eye(6, dtype=int), drawn, '')


def test_names_with_two_dollars_are_no_formulas_in_a_projection(tmp_path):
    projections.write_projection(str(tmp_path / 'a.png'), np.eye(2), ('', ''), np.arange(2), [r'$\nonsense{$', 'b'], '')
