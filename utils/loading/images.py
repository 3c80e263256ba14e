"""Images as networks get them: photos are decoded and cropped to a network's taste, arrays are there already."""
import functools

from ..data.dataset import PhotoSplit
from .augmentation import get_augmentation
from .batches import Batches
from .center_crops import CenterCrops
from .photo_batches import PhotoBatches
from .photo_reader import Reader, Shape

_CACHE_BYTES = 2 << 30  # of decoded photos kept in memory
_RESIZE = 256 / 224  # the shorter side of a photo before its middle is cut out, over the side of the cut


class Images:
    """Views and mini-batches of splits. Use it in a `with`.

    contexts: the devices that share a batch. workers, strict, max_pixels: of the one `Reader`, which is there from the
    first photo on. `side` and `normalization`, the mean and standard deviation per channel, say what becomes of photos.
    """

    def __init__(self, contexts, workers, strict, max_pixels):
        self.contexts = contexts
        self._open = functools.partial(Reader, workers, _CACHE_BYTES, strict, max_pixels)
        self._reader = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._reader:
            self._reader.__exit__(*error)

    def in_order(self, split, side, normalization):
        """What evaluation reads: a `CenterCrops` of a `PhotoSplit`; any other split as it is."""
        if not isinstance(split, PhotoSplit):
            return split
        return CenterCrops(split, self._one_reader(), _shape(side, normalization))

    def whole(self, photos):
        """A `PhotoSplit` without the photos that the reader has found broken so far."""
        broken = self._one_reader().broken
        return photos.take([i for i, path in enumerate(photos.paths) if path not in broken])

    def batches(self, train, side, normalization, batch_size, seed, augment, sampler, group):
        """The mini-batches of the split `train` that `fit` goes through. sampler: see `samplers`. group: a `Group`."""
        common = train, batch_size, self.contexts, seed
        if isinstance(train, PhotoSplit):
            return PhotoBatches(*common, self._one_reader(), _shape(side, normalization), sampler, group.part,
                                group.all_of)
        return Batches(*common, get_augmentation(augment), sampler, group.part)

    def _one_reader(self):
        self._reader = self._reader or self._open()
        return self._reader


def _shape(side, normalization):
    mean, std = normalization
    return Shape(side, round(side * _RESIZE), mean=mean, std=std)
