"""What a training says on the terminal."""
import os

from ..evaluation import columns


def collapse_warning(pairs):
    names = ', '.join(f'{a} and {b}' for a, b in pairs[:5]) + (', ...' if len(pairs) > 5 else '')
    return (f'classes closer than their own spread for two epochs: {names}. If that lasts, lambda is too '
            'large, or centres follow too fast: try a smaller --lmbd or --alpha, or --lmbd_warmup')


def random_freeze_warning(freeze):
    what = ('the head learns from the features of random weights' if freeze == 'backbone' else
            'batch normalisation keeps the mean 0 and variance 1 that it starts with')
    return f'--freeze {freeze} without --pretrained: {what}'


def shrink_warning(distance):
    return (f'features of different classes point the same way (mean distance {distance:.4f} of 2): the '
            'triplets are too hard for the network. Try a smaller --lr, or triplet:miner=semi_hard')


def epoch_line(row, judge_name, images_per_second):
    """row: of history.csv. judge_name: of the split that judged it."""
    trained, judged = [], []
    for key, value in row.items():
        column = columns.find(key)
        if column.epoch_line and value is not None:
            (trained if column.group == 'training' else judged).append(f'{column.epoch_line} {value:.4f}')
    return (f'epoch {row["epoch"]:3d}: {", ".join(trained)}, {judge_name} {", ".join(judged)}; '
            f'{images_per_second:.0f} images/s')


def closing_lines(results, paths):
    """What a finished training came to, and where its files are."""
    selection = results['selection']
    figures = {key: value for group in ('test', 'retrieval', 'ring_score')
               for key, value in (results[group] or {}).items()}
    shown = ', '.join(f'{columns.find(key).last_line} {value:.4f}' for key, value in figures.items()
                      if columns.find(key).last_line and value is not None)
    names = ['results.json', 'history.csv']
    pictures = ['train.gif', f'{selection["on"]}.gif', *(f'{name}.{kind}' for name in ('curves', 'map')
                                                         for kind in ('png', 'svg', 'pdf')), 'report.html']
    # No GIF where all frames are lost, and curves of one kind.
    names += [name for name in pictures if results['plotting'] and os.path.exists(paths.output(name))]
    return '\n'.join([
        f'{paths.prefix}: best epoch {selection["epoch"]}, chosen on {selection["on"]}; '
        f'on the test set {shown}',
        'wrote', *('  ' + path for path in (paths.best, *(paths.output(name) for name in names)))])
