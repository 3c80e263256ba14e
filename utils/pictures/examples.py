"""The images of a split as pictures show them."""
import numpy as np

from ..errors import UserError


def pixels_of(view, index):
    """(n, H, W, 3) uint8, some of the images that the outputs of a network are of, as it saw them.

    view: what the outputs were made of, a `Split` or `CenterCrops`. index: (n,) in the outputs, which lack broken
    photos. Raises UserError if a photo has broken since.
    """
    if not hasattr(view, 'reader'):
        return _as_rgb(view.images[index])
    whole = [path for path in view.photos.paths if path not in view.reader.broken]
    (pixels, positions), = view.reader.stream([[(whole[i], None) for i in index]], view.shape)
    if len(positions) < len(index):
        raise UserError('photos that were whole when they were tested can no longer be decoded')
    return pixels


def _as_rgb(images):
    """(n, channels, H, W) in [0, 1] as (n, H, W, 3) uint8; of images that are not in three colours, the first."""
    colors = images if images.shape[1] == 3 else images[:, :1].repeat(3, axis=1)
    return np.rint(np.clip(colors, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
