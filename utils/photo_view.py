"""Photos as evaluation looks at them."""
from typing import NamedTuple

from .data.photos import PhotoSplit
from .photo_batches import fixed_photo_batches
from .photo_reader import Reader, Shape


class PhotoView(NamedTuple):
    """A `PhotoSplit` of which the middle of each photo is seen; `evaluation.extract` reads it as it reads a `Split`."""
    photos: PhotoSplit
    reader: Reader
    shape: Shape

    @property
    def labels(self):
        return self.photos.labels

    def take(self, index):
        return self._replace(photos=self.photos.take(index))

    def batches(self, batch_size, context):
        """Yield (images, indices) in order; broken photos are in none."""
        return fixed_photo_batches(self.photos.paths, batch_size, self.reader, self.shape, context)
