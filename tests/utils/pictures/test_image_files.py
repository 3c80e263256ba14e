"""PNG and GIF files, decoded: which colours are those that were drawn."""
import numpy as np
from PIL import Image, ImageSequence

from utils.pictures.feature_map import FeatureMap, common_limits, draw_feature_map
from utils.pictures.image_files import write_gif, write_palette_png
from utils.pictures.palette import class_colors


def drawn_and_decoded(path, classes, epochs):
    """[(a feature map as it was drawn, the same frame read from a GIF), ...], as (H, W, 3) integers."""
    rng = np.random.default_rng(0)
    images = []
    for epoch in range(1, epochs + 1):
        centers = rng.uniform(-5, 5, (classes, 2)) * epoch
        labels = np.repeat(np.arange(classes), 60)
        one = FeatureMap(centers[labels] + rng.normal(size=(len(labels), 2)), labels, centers, f'epoch {epoch}')
        images.append(draw_feature_map(one, common_limits([one]), ('', ''), [str(i) for i in range(classes)]))
    write_gif(str(path), images, classes)
    with Image.open(path) as gif:
        frames = [np.asarray(frame.convert('RGB')) for frame in ImageSequence.Iterator(gif)]
    assert len(frames) == epochs
    return [(image.astype(int), frame.astype(int)) for image, frame in zip(images, frames)]


def is_grey(image):
    return (image == image[..., :1]).all(axis=2)


# The ten colours of Tableau, from Matplotlib's documentation.
TABLEAU = ('1f77b4', 'ff7f0e', '2ca02c', 'd62728', '9467bd', '8c564b', 'e377c2', '7f7f7f', 'bcbd22', '17becf')


def test_in_a_gif_the_colours_of_classes_black_white_and_greys_are_those_that_were_drawn(tmp_path):
    """Pixel by pixel of the file, decoded; two classes with one colour would be a lie about both."""
    for drawn, decoded in drawn_and_decoded(tmp_path / 'a.gif', 10, epochs=3):
        for color in (bytes.fromhex(text) for text in (*TABLEAU, '000000', 'ffffff')):
            place = (drawn == list(color)).all(axis=2)
            assert place.sum() > 5, f'nothing was drawn in {color.hex()}'
            assert (decoded[place] == list(color)).all(), color.hex()
        grey = is_grey(drawn)
        assert (decoded[grey] == drawn[grey]).all(), 'axes and letters'
        assert len(np.unique(drawn[grey])) > 10, 'letters have smooth rims'
        assert np.abs(decoded - drawn).mean() < 1.5, 'of 255, rims of points included'


def test_a_hundred_classes_have_exact_colours_too(tmp_path):
    for drawn, decoded in drawn_and_decoded(tmp_path / 'a.gif', 98, epochs=1):
        places = [(drawn == color).all(axis=2) for color in class_colors(98)]
        assert sum(place.any() for place in places) > 90, 'a few classes may lie under others'
        for place in (*places, is_grey(drawn)):
            assert (decoded[place] == drawn[place]).all()


def test_more_classes_than_a_palette_has_colours_share_them_in_order(tmp_path):
    colors = class_colors(1000)
    assert len(np.unique(colors, axis=0)) == 200 and (colors[:5] == colors[0]).all() and (colors[5] != colors[0]).any()
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3))  # more colours than a palette takes
    image = np.vstack([colors.reshape(25, 40, 3), noise]).astype(np.uint8)
    write_gif(str(tmp_path / 'a.gif'), [image], 1000)
    with Image.open(tmp_path / 'a.gif') as gif:
        np.testing.assert_array_equal(np.asarray(gif.convert('RGB'))[:25], image[:25])


def test_up_to_256_colours_are_kept_exactly(tmp_path):
    rng = np.random.default_rng(0)
    colors = np.unique(rng.integers(0, 256, (256, 3)), axis=0).astype(np.uint8)
    image = np.concatenate([colors, colors[rng.integers(0, len(colors), 64 * 64 - len(colors))]]).reshape(64, 64, 3)
    write_palette_png(str(tmp_path / 'a.png'), image, 10)
    with Image.open(tmp_path / 'a.png') as got:
        np.testing.assert_array_equal(np.asarray(got.convert('RGB')), image)
