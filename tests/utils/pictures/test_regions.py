"""Decision regions and rays, in the pixels of the pictures: against the answers that numpy works out for a position."""
import imageio.v2 as imageio
import numpy as np
import pytest

from utils.pictures import palette, regions
from utils.pictures.class_looks import class_colors
from utils.pictures.feature_map import AXES, PIXELS, FeatureMap, draw_feature_map
from utils.pictures.image_files import write_gif

LOW, HIGH = np.array([-2.0, -3.0]), np.array([4.0, 3.0])
RNG = np.random.default_rng(4)
ANGLES = np.arange(10) * 2 * np.pi / 10
WEIGHTS = np.stack([np.cos(ANGLES), np.sin(ANGLES), RNG.normal(size=10) * 0.1], axis=1)
CENTERS = RNG.uniform(-2, 3, size=(10, 2))


def answers(method, positions):
    """(N,) classes and (N,) whether another class is so near that the line between both may be there."""
    if method == 'softmax':
        scores = positions @ WEIGHTS[:, :2].T + WEIGHTS[:, 2]
        slopes = np.linalg.norm(WEIGHTS[:, np.newaxis, :2] - WEIGHTS[:, :2], axis=2)
    else:
        scores = -((positions[:, np.newaxis] - CENTERS) ** 2).sum(axis=2) / 2
        slopes = np.linalg.norm(CENTERS[:, np.newaxis] - CENTERS, axis=2)
    best = scores.argmax(axis=1)
    gaps = (scores.max(axis=1, keepdims=True) - scores) / np.maximum(slopes[best], 1e-9)
    gaps[np.arange(len(best)), best] = np.inf
    return best, gaps.min(axis=1) < 4 * 6 / (AXES[2] * PIXELS)  # four pixels


def picture(labels=(), **layers):
    one = FeatureMap(np.zeros((len(labels), 2)), np.array(labels, int), None, '', origin=None, **layers)
    return draw_feature_map(one, (LOW, HIGH), ('', ''), tuple('0123456789'))


def positions():
    """(columns, rows) of a grid of pixels inside the axes, and the features (N, 2) there."""
    left, bottom, side = (share * PIXELS for share in AXES)
    columns, rows = (grid.ravel() for grid in np.meshgrid(np.arange(120, 900, 13), np.arange(90, 870, 13)))
    shares = np.stack([columns + 0.5 - left, PIXELS - rows - 0.5 - bottom], axis=1) / side
    return columns, rows, LOW + shares * (HIGH - LOW)


SCORES = {'softmax': WEIGHTS, 'knn': regions.center_scores(CENTERS)}


@pytest.mark.parametrize('method', SCORES)
@pytest.mark.parametrize('as_gif', [False, True], ids=['png', 'gif'])
def test_the_tint_at_a_position_is_that_of_the_class_that_is_answered_there(tmp_path, method, as_gif):
    image = picture(regions={method: SCORES[method]})
    if as_gif:
        write_gif(str(tmp_path / 'a.gif'), [image, picture(range(10), regions={method: SCORES[method]})])
        image = imageio.mimread(tmp_path / 'a.gif')[0][..., :3]
    columns, rows, features = positions()
    classes, near_border = answers(method, features)
    assert len(np.unique(classes)) > 5 and (~near_border).mean() > 0.7
    np.testing.assert_array_equal(image[rows, columns][~near_border],
                                  palette.tint(class_colors(10))[classes[~near_border]])


def test_between_two_answers_there_is_a_line_and_the_borders_of_the_other_method_are_darker():
    plain, both = (picture(regions=layers) for layers in ({'softmax': WEIGHTS}, SCORES))
    columns, rows, features = positions()
    darker = (plain[rows, columns].astype(int) - both[rows, columns]).max(axis=1) > 60
    assert darker.sum() > 10 and answers('knn', features)[1][darker].all()
    tints = {*map(tuple, palette.tint(class_colors(10)).tolist())}
    row = [tuple(pixel) for pixel in plain[480, 120:900].tolist()]
    changes = sum(one != other and {one, other} <= tints for one, other in zip(row, row[1:]))
    assert changes == 0, 'two tints touch'


def test_classes_with_equal_scores_are_answered_by_the_first_and_those_never_answered_have_no_region():
    scores = np.array([[0, 0, -1.0], [1, 0, 0], [1, 0, 0], [-1, 0, 0]])
    never, second, third, last = regions.polygons(scores, LOW, HIGH)
    assert len(never) == 0 and sorted(map(tuple, second)) == sorted(map(tuple, third)) == [
        (0, -3), (0, 3), (4, -3), (4, 3)]
    assert sorted(map(tuple, last)) == [(-2, -3), (-2, 3), (0, -3), (0, 3)]
    image = picture(regions={'softmax': scores})
    assert image[480, 700].tolist() == palette.tint(class_colors(2))[1].tolist()


def test_rays_go_from_the_origin_to_the_edge_in_the_colour_of_their_class():
    directions = np.array([[3.0, 0], [0, 0.1], [-2, -1], [0, 0]])  # right, up, and to a corner; the last has none
    ends = np.array([[4, 0], [0, 3], [-2, -1]])
    image = picture(rays=directions).astype(int)
    left, bottom, side = (share * PIXELS for share in AXES)
    for end, color in zip(ends, class_colors(3).astype(int)):
        for share in (0.1, 0.5, 0.9, 0.985):
            x, y = (share * end - LOW) / (HIGH - LOW) * side + [left, bottom]
            around = image[PIXELS - int(y) - 3:PIXELS - int(y) + 3, int(x) - 3:int(x) + 3].reshape(-1, 3)
            assert np.abs(around - color).sum(axis=1).min() < 60, (end, share)
    opposite = (np.array([-1.0, 0]) - LOW) / (HIGH - LOW) * side + [left, bottom]
    assert (image[PIXELS - int(opposite[1]) - 3:PIXELS - int(opposite[1]) + 3, int(opposite[0])] == 255).all()
