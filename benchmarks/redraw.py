"""Draw every picture under output/reference again, of what is committed there, without training."""
import json
import os

from benchmarks import kept


def redraw(folder):
    """Draw the pictures of the comparison in `folder` of its table and of what `kept.keep` wrote; returns their paths.

    forest.png of any table whose rows can be compared, curves.png where there are histories, grid.png and grid.gif
    where there are frames.
    """
    from utils.comparison import output, table
    from utils.pictures import curves, grids
    with open(os.path.join(folder, 'table.json'), encoding='utf-8') as file:
        rows = json.load(file)['rows']
    drawn = output.draw_differences(os.path.join(folder, 'forest.png'), rows)
    runs, frames = kept.kept_runs(folder), kept.kept_frames(folder)
    if runs:
        drawn.append(os.path.join(folder, 'curves.png'))
        histories = {name: run['histories'] for name, run in runs.items()}
        curves.write_comparison_curves(drawn[-1], histories, table.over(rows))
    if frames:
        names, meaning = output.named_by_loss({name: (runs[name]['config'], runs[name]['stage']) for name in frames})
        still, moving = os.path.join(folder, 'grid.png'), os.path.join(folder, 'grid.gif')
        grids.write_still(still, {names[name]: splits for name, splits in frames.items()}, caption=meaning)
        grids.write_moving(moving, {names[name]: {split: splits[split] for split in splits if split != 'train'}
                                    for name, splits in frames.items()}, caption=meaning)
        drawn += [still, moving]
    return drawn
