"""The feature maps of a comparison: runs one below the other."""
import os

import numpy as np
from PIL import Image

from ..errors import UserError
from ..storage.reading import open_regular
from ..terminal import warn
from . import image_files, palette
from .class_looks import KEPT
from .feature_map import PIXELS


def write_grids(png_path, gif_path, runs):
    """Tile the feature maps of runs: a row a run, train on the left; the last epoch as PNG, all of them as GIF.

    runs: {folder: its results.json}. A run with fewer epochs than the longest waits at its last. The GIF is drawn at
    half size. A run of which a picture is missing or damaged is left out with a warning. Returns the paths written:
    none where no run is left, so that what was drawn before stays.
    """
    rows = []
    for folder, results in runs.items():
        try:
            rows.append(_row(folder, results['selection']['on'], len(results['history'])))
        except UserError as error:
            warn(f'the grids lack {os.path.basename(folder)}: {error}')
    if not rows:
        return []
    image_files.write_palette_png(png_path, np.vstack([whole for whole, _ in rows]))
    image_files.write_gif(gif_path, [np.vstack([halves[min(epoch, len(halves) - 1)] for _, halves in rows])
                                     for epoch in range(max(len(halves) for _, halves in rows))])
    return [png_path, gif_path]


def _row(folder, judge_name, epochs):
    """(the last of `epochs`, [each of them at half size]): training images on the left, `judge_name` on the right."""
    halves = []
    for epoch in range(1, epochs + 1):
        whole = np.hstack([_frame(os.path.join(folder, 'frames', f'{name}-{epoch:03d}.png'))
                           for name in ('train', judge_name)])
        halves.append(palette.round_greys(_half_size(whole), KEPT))
    return whole, halves


def _frame(path):
    """A feature map as an array; raises UserError, one line, if it is not there or damaged."""
    try:
        with open_regular(path) as file, Image.open(file) as image:
            drawn = np.asarray(image.convert('RGB'))
    except FileNotFoundError as error:
        raise UserError(f'there is no {path}') from error
    except Exception as error:  # Pillow raises many kinds, SyntaxError and zlib.error among them
        raise UserError(f'{path} is damaged: {str(error).partition(chr(10))[0]}') from error
    if drawn.shape[:2] != (PIXELS, PIXELS):
        raise UserError(f'{path} is no feature map: its size is {drawn.shape[1]} x {drawn.shape[0]} pixels')
    return drawn


def _half_size(image):
    """The mean of each 2x2 pixels of an (H, W, 3) uint8 image with even sides."""
    height, width, _ = image.shape
    return image.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3)).astype(np.uint8)
