"""Frames of epochs that nobody trained for, and the page with their map."""
import numpy as np

from utils.data.dataset import Split
from utils.pages.map_data import Panel
from utils.pages.map_figures import map_of
from utils.pages.page import write_page
from utils.pictures.frame import Frame
from utils.pictures.thumbnails import find_thumbnails, write_thumbnails

NAMES = ('ant', 'bee <b>', 'cat')
COUNT = 45  # two rows of images


def frame(rng, size=2, **options):
    """A `Frame` of random numbers, with centres."""
    labels = np.arange(COUNT) % 3
    answers = [np.where(rng.random(COUNT) < 0.3, (labels + 1) % 3, labels) for _ in range(2)]
    made = Frame(rng.normal(size=(COUNT, size)).astype(np.float32) * 10, labels, rng.permutation(COUNT),
                 np.array([(answer == labels).mean() for answer in answers]), np.array([0, 3]), *answers,
                 rng.random(COUNT).astype(np.float32), rng.normal(size=(3, size)).astype(np.float32))
    return made._replace(**options)


def panels(folder, epochs=(3, 2)):
    """{name: `Panel`} of runs with so many epochs, of the same grey images: image i has the value 5 i."""
    values = np.repeat(np.arange(COUNT) * 5 / 255, 28 * 28).reshape(COUNT, 1, 28, 28)
    write_thumbnails(str(folder / 'val-images'), Split(values, np.arange(COUNT) % 3), np.arange(COUNT))
    rng = np.random.default_rng(0)
    return {name: Panel(name, 'val', {epoch: frame(rng) for epoch in range(1, count + 1)}, count, 2,
                        find_thumbnails(str(folder / 'val-images')))
            for name, count in zip(('long', 'short'), epochs)}


def write_map(path, made, names=NAMES):
    """A page of nothing but the map of `made`, a list of `Panel`."""
    write_page(path, 'run.html', title='made', sentences=[], figures=None, saved=[], map=map_of(made, names), judged=[],
               pictures=[], folded=[], commands=[], glossary=[], versions=[])
