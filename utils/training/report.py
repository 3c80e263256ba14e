"""What a finished run reports: results.json, and the lines that say what it came to."""
from ..evaluation import columns
from ..evaluation.judging import MOST_LISTED
from ..storage import files
from .wording import closing_lines


def report(store, selection, evaluator, history, write_page=None):
    """Write results.json, last of all files, as it says that the others are there; and print what it says.

    store: a `Store`. selection: of `Selection.report`. evaluator: an `Evaluator` of the test set at the chosen epoch.
    history: the rows of the epochs. write_page(results, evaluator): writes the page of the run, or None.
    """
    results = {
        **{key: value for key, value in store.meta.items() if key != 'class_names' or len(value) <= MOST_LISTED},
        'selection': selection,
        'test': columns.measure_run(evaluator, 'test'),
        'retrieval': columns.measure_run(evaluator, 'retrieval') if 'retrieval' in evaluator.judged_by else None,
        'ring_score': columns.measure_run(evaluator, 'ring_score') if evaluator.features.shape[1] == 2 else None,
        # Seconds differ from run to run and stay in history.csv: the same run writes the same results.json.
        'history': [{key: value for key, value in row.items() if key != 'seconds'} for row in history],
    }
    if write_page:
        write_page(results, evaluator)
    files.write_json(store.paths.results, results)
    print(closing_lines(results, store.paths))
