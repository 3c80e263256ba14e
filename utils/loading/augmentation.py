"""Random changes to training images, drawn by numpy so that a resumed run draws the same."""
import numpy as np
from mxnet import nd


class RandomAffine:
    """Turn, shift, scale and shear every image of a batch at random; what comes in from outside is 0.

    rotation: degrees, to either side. shift: share of the width and of the height. scale: 0.1 is from 1/1.1 to 1.1, of
    width and height apart. shear: 0.1 leans by a tenth of the height.
    """

    def __init__(self, rotation=7.0, shift=0.054, scale=0.07, shear=0.07):
        self._rotation, self._shift, self._scale, self._shear = rotation, shift, scale, shear

    def __call__(self, images, rng):
        """images: (B, channels, H, W) NDArray. rng: a numpy Generator."""
        transforms = nd.array(self.draw(len(images), rng), ctx=images.context)
        grid = nd.GridGenerator(transforms, transform_type='affine', target_shape=images.shape[2:])
        return nd.BilinearSampler(images, grid)

    def draw(self, count, rng):
        """(count, 6) float32: the rows of 2x3 matrices from target to source, where images span -1 to 1."""
        angle = np.deg2rad(rng.uniform(-self._rotation, self._rotation, count))
        scale_x, scale_y = np.exp(rng.uniform(-1, 1, (2, count)) * np.log1p(self._scale))
        shear = rng.uniform(-self._shear, self._shear, count)
        shift_x, shift_y = 2 * self._shift * rng.uniform(-1, 1, (2, count))  # images are 2 wide
        cos, sin = np.cos(angle), np.sin(angle)
        matrices = [cos * scale_x, (shear - sin) * scale_x, shift_x, sin * scale_y, cos * scale_y, shift_y]
        return np.stack(matrices, axis=1).astype(np.float32)


_AUGMENTATIONS = {'none': None, 'affine': RandomAffine}


def get_augmentation(name):
    """A callable (images, rng) -> images, or None for 'none'."""
    cls = _AUGMENTATIONS[name]
    return None if cls is None else cls()
