"""Names of classes in a feature map: what they may not cover, measured on the figure that is drawn."""
import numpy as np
import pytest

from utils.pictures import feature_map, label_places
from utils.pictures.plane import common_limits

NAMES = ('cat', 'a very long name', *'23456789')


def overlaps(one, other):
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


@pytest.mark.parametrize('spread', [0.0, 0.02, 1.0])
def test_names_never_cover_a_centre_or_one_another(spread):
    """Also where all centres are in one place or nearly so."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(10, 2)) * spread
    labels = np.arange(1000) % 10
    one = feature_map.FeatureMap(centers[labels] + rng.normal(size=(1000, 2)) * 0.1, labels, centers, '')
    axes, = feature_map.draw_maps([one], common_limits([one]), ('', ''), NAMES).axes
    axes.figure.canvas.draw()
    boxes = [text.get_bbox_patch().get_window_extent() for text in axes.texts]
    places = axes.transData.transform(centers)
    for number, box in enumerate(boxes):
        assert not any(box.x0 - 8 < x < box.x1 + 8 and box.y0 - 8 < y < box.y1 + 8 for x, y in places)
        assert not any(overlaps(box, other) for other in boxes[number + 1:])
        assert axes.bbox.x0 - 3 <= box.x0 and box.x1 <= axes.bbox.x1 + 3, 'and stay in the axes'


def test_a_name_keeps_clear_of_points_where_it_can():
    """All points lie to the right of the anchor, so the name stands to its left."""
    points = np.stack(np.meshgrid(np.linspace(400, 800, 50), np.linspace(0, 800, 50)), axis=-1).reshape(-1, 2)
    place, = label_places.places(np.array([[400.0, 400]]), np.array([[60.0, 30]]), np.zeros((0, 2)), 30, points, 800.0)
    assert place[0] < 380 and abs(place[1] - 400) < 100
