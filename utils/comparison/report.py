"""report.html: a comparison in one file that opens from disk; what it found comes first."""
import csv
import io
import json

from ..evaluation import columns
from ..storage import files
from . import differences, table, verdicts
from .marks import marks
from .page import bullets, commands, details, glossary, heading, link, page, paragraph, picture
from .page import table as sortable

_FIRST = 3  # columns of figures that are shown at first, beside the run and its seeds
_OWN = ('prefix', 'out_dir', 'ckpt_dir', 'seed', 'split_seed')  # settings of a run that no row is named after
_ABOUT = ('Accuracies and distances are those of the test set at the epoch that each run chose; mean ± standard '
          'deviation over seeds (over splits of the classes where there are several). best: the best mean. not worse: '
          'the 95 % interval of its paired difference from the best has zero in it. Click a heading to sort.')


def write_report(path, title, rows, forest, pictures, runs, configs, versions, failed):
    """Write the report of a comparison.

    rows: of `table.summarize`. forest: [path of the forest plot], or []. pictures: [(heading, path)] of images over the
    whole width. runs: [(name, [GIF paths], [commands])], one a row. configs: {run: its settings}. versions: a dict.
    failed: {run: message}. Pictures that do not exist are left out.
    """
    parts = [heading(title, 1), bullets(verdicts.verdicts(rows)),
             *(picture(path, differences.title(rows)) for path in forest), *_table(rows), _saved(title, rows),
             *_differences(rows), details("Every seed's figures", _seeds(rows)), *_settings(configs)]
    if failed:
        parts += [heading('Runs that failed'), bullets(f'{run}: {message}' for run, message in failed.items())]
    for words, image in ((words, picture(image, words)) for words, image in pictures):
        parts += [heading(words), image] if image else []
    parts.append(heading('Run by run'))
    for name, gifs, lines in runs:
        images = ''.join(picture(gif, name) for gif in gifs)
        parts += [heading(name, 3), f'<div class="runs">{images}</div>', commands(lines)]
    parts += [heading('What the columns say'), glossary(
        (column.heading, column.hint) for column in map(columns.find, table.shown_columns(rows)) if column.hint)]
    parts += [heading('Versions'), commands(f'{key} {value}' for key, value in versions.items())]
    files.write_bytes(path, page(title, parts).encode())


def _table(rows):
    """The table: few columns at first, those that rows are compared by before others."""
    keys = table.shown_columns(rows)
    first = ([key for key in columns.compared() if key in keys] + keys)[:_FIRST]
    numbers = {key: number for number, key in enumerate(keys, 2)}
    marked = {(line, numbers[key]): mark for (line, key), mark in marks(rows).items()}
    return [sortable('figures', _ABOUT, *table.cells(rows), {0, 1, *(numbers[key] for key in first)}, marked),
            paragraph(table.note(rows))]


def _differences(rows):
    compared = differences.cells(rows)
    if not compared:
        return []
    return [heading(differences.title(rows)), sortable('differences', differences.note(rows), *compared)]


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
    return sortable('seeds', 'Each run that finished', [
        *((text, '') for text in headings), *((column.heading, column.hint) for column in shown)], lines)


def _settings(configs):
    """The settings in which the runs differ, a line for each value."""
    keys = [key for key in dict.fromkeys(key for config in configs.values() for key in config) if key not in _OWN]
    lines = []
    for key in keys:
        values = {}
        for run, config in configs.items():
            values.setdefault(str(config.get(key, '-')), []).append(run)
        if len(values) > 1:
            lines += [[(key, key), (value, value), (None, ', '.join(runs))] for value, runs in values.items()]
    headings = [('setting', ''), ('value', ''), ('runs', '')]
    return [heading('Settings in which the runs differ'),
            sortable('settings', 'What each run was made with', headings, lines)] if lines else []


def _saved(title, rows):
    """Links that save the rows of the table."""
    keys, text = table.shown_columns(rows), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(['run', 'seeds', *(f'{key}_{part}' for key in keys for part in ('mean', 'std'))])
    writer.writerows([row['run'], row['seeds'], *(row[key][part] for key in keys for part in ('mean', 'std'))]
                     for row in rows)
    return (f'<p>Save the table: {link("CSV", f"{title}.csv", "text/csv", text.getvalue())}, '
            f'{link("JSON", f"{title}.json", "application/json", json.dumps(rows, indent=2))}</p>\n')
