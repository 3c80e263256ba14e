"""Images as networks get them: photos are decoded and cropped to a network's taste, arrays are there already."""
import functools

from ..data.dataset import PhotoSplit
from .augmentation import get_augmentation
from .batches import Batches
from .outputs import extract
from .photo_batches import PhotoBatches
from .photo_reader import Reader, Shape
from .photo_view import PhotoView
from .sampling import get_sampler

_CACHE_BYTES = 2 << 30  # of decoded photos kept in memory
_RESIZE = 256 / 224  # the shorter side of a photo before its middle is cut out, over the side of the cut


class Images:
    """Views and mini-batches of splits, as the config of a run asks for them. Use it in a `with`.

    normalization(name): mean and standard deviation per channel that the network `name` expects. contexts: the devices
    that share a batch. workers, strict, max_pixels: of the one `Reader`, which is there from the first photo on.
    """

    def __init__(self, normalization, contexts, workers, strict, max_pixels):
        self.contexts = contexts
        self._normalization = normalization
        self._open = functools.partial(Reader, workers, _CACHE_BYTES, strict, max_pixels)
        self._reader = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._reader:
            self._reader.__exit__(*error)

    def view(self, config, split):
        """What evaluation reads: a `PhotoView` of a `PhotoSplit`; any other split as it is."""
        return PhotoView(split, self._one_reader(), self._shape(config)) if isinstance(split, PhotoSplit) else split

    def batches(self, config, net, learn, mine):
        """The mini-batches of the split `learn` that `fit` goes through.

        mine: of --sampler offline_triplets, see `OfflineTriplets`, in the features that `net` gives now.
        """
        sampler = get_sampler(config, lambda: extract(net, self.view(config, learn),
                                                                 self.contexts[0]).features, mine,
                              len(self.contexts))
        common = (learn, config['batch_size'], self.contexts, config['seed'])
        if isinstance(learn, PhotoSplit):
            return PhotoBatches(*common, self._one_reader(), self._shape(config), sampler)
        return Batches(*common, get_augmentation(config['augment']), sampler)

    def _one_reader(self):
        self._reader = self._reader or self._open()
        return self._reader

    def _shape(self, config):
        mean, std = self._normalization(config['network'])
        return Shape(config['image_size'], round(config['image_size'] * _RESIZE), mean=mean, std=std)
