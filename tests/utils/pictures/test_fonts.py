"""Names of classes that Matplotlib's font cannot write: numbers in pictures, and a legend of text beside them."""
import os
import warnings

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from utils.pictures import confusion, fonts, projections
from utils.pictures.feature_map import FeatureMap, write_feature_maps

NAMES = ('wren', '麻雀', 'Zaunkönig ♀', 'mésange 雀', '\U0001f426', 'a\nb')
DRAWN = ('wren', 'no. 2', 'Zaunkönig ♀', 'no. 4', 'no. 5', 'no. 6')


def test_what_is_drawn_has_a_glyph_for_every_character():
    """By another reader of fonts."""
    glyphs = TTFont(fonts.PATH).getBestCmap()
    assert [all(ord(character) in glyphs for character in name) for name in NAMES] == [
        drawn == name for drawn, name in zip(DRAWN, NAMES)]
    assert fonts.drawable(NAMES) == DRAWN


@pytest.mark.parametrize('names, drawn', [
    (['051.Horned_Grebe', '052.Pied_billed_Grebe'], ('Horned Grebe', 'Pied billed Grebe')),
    (['051.Grebe', '052.麻雀'], ('Grebe', 'no. 2')),
    (['051.Grebe', '052.Grebe'], ('051.Grebe', '052.Grebe')),
    (['051.Grebe', '747'], ('051.Grebe', '747')),
    (['007.', '008.x'], ('007.', '008.x')),
    (['1989.5', '2001.x'], ('1989.5', '2001.x'))])
def test_cubs_number_before_a_name_is_left_out_where_all_have_one_and_none_needs_it(names, drawn):
    assert fonts.drawable(names) == drawn


def test_the_legend_has_the_names_that_became_numbers_and_is_not_written_without_any(tmp_path):
    path = tmp_path / 'classes.txt'
    assert not fonts.write_legend(str(path), ('wren', 'finch')) and not path.exists()
    assert fonts.write_legend(str(path), NAMES[:4])
    assert path.read_text(encoding='utf-8') == '2\t麻雀\n4\tmésange 雀\n'


def test_no_picture_of_such_names_warns_of_a_glyph(tmp_path):
    """Numbers stand for names in each kind of picture; a picture that draws one as its title does warn."""
    points, labels, drawn = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 6, fonts.drawable(NAMES)
    paths = [str(tmp_path / name) for name in ('a.png', 'b.png', 'c.png')]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        write_feature_maps(paths[0], [FeatureMap(points, labels, points[:6], '')], ('', ''), NAMES)
        projections.write_projection(paths[1], points, ('', ''), labels, drawn, '')
        confusion.write_confusion(paths[2], np.eye(6, dtype=int), drawn, '')
    assert [str(warning.message) for warning in said] == [] and all(map(os.path.getsize, paths))
    with pytest.warns(UserWarning, match='Glyph .* missing from'):
        write_feature_maps(paths[0], [FeatureMap(points, labels, None, NAMES[1])], ('', ''), NAMES)


def test_names_with_two_dollars_are_no_formulas_in_a_projection(tmp_path):
    """What is between two would not even be a formula: drawn as one, it raises."""
    path = str(tmp_path / 'a.png')
    projections.write_projection(path, np.eye(2), ('', ''), np.arange(2), [r'$\nonsense{$', 'b'], '')
    with Image.open(path) as image:
        assert np.asarray(image.convert('L')).min() < 128, 'something is drawn'
