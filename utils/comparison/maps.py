"""The map of a comparison: a panel for each row, of its first run."""
from ..pages.map_data import names_of, read_panel


def of_runs(runs):
    """What `report.write_report` shows of `runs`, {name: (folder, its results.json)}; None where none has frames."""
    found = {name: read_panel(name, folder, results) for name, (folder, results) in runs.items() if results['plotting']}
    panels = [panel for panel in found.values() if panel]
    if not panels:
        return None
    from ..pages.map_figures import map_of  # and Bokeh
    results = next(runs[name][1] for name, panel in found.items() if panel)
    return map_of(panels, names_of(results, 1 + max(panel.largest for panel in panels)))
