"""report.html: a comparison in one file that opens from disk; what it found comes first."""
import csv
import io
import json
import os

from ..evaluation import columns
from ..pages.page import Picture, Saved, Table, write_page
from . import differences, table, verdicts
from .marks import marks

_FIRST = 3  # columns of figures that are shown at first, beside the run and its seeds
_OWN = ('prefix', 'out_dir', 'ckpt_dir', 'seed', 'split_seed')  # settings of a run that no row is named after
_ABOUT = ('Accuracies and distances are those of the test set at the epoch that each run chose; mean ± standard '
          'deviation over seeds (over splits of the classes where there are several). best: the best mean. not worse: '
          'the 95 % interval of its paired difference from the best has zero in it. Click a heading to sort.')


def write_report(path, title, rows, forest, pictures, runs, configs, versions, failed, histories=None,
                 map_shown=None):
    """Write the report of a comparison.

    rows: of `table.summarize`. forest: [path of the forest plot], or []. pictures: [(heading, path)] of images over the
    whole width. runs: [(name, [GIF paths], [commands])], one a row. configs: {run: its settings}. versions: a dict.
    failed: {run: message}. histories: {run: [history of a seed, ...]}, what curves are of. map_shown: of
    `map_figures.map_of`, or None. Pictures that do not exist are left out, and beside a map those that move: it shows
    the same in a tenth of the bytes.
    """
    write_page(
        path, 'comparison.html', title=title, sentences=verdicts.verdicts(rows), map=map_shown,
        forest=[Picture(image, differences.title(rows), look='chart') for image in forest], figures=_figures(rows),
        note=table.note(rows), saved=_saved(title, rows), differences_title=differences.title(rows),
        differences=_differences(rows), seeds=_seeds(rows), epochs=_epochs(histories or {}, table.over(rows)),
        settings=_settings(configs), failed=[f'{run}: {message}' for run, message in failed.items()],
        pictures=[Picture(image, words, '' if os.path.basename(image).startswith('grid') else 'chart long')
                  for words, image in pictures if not (map_shown and image.endswith('.gif'))],
        runs=[(name, [] if map_shown else [Picture(gif, name) for gif in gifs], lines)
              for name, gifs, lines in runs],
        glossary=[(column.heading, column.hint) for column in map(columns.find, table.shown_columns(rows))
                  if column.hint],
        versions=[f'{key} {value}' for key, value in versions.items()])


def _figures(rows):
    """The table: few columns at first, those that rows are compared by before others."""
    keys = table.shown_columns(rows)
    first = ([key for key in columns.compared() if key in keys] + keys)[:_FIRST]
    numbers = {key: number for number, key in enumerate(keys, 2)}
    marked = {(line, numbers[key]): mark for (line, key), mark in marks(rows).items()}
    return Table('figures', _ABOUT, *table.cells(rows), {0, 1, *(numbers[key] for key in first)}, marked)


def _differences(rows):
    compared = differences.cells(rows)
    return Table('differences', differences.note(rows), *compared) if compared else None


def _seeds(rows):
    """A line for every run that finished; '-' where it, or another of its row, lacks a figure."""
    shown = [columns.find(key) for key in table.shown_columns(rows)]
    split = any('splits' in row for row in rows)
    lines = []
    for row in rows:
        for number, seed in enumerate(row['finished']):
            values = [row[column.key]['values'] for column in shown]
            found = [value[number] if len(value) == row['seeds'] else None for value in values]
            of_split = [row['splits'][number] if 'splits' in row else None] if split else []
            lines.append([(row['run'], row['run']), *((one, '-' if one is None else str(one)) for one in of_split),
                          (seed, str(seed)), *((value, '-' if value is None else column.text(value))
                                               for column, value in zip(shown, found))])
    headings = ['run', *(['split'] if split else []), 'seed']
    return Table('seeds', 'Each run that finished', [
        *((text, '') for text in headings), *((column.heading, column.hint) for column in shown)], lines)


def _epochs(histories, over):
    """What the curves show: the mean of the runs at each epoch, as far as all of them have come; None without."""
    shown = [column for column in columns.COLUMNS if column.panel == 'accuracies' and column.group != 'training'
             and any(row.get(column.key) is not None for runs in histories.values() for run in runs for row in run)]
    lines = []
    for name, runs in histories.items():
        for number, rows in enumerate(zip(*runs), 1):
            values = [[row.get(column.key) for row in rows] for column in shown]
            means = [None if None in value else sum(value) / len(value) for value in values]
            lines.append([(name, name), (number, str(number)), *(
                (mean, '-' if mean is None else column.text(mean)) for column, mean in zip(shown, means))])
    return Table('epochs', f'What chooses the epoch, mean over {over}', [('run', ''), ('epoch', ''), *(
        (column.heading, column.hint) for column in shown)], lines, plain=True) if lines else None


def _settings(configs):
    """The settings in which the runs differ, a line for each value; None where there are none."""
    keys = [key for key in dict.fromkeys(key for config in configs.values() for key in config) if key not in _OWN]
    lines = []
    for key in keys:
        values = {}
        for run, config in configs.items():
            values.setdefault(str(config.get(key, '-')), []).append(run)
        if len(values) > 1:
            lines += [[(key, key), (value, value), (None, ', '.join(runs))] for value, runs in values.items()]
    headings = [('setting', ''), ('value', ''), ('runs', '')]
    return Table('settings', 'What each run was made with', headings, lines) if lines else None


def _saved(title, rows):
    """Links that save the rows of the table."""
    keys, text = table.shown_columns(rows), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(['run', 'seeds', *(f'{key}_{part}' for key in keys for part in ('mean', 'std'))])
    writer.writerows([row['run'], row['seeds'], *(row[key][part] for key in keys for part in ('mean', 'std'))]
                     for row in rows)
    return [Saved('CSV', f'{title}.csv', 'text/csv', text.getvalue()),
            Saved('JSON', f'{title}.json', 'application/json', json.dumps(rows, indent=2))]
