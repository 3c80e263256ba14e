"""Photos a second, decoded, cropped at random and normalised for training: JPEGs of the size of CUB's, 500 x 375."""
import contextlib
import os
import tempfile

from . import Found
from .clock import once

_PHOTOS, _BATCH = 384, 16
_SIZE, _CROP = (500, 375), 224


def ours(workers):
    """By so many worker processes, or in this one; no photo is kept decoded."""
    from .mxnet_side import prepare, wait
    prepare()
    import mxnet as mx

    from utils.data.dataset import make_photo_split
    from utils.data.photos import list_photos
    from utils.loading.photo_batches import PhotoBatches
    from utils.loading.photo_reader import Reader, Shape
    with _photos() as folder, Reader(workers) as reader:
        split = make_photo_split([(path, 0) for path in list_photos(folder)])
        batches = PhotoBatches(split, _BATCH, [mx.cpu()], 0, reader, Shape(size=_CROP))
        return Found(_PHOTOS / once(lambda: list(batches.epoch(2)), lambda: list(batches.epoch(1)), wait))


def theirs(workers):
    """By torchvision's ImageFolder, RandomResizedCrop and a DataLoader."""
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms
    look = transforms.Compose([
        transforms.RandomResizedCrop(_CROP, (0.25, 1)), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])
    with _photos() as folder:
        loader = DataLoader(datasets.ImageFolder(folder, look), _BATCH, shuffle=True, num_workers=workers,
                            persistent_workers=workers > 0)
        return Found(_PHOTOS / once(lambda: list(loader), lambda: list(loader)))


@contextlib.contextmanager
def _photos():
    """A folder with one class of photos."""
    import numpy as np
    from PIL import Image
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, 'one'))
        for number in range(_PHOTOS):
            coarse = Image.fromarray(rng.integers(0, 256, (38, 50, 3), np.uint8))
            coarse.resize(_SIZE, Image.BICUBIC).save(os.path.join(folder, 'one', f'{number}.jpg'), quality=92)
        yield folder
