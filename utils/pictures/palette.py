"""Colours: of pictures in few, which are kept exactly, and which stand in for the others."""
import numpy as np
from PIL import Image

from ..evaluation.metrics import nearest_center

_GREY_STEP = 17  # of 16 greys from black to white
PALEST = 0.82  # of tints
_TINTS = (0.25, 0.5, PALEST)  # from a colour to white: most other pixels are rims of points on paper, or regions


def tint(colors, share=PALEST):
    """Colours (K, 3) uint8, mixed with so large a share of white."""
    return np.rint(colors + (255.0 - colors) * share).astype(np.uint8)


def round_greys(image, kept):
    """An (H, W, 3) uint8 image whose greys are of the 16 that `choose` keeps, or of `kept` (K, 3)."""
    levels = np.arange(256)
    others = np.setdiff1d(levels, kept[_is_grey(kept)])
    levels[others] = (others + _GREY_STEP // 2) // _GREY_STEP * _GREY_STEP
    return np.where(_is_grey(image)[..., np.newaxis], levels.astype(np.uint8)[image], image)


def choose(colors, sample, kept, size):
    """At most `size` colours, itself at most 256, that stand for all of `colors`, both packed.

    sample: packed, of the colours as often as they come in some of the images. kept: (K, 3) uint8, colours that stay
    exactly as they are, as do 16 greys from black to white; both must fit. All other colours become the nearest of
    these, of tints of `kept` if all fit, and of what is left of `size` in colours that suit `sample`. No more than
    `size` colours stay as they are.
    """
    if len(colors) <= size:
        return colors
    greys = np.repeat(np.arange(0, 256, _GREY_STEP, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
    tints = [tint(kept, share) for share in _TINTS]
    palette, tinted = (np.unique(pack(np.vstack(parts))) for parts in ([greys, kept], [greys, kept, *tints]))
    if len(tinted) <= size:
        palette = tinted
    return np.union1d(palette, _blends(sample[~np.isin(sample, palette, kind='table')],
                                       size - len(palette)))


def indexed(packed, palette):
    """A packed image (H, W) as a Pillow image of a packed palette; of a grey, the nearest grey stands for it."""
    colors = np.unique(packed)
    nearest = np.empty(1 << 24, np.uint8)  # by colour, which is quicker than sorting pixels
    nearest[colors] = _nearest(_unpack(colors), _unpack(palette))
    image = Image.fromarray(nearest[packed])
    image.putpalette(_unpack(palette).tobytes())
    return image


def _blends(sample, count):
    """At most `count` colours that suit the packed `sample` (N,), greys apart."""
    colors = _unpack(sample)
    colors = colors[~_is_grey(colors)]
    if not count or not len(colors):
        return np.zeros(0, np.uint32)
    few = Image.fromarray(colors[np.newaxis]).quantize(count, method=Image.Quantize.FASTOCTREE)
    return pack(np.array(few.getpalette()[:3 * count], np.uint8).reshape(-1, 3))


def _nearest(colors, palette):
    """(N,) uint8 index in `palette` (P, 3) of the colour nearest to each of `colors` (N, 3); of a grey, a grey."""
    nearest = nearest_center(colors.astype(float), palette.astype(float))
    grey, greys = _is_grey(colors), np.flatnonzero(_is_grey(palette))
    if grey.any():
        nearest[grey] = greys[nearest_center(colors[grey].astype(float), palette[greys].astype(float))]
    return nearest.astype(np.uint8)


def _is_grey(colors):
    return (colors[..., 0] == colors[..., 1]) & (colors[..., 1] == colors[..., 2])


def pack(colors):
    """(..., 3) uint8 as (...) integers."""
    red, green, blue = np.moveaxis(colors.astype(np.uint32), -1, 0)
    return red << 16 | green << 8 | blue


def _unpack(packed):
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1).astype(np.uint8)
