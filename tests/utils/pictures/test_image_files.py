"""PNG and GIF files, decoded: which colours are those that were drawn."""
import io
import tracemalloc
import weakref

import numpy as np
import pytest
from PIL import Image, ImageSequence

from utils.errors import UserError
from utils.pictures.class_looks import COLORS, WRONG, class_colors
from utils.pictures.feature_map import FeatureMap, draw_feature_map
from utils.pictures.image_files import gif_of, write_gif, write_palette_png
from utils.pictures.plane import common_limits


def drawn_and_decoded(path, classes, epochs):
    """[(a feature map as it was drawn, the same frame read from a GIF), ...], as (H, W, 3) integers."""
    rng = np.random.default_rng(0)
    images = []
    for epoch in range(1, epochs + 1):
        centers = rng.uniform(-5, 5, (classes, 2)) * epoch
        labels = np.repeat(np.arange(classes), 60)
        one = FeatureMap(centers[labels] + rng.normal(size=(len(labels), 2)), labels, centers, f'epoch {epoch}')
        images.append(draw_feature_map(one, common_limits([one]), ('', ''), [str(i) for i in range(classes)]))
    write_gif(str(path), images)
    with Image.open(path) as gif:
        frames = [np.asarray(frame.convert('RGB')) for frame in ImageSequence.Iterator(gif)]
    assert len(frames) == epochs
    return [(image.astype(int), frame.astype(int)) for image, frame in zip(images, frames)]


def is_grey(image):
    return (image == image[..., :1]).all(axis=2)


def test_in_a_gif_the_colours_of_classes_black_white_and_greys_are_those_that_were_drawn(tmp_path):
    """Pixel by pixel of the file, decoded; two classes with one colour would be a lie about both."""
    for drawn, decoded in drawn_and_decoded(tmp_path / 'a.gif', 10, epochs=3):
        for color in (bytes.fromhex(text[1:]) for text in (*COLORS, '#000000', '#ffffff')):
            place = (drawn == list(color)).all(axis=2)
            assert place.sum() > 5, f'nothing was drawn in {color.hex()}'
            assert (decoded[place] == list(color)).all(), color.hex()
        grey = is_grey(drawn)
        assert (decoded[grey] == drawn[grey]).all(), 'axes and letters'
        assert len(np.unique(drawn[grey])) > 10, 'letters have smooth rims'
        assert np.abs(decoded - drawn).mean() < 1.5, 'of 255, rims of points included'


def test_a_note_on_tinted_ground_has_its_ink_on_white_in_a_gif(tmp_path):
    """Over shaded regions and points, of which the palette has to have the colours too."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 200)
    corners = np.stack([np.cos(np.arange(10)), np.sin(np.arange(10)), np.zeros(10)], axis=1)
    images = []
    for epoch in range(1, 4):
        one = FeatureMap(rng.normal(size=(2000, 2)) * epoch, labels, None, 'title', note='collapsed: 3 of 45 pairs',
                         wrong=labels == 0, regions={'softmax': corners, 'knn': corners[::-1]}, rays=corners[:, :2])
        images.append(draw_feature_map(one, common_limits([one]), ('', ''), [str(i) for i in range(10)]))
    write_gif(str(tmp_path / 'a.gif'), images)
    ink = list(bytes.fromhex(WRONG[1:]))
    with Image.open(tmp_path / 'a.gif') as gif:
        for drawn, frame in zip(images, ImageSequence.Iterator(gif)):
            place, decoded = (drawn == ink).all(axis=2), np.asarray(frame.convert('RGB'))
            assert place.sum() > 500, 'letters and their frame'
            assert (decoded[place] == ink).all(), np.unique(decoded[place], axis=0)
            assert (decoded[(drawn == 255).all(axis=2)] == 255).all()


def test_a_hundred_classes_share_ten_exact_colours(tmp_path):
    for drawn, decoded in drawn_and_decoded(tmp_path / 'a.gif', 98, epochs=1):
        places = [(drawn == color).all(axis=2) for color in class_colors(10)]
        assert all(place.any() for place in places)
        for place in (*places, is_grey(drawn)):
            assert (decoded[place] == drawn[place]).all()


def test_up_to_256_colours_are_kept_exactly(tmp_path):
    rng = np.random.default_rng(0)
    colors = np.unique(rng.integers(0, 256, (256, 3)), axis=0).astype(np.uint8)
    image = np.concatenate([colors, colors[rng.integers(0, len(colors), 64 * 64 - len(colors))]]).reshape(64, 64, 3)
    write_palette_png(str(tmp_path / 'a.png'), image)
    with Image.open(tmp_path / 'a.png') as got:
        np.testing.assert_array_equal(np.asarray(got.convert('RGB')), image)


def blocks(count, side=96):
    """Images of few colours, of which a block moves; the third and the last are as the one before."""
    for number in range(count):
        place = number - (number == 2) - (number == count - 1)
        image = np.full((side, side, 3), 255, np.uint8)
        image[20:40, 5 * place:5 * place + 20] = class_colors(3)[place % 3]
        yield image


@pytest.mark.parametrize('count', [1, 2, 8])
def test_a_gif_shows_what_pillows_own_writer_makes_of_the_same_images(count):
    """Pillow's holds all frames in memory."""
    durations = [400] * (count - 1) + [2400]
    first, *others = map(Image.fromarray, blocks(count))
    content = io.BytesIO()
    first.save(content, 'GIF', save_all=True, append_images=others, loop=0,
               duration=durations if others else durations[0])
    seen = []
    for file in (content, io.BytesIO(gif_of(blocks(count)))):
        with Image.open(file) as gif:
            seen.append([(gif.info['loop'], frame.info['duration'], frame.convert('RGB').tobytes())
                         for frame in ImageSequence.Iterator(gif)])
    assert seen[0] == seen[1] and sum(duration for _, duration, _ in seen[1]) == sum(durations)


def test_of_a_long_gif_one_image_is_in_memory_at_a_time(tmp_path):
    """Images of noise, which nothing makes small."""
    alive, peaks, rng = [], [], np.random.default_rng(0)

    def drawn(count):
        made = []
        for _ in range(count):
            image = class_colors(10)[rng.integers(0, 10, (200, 200))]
            made.append(weakref.ref(image))
            alive.append(sum(one() is not None for one in made))
            yield image
    for count in (5, 50):
        tracemalloc.start()
        write_gif(str(tmp_path / 'a.gif'), drawn(count))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(alive) <= 2 and peaks[1] - peaks[0] < 45 * 200 * 200 / 20, 'not a tenth of what frames take in the file'


def test_a_gif_whose_images_end_in_a_mistake_is_not_written(tmp_path):
    def drawn():
        yield from blocks(3)
        raise UserError('no more')
    (tmp_path / 'a.gif').write_bytes(b'before')
    with pytest.raises(UserError, match='no more'):
        write_gif(str(tmp_path / 'a.gif'), drawn())
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [('a.gif', b'before')]
