"""What a finished run has left, read back: results.json and history.csv, either of which may be damaged."""
import csv

from ..errors import UserError
from .reading import first_line, open_regular, parse_object

_TYPES = {'command': str, 'plotting': bool, 'config': dict, 'versions': dict, 'test': dict, 'selection': dict,
          'history': list}
_LARGEST = 1e300  # beyond any figure; JSON's numbers know no end


def read_results(path, figures=()):
    """The results.json at `path` as a dict, None if there is none.

    figures: what `test` must have, None where there is nothing to say. Raises UserError, one line, if it is damaged.
    """
    try:
        with open_regular(path) as file:
            results = parse_object(file.read())
        _check(results, figures)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f'cannot read {path}: {error.strerror}') from error
    except ValueError as error:
        raise UserError(f'{path} is damaged or made by another version of this program: {first_line(error)}; remove '
                        'it, and the run is made again') from error
    return results


def read_history(path, epoch):
    """The rows of the history.csv at `path`, {column: text}, at least `epoch` of them.

    Each has a number of seconds, and a number or nothing of centers_left and of collapsed_pairs. Raises UserError, one
    line, if not.
    """
    try:
        with open_regular(path) as file:
            rows = list(csv.DictReader(file.read().decode().splitlines()))
        if len(rows) < epoch:
            raise ValueError(f'expected {epoch} epochs, got {len(rows)}')
        for row in rows:
            for text in (row.get('seconds') or 'none', *(row.get(key) or '0' for key in (
                    'centers_left', 'collapsed_pairs'))):
                if not abs(float(text)) < _LARGEST:
                    raise ValueError(f'expected numbers, got {text!r}')
    except OSError as error:
        raise UserError(f'cannot read {path}: {error.strerror}') from error
    except (ValueError, csv.Error) as error:
        raise UserError(f'{path} is damaged: {first_line(error)}; remove the results.json beside it, and the run is '
                        'made again') from error
    return rows


def _check(results, figures):
    """Raise ValueError unless `results` has all that a comparison reads, and in the types that a run writes."""
    for key, kind in _TYPES.items():
        if type(results.get(key)) is not kind:
            raise ValueError(f'expected {key} to be a {kind.__name__}, got {type(results.get(key)).__name__}')
    test, selection, history = results['test'], results['selection'], results['history']
    lacking = [key for key in figures if key not in test]
    if lacking:
        raise ValueError(f'expected a figure {lacking[0]} of the test set, got none')
    for where in (test, *history, results.get('retrieval') or {}, results.get('ring_score') or {}):
        if type(where) is not dict or not all(value is None or _is_number(value) for value in where.values()):
            raise ValueError('expected figures by name, got something else')
    epoch, by, seed = selection.get('epoch'), selection.get('by'), results['config'].get('seed')
    value = selection.get(by) if type(by) is str else None
    if type(epoch) is not int or not 1 <= epoch <= len(history) or not _is_number(value) or type(seed) is not int:
        raise ValueError(f'expected an epoch from 1 to {len(history)}, the figure that chose it and a seed, got '
                         f'{epoch!r}, {value!r} and {seed!r}')
    if not all(text is None or type(text) is str for text in results['versions'].values()):
        raise ValueError('expected versions as text')


def _is_number(value):
    return type(value) in (int, float) and abs(value) < _LARGEST
