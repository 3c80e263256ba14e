"""report.html of one run: what it came to, its figures, its map, which classes it mistakes, and how it was made."""
import json
from typing import NamedTuple

import numpy as np

from ..evaluation import columns
from ..evaluation.confusion import Confusion
from ..evaluation.judging import MOST_LISTED, SHOWN_CLASSES
from ..pictures.class_looks import short_names
from ..pictures.frame import BY
from .page import Saved, Table, write_page

_GROUPS = ('test', 'retrieval', 'ring_score')  # of figures in results.json
_MATRIX = 12  # classes of which a confusion matrix can be read, and of which each has a line that all see
_PAIRS = 30  # of classes, the most confused, where there are more


class Judged(NamedTuple):
    """How right the answers to the test images are. method: a key of `BY`."""
    method: str
    confusion: Confusion


def write_run_page(path, title, sentences, results, map_shown, class_names, judged, pictures, commands, versions):
    """Write the page of a run.

    sentences: what a test said, after what the training came to. results: of its results.json, or None. map_shown: of
    `map_figures.map_of`, or None. judged: [Judged]. pictures: [Picture]; those that do not exist are left out.
    commands: that made it.
    """
    figures = _figures(results) if results else {}
    found = [(columns.find(key), value) for key, value in figures.items()]
    write_page(
        path, 'run.html', title=title, sentences=[*([sentence(results)] if results else []), *sentences],
        figures=_figure_table(found) if found else None,
        saved=[Saved('JSON', f'{title}.json', 'application/json', json.dumps(results, indent=2))] if results else [],
        map=map_shown, judged=[(f'Which classes are mistaken {BY[one.method]}', *_tables(one, short_names(class_names)))
                               for one in judged],
        pictures=pictures, folded=_folded(results) if results else [],
        commands=commands, versions=[f'{key} {value}' for key, value in versions.items()],
        glossary=[(column.heading, column.hint) for column, _ in found if column.title and column.hint])


def sentence(results):
    """What a training came to.

    >>> from utils.pages.run_page import sentence
    >>> sentence({'test': {'softmax': 0.981, 'knn': 0.97}, 'retrieval': None, 'ring_score': None, 'history': [{}] * 9,
    ...           'selection': {'epoch': 7, 'on': 'val', 'by': 'softmax'}})
    'On the test set 98.10 % by softmax, 97.00 % by knn; epoch 7 of 9, which val chose by softmax.'
    """
    selection = results['selection']
    shown = [(columns.find(key), value) for key, value in _figures(results).items()]
    words = ', '.join(f'{column.text(value)} {column.unit} {column.title}' for column, value in shown
                      if column.compared and column.unit == '%')
    by = columns.find(selection['by']).title.replace('by ', '')
    pairs = results['history'][selection['epoch'] - 1].get('collapsed_pairs')
    return (f'On the test set {words}; epoch {selection["epoch"]} of {len(results["history"])}, which '
            f'{selection["on"]} chose by {by}.' + (f' {pairs} pairs of classes lie on one another.' if pairs else ''))


def _figures(results):
    """{key: value} of what was measured of the test set."""
    return {key: value for group in _GROUPS for key, value in (results[group] or {}).items() if value is not None}


def _figure_table(found):
    """A line a figure. found: [(Column, value)]."""
    lines = [[(column.heading or column.key, column.heading or column.key.replace('_', ' ')),
              (value, column.text(value))] for column, value in found]
    return Table('figures', 'Of the test set, at the epoch that was chosen', [('figure', ''), ('value', '')], lines,
                 plain=True)


def _tables(judged, class_names):
    """(accuracy of each class, what it was taken for) as `Table`s, of classes that have images."""
    confusion = judged.confusion
    present, title = np.flatnonzero(confusion.images), 'Accuracy of each class of the test set'
    if len(present) > MOST_LISTED:
        present = np.unique(np.concatenate(confusion.ends(SHOWN_CLASSES)))
        title = f'Accuracy of classes of the test set, the {SHOWN_CLASSES} lowest and the {SHOWN_CLASSES} highest'
    accuracies = Table(
        f'accuracies-{judged.method}', title, [('class', ''), ('images', ''), ('right, %', '')],
        [[(class_names[label],) * 2, (int(confusion.images[label]), str(confusion.images[label])),
          (float(share), f'{100 * share:.1f}')] for label, share in zip(present, confusion.accuracies[present])],
        plain=True)
    return accuracies, _confusion(judged.method, confusion, present, class_names)


def _confusion(method, confusion, present, class_names):
    """A matrix of few classes, the most confused pairs of many."""
    if len(present) <= _MATRIX:
        names = [class_names[label] for label in present]
        lines = [[(name, name), *((int(count), str(count) if count else '·') for count in counts)]
                 for name, counts in zip(names, confusion.matrix(present))]
        return Table(f'confusion-{method}', 'Images; a row is a class, a column what it was taken for',
                     [('class', ''), *((name, '') for name in names)], lines, plain=True)
    lines = [[(class_names[label],) * 2, (class_names[said],) * 2, (count, str(count))]
             for label, said, count in confusion.mistakes(_PAIRS)]
    return Table(f'confusion-{method}', 'The pairs of classes that are most often mistaken',
                 [('class', ''), ('taken for', ''), ('images', '')], lines, plain=True)


def _folded(results):
    """[(summary, Table)] of what is there on request: every epoch, which is also behind the curves, and settings."""
    rows = results['history']
    keys = [key for key in rows[0] if not columns.find(key).key.startswith(('radius_', 'angle_'))
            and any(row.get(key) is not None for row in rows)]
    epochs = Table('epochs', 'Every epoch, on the split that chose; losses of training', [
        (columns.find(key).title or key.replace('_', ' '), columns.find(key).hint) for key in keys],
        [[(row.get(key), _written(row.get(key))) for key in keys] for row in rows])
    settings = Table('settings', 'What the run was made with', [('setting', ''), ('value', '')], [
        [(key, key), (str(value), str(value))] for key, value in results['config'].items()], plain=True)
    return [('Every epoch', epochs), ('Settings', settings)]


def _written(value):
    return '-' if value is None else str(value) if isinstance(value, int) else f'{value:.4g}'
