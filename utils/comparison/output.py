"""What a comparison writes of its finished runs: the table, differences, curves, grids and the report."""
from ..pictures.curves import write_comparison_curves
from ..pictures.grids import write_grids
from ..settings.inheritance import merged_versions
from ..storage import files
from . import differences, report, table, verdicts

_GIFS = ('train.gif', 'val.gif', 'test.gif')  # that a run may have


def write_comparison(comparison, command, rows, failed):
    """Write table.md, table.json, curves.png, grids where the runs have pictures, and report.html; returns the paths.

    rows: of `plan`. failed: of `Comparison.complete`.
    """
    results = {prefix: comparison.results(prefix) for row in rows for prefix in row.prefixes}
    done = {row.name: [prefix for prefix in row.prefixes if results[prefix]] for row in rows}
    summaries = [table.summarize(row.name, [
        table.figures(results[prefix], comparison.paths.run(prefix).history) for prefix in done[row.name]],
        len(row.prefixes)) for row in rows]
    paths = {name: comparison.paths.output(name) for name in (
        'table.md', 'table.json', 'curves.png', 'grid.png', 'grid.gif', 'report.html')}
    versions = merged_versions([result['versions'] for result in results.values() if result])
    for row, summary in zip(rows, summaries):
        summary['baseline'] = row.baseline
    parts = filter(None, [part.to_markdown(summaries) for part in (verdicts, table, differences)])
    files.write_bytes(paths['table.md'], '\n'.join(parts).encode())
    for summary, found in zip(summaries, differences.paired(summaries)):
        summary['difference'] = found
    files.write_json(paths['table.json'], {'command': command, 'versions': versions, 'rows': summaries,
                                           'failed': failed})
    write_comparison_curves(paths['curves.png'], {
        name: [results[prefix]['history'] for prefix in prefixes] for name, prefixes in done.items() if prefixes})
    firsts = [prefixes[0] for prefixes in done.values() if prefixes]
    grids = write_grids(paths['grid.png'], paths['grid.gif'], {
        comparison.paths.run(prefix).output(): results[prefix] for prefix in firsts if results[prefix]['plotting']})
    runs = [(name, [comparison.paths.run(prefix).output(gif) for prefix in prefixes[:1] for gif in _GIFS],
             [results[prefix]['command'] for prefix in prefixes]) for name, prefixes in done.items()]
    report.write_report(
        paths['report.html'], comparison.paths.prefix, summaries,
        [('All runs, last epoch: train and validation', paths['grid.png']), ('Through the epochs', paths['grid.gif']),
         ('Curves', paths['curves.png'])], runs, {'command': command, **versions}, failed)
    return [path for name, path in paths.items() if path in grids or not name.startswith('grid')]
