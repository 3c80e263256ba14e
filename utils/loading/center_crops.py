"""Photos as evaluation looks at them."""
from typing import NamedTuple

from ..data.dataset import PhotoSplit
from .photo_batches import fixed_photo_batches
from .photo_reader import Reader, Shape

_BATCH_SIZE = 32  # photos: 256 of 224 pixels take more memory than training in small batches does


class CenterCrops(NamedTuple):
    """A `PhotoSplit` of which the middle of each photo is seen; `outputs.extract` reads it as it reads a `Split`."""
    photos: PhotoSplit
    reader: Reader
    shape: Shape

    @property
    def labels(self):
        return self.photos.labels

    def take(self, index):
        return self._replace(photos=self.photos.take(index))

    def batches(self, context):
        """Yield (images, indices) in order, at most 32 at once; broken photos are in none."""
        return fixed_photo_batches(self.photos.paths, _BATCH_SIZE, self.reader, self.shape, context)
