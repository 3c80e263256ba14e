"""Datasets of photos in MXNet's RecordIO files, with or without their lists."""
import os

from ..errors import UserError
from .dataset import Dataset, make_photo_split
from .photos import list_entries, shown
from .records import scan
from .splits import split_entries


def load_recordio(data_dir=None, offline=False):
    """Photos in train.rec and test.rec, or in the only .rec of `data_dir`, of which every class gives a fifth to test.

    A NAME.lst beside NAME.rec (tab-separated: number, label, path) says which records count, and the folders in its
    paths name the classes, if no two share a name. Else, and without a list, where all records count, a class is called
    by its number. No .idx is needed. See `utils.data.load_dataset`; raises UserError, naming file and line or byte, for
    files that are damaged or do not fit.
    """
    if data_dir is None:
        raise UserError('--dataset recordio needs the folder of its .rec files: --data_dir')
    files = sorted(entry.name for entry in list_entries(data_dir) if entry.name.endswith('.rec'))
    if not {'train.rec', 'test.rec'} <= set(files) and len(files) != 1:
        raise UserError(f'--data_dir expected train.rec and test.rec, or one .rec, in {data_dir}; '
                        f'got {", ".join(files) or "none"}')
    files = files if len(files) == 1 else ['train.rec', 'test.rec']
    parts, names = [], {}
    for file_name in files:
        parts.append(_entries(os.path.join(data_dir, file_name), names))
    if len(set(names.values())) < len(names):
        names = {label: str(label) for label in names}
    order = {label: number for number, label in enumerate(sorted(names))}
    parts = [[(photo, order[label]) for photo, label in part] for part in parts]
    train, test = parts if len(parts) == 2 else split_entries(parts[0])
    return Dataset(make_photo_split(train), make_photo_split(test), tuple(names[label] for label in sorted(names)))


def _entries(path, names):
    """[(photo, label), ...] of the .rec `path`; adds to `names` {label: name} of its classes."""
    try:
        found = scan(path)
    except OSError as error:
        raise UserError(f'cannot read {path}: {error.strerror}') from error
    if not found:
        raise UserError(f'{path} has no records')
    listing = os.path.splitext(path)[0] + '.lst'
    if not os.path.isfile(listing):
        for record in found:
            names.setdefault(record.label, str(record.label))
        return [(f'{path}#{record.offset}', record.label) for record in found]
    records, entries, lines = {}, [], {}
    for record in found:
        first = records.setdefault(record.number, record)
        if first != record:
            raise UserError(f'{path}: the records at bytes {first.offset} and {record.offset} are both number '
                            f'{record.number}, and {listing} cannot tell which it means')
    for where, number, label, image in _listed(listing):
        if number not in records:
            raise UserError(f'{where}: {path} has no record {number}')
        if lines.setdefault(number, where) != where:
            raise UserError(f'{where}: record {number} was there before, in {lines[number]}')
        record = records[number]
        if record.label != label:
            raise UserError(f'{where}: expected label {record.label}, as record {number} of {path} has it, got {label}')
        names.setdefault(label, shown(os.path.basename(os.path.dirname(image))) or str(label))
        entries.append((f'{path}#{record.offset}', label))
    return entries


def _listed(listing):
    """Yield (where, number, label, image) of each line of a .lst file."""
    with open(listing, encoding='utf-8', errors='surrogateescape') as file:
        for line_number, line in enumerate(file, 1):
            where, cells = f'{listing}, line {line_number}', line.rstrip('\r\n').split('\t')
            try:
                number, label, image = int(cells[0]), float(cells[1]), cells[-1]
                whole = len(cells) == 3 and label.is_integer() and '\0' not in line
            except (ValueError, IndexError):
                whole = False
            if not whole:
                raise UserError(f'{where}: expected number, whole label and path between tabs, got {line!r}')
            yield where, number, int(label), image
