"""What a comparison writes of its finished runs: the table, differences, curves, grids and the report."""
from ..pictures.curves import write_comparison_curves
from ..pictures.forest import Difference, write_forest
from ..pictures.grids import read_runs, write_grids
from ..pictures.sweeps import write_sweep
from ..settings.inheritance import merged_versions
from ..settings.symbols import loss_in_symbols, meanings
from ..storage import files
from . import differences, maps, report, table, verdicts
from .sweeps import swept

_GIFS = ('train.gif', 'val.gif', 'test.gif')  # that a run may have


def write_comparison(comparison, command, rows, failed, picture_format='png'):
    """Write table.md, table.json, forest.png where rows can be compared, sweep.png where a flag has several numbers,
    curves.png, grids and report.html.

    Returns the paths written, grids where the runs have pictures.

    rows: of `plan`. failed: of `Comparison.complete`. picture_format: of curves, forest plot, grid and sweep, beside
    the PNG that the report has.
    """
    results = {prefix: comparison.results(prefix) for row in rows for prefix in row.prefixes}
    done = {row.name: [prefix for prefix in row.prefixes if results[prefix]] for row in rows}
    summaries = [table.summarize(row.name, [
        table.figures(results[prefix], comparison.paths.run(prefix).history) for prefix in done[row.name]],
        len(row.prefixes)) for row in rows]
    paths = {name: comparison.paths.output(name) for name in (
        'table.md', 'table.json', 'forest.png', 'curves.png', 'grid.png', 'grid.gif', 'report.html')}
    versions = merged_versions([result['versions'] for result in results.values() if result])
    for row, summary in zip(rows, summaries):
        summary['baseline'] = row.baseline
    parts = filter(None, [part.to_markdown(summaries) for part in (verdicts, table, differences)])
    files.write_bytes(paths['table.md'], '\n'.join(parts).encode())
    for summary, found in zip(summaries, differences.paired(summaries)):
        summary['difference'] = found
    files.write_json(paths['table.json'], {'command': command, 'versions': versions, 'rows': summaries,
                                           'failed': failed})
    forest, histories = [], {
        name: [results[prefix]['history'] for prefix in prefixes] for name, prefixes in done.items() if prefixes}
    kinds = dict.fromkeys(('png', picture_format))
    for kind in kinds:
        for name in ('forest', 'curves', 'grid', 'sweep'):
            paths[f'{name}.{kind}'] = comparison.paths.output(f'{name}.{kind}')
        forest += draw_differences(paths[f'forest.{kind}'], summaries)
        write_comparison_curves(paths[f'curves.{kind}'], histories, table.over(summaries))
    shown = {name: (comparison.paths.run(prefixes[0]).output(), results[prefixes[0]])
             for name, prefixes in done.items() if prefixes}
    grids = _write_grids(paths, kinds, shown, swept(rows, summaries))
    runs = [(name, [comparison.paths.run(prefix).output(gif) for prefix in prefixes[:1] for gif in _GIFS],
             [results[prefix]['command'] for prefix in prefixes]) for name, prefixes in done.items()]
    report.write_report(
        paths['report.html'], comparison.paths.prefix, summaries, [path for path in forest if path.endswith('.png')],
        [('All runs, last epoch: training images and others', paths['grid.png']),
         ('Through the epochs', paths['grid.gif']), ('Curves', paths['curves.png']),
         ('Over the values of a flag', paths['sweep.png'])], runs,
        {name: one['config'] for name, (_, one) in shown.items()},
        {'command': command, **versions}, failed, histories, maps.of_runs(shown))
    return [path for name, path in paths.items()
            if path in [*grids, *forest] or not name.startswith(('grid', 'forest', 'sweep'))]


def draw_differences(path, rows):
    """Draw the forest plot of the rows of a table; returns [path], or [] where there is nothing to draw."""
    return write_forest(path, differences.title(rows), *_differences(rows))


def named_by_loss(runs):
    """({name: the same with its loss in symbols below}, what the symbols mean) of {name: (config, stage)}."""
    losses = {name: loss_in_symbols(*made) for name, made in runs.items()}
    return {name: f'{name}\n{loss}' for name, loss in losses.items()}, meanings(losses.values())


def _write_grids(paths, kinds, runs, sweep):
    """Draw the grids of those of `runs`, {name: (folder, results)}, that have pictures, and a `Sweep` or None.

    Returns the paths of what was drawn.
    """
    names, meaning = named_by_loss({name: (results['config'], results['stage'])
                                    for name, (_, results) in runs.items() if results['plotting']})
    drawable = *read_runs({names[name]: runs[name] for name in names}), meaning
    drawn = write_grids([paths[f'grid.{kind}'] for kind in kinds], paths['grid.gif'], *drawable)
    for kind in kinds if sweep else ():
        write_sweep(paths[f'sweep.{kind}'], sweep, *drawable)
        drawn.append(paths[f'sweep.{kind}'])
    return drawn


def _differences(rows):
    """What `write_forest` draws of the rows of a table: (names, {figure: {index of a name: Difference}}, over)."""
    others, panels = differences.baselines(rows), {}
    found = [(row, other, pairs) for row, other, pairs in zip(
        rows, others, differences.paired(rows, verdicts.FIGURES)) if pairs]
    for figure in verdicts.FIGURES:
        drawn = {index: Difference(*(pairs[figure][key] for key in ('mean', 'low', 'high')),
                                   differences.by_seed(row, other, figure))
                 for index, (row, other, pairs) in enumerate(found) if figure in pairs}
        panels.update({figure: drawn} if drawn else {})
    same = len({other['run'] for other in others if other}) == 1
    names = [row['run'] if same else f'{row["run"]} minus {other["run"]}' for row, other, _ in found]
    return names, panels, differences.over([one for _, _, pairs in found for one in pairs.values()])
