"""What a training says on the terminal."""
import os


def collapse_warning(pairs):
    names = ', '.join(f'{a} and {b}' for a, b in pairs[:5]) + (', ...' if len(pairs) > 5 else '')
    return (f'warning: classes closer than their own spread for two epochs: {names}. If that lasts, lambda is too '
            'large, or centres follow too fast: try a smaller --lmbd or --alpha, or --lmbd_warmup')


def random_freeze_warning(freeze):
    what = ('the head learns from the features of random weights' if freeze == 'backbone' else
            'batch normalisation keeps the mean 0 and variance 1 that it starts with')
    return f'warning: --freeze {freeze} without --pretrained: {what}'


def shrink_warning(distance):
    return (f'warning: features of different classes point the same way (mean distance {distance:.4f} of 2): the '
            'triplets are too hard for the network. Try a smaller --lr, or triplet:miner=semi_hard')


def epoch_line(row, judge_name, images_per_second):
    trained = ', '.join(f'{key[:-len("_loss")]} loss {value:.4f}' for key, value in row.items()
                        if key.endswith('_loss') and value is not None)
    if row['train_accuracy'] is not None:
        trained += f', training accuracy {row["train_accuracy"]:.4f}'
    shown = {'accuracy': row['softmax'], 'by knn': row['knn'], 'recall at 1': row.get('recall_at_1')}
    judged = ', '.join(f'{name} {value:.4f}' for name, value in shown.items() if value is not None)
    return f'epoch {row["epoch"]:3d}: {trained}, {judge_name} {judged}; {images_per_second:.0f} images/s'


def closing_lines(results, paths):
    """What a finished training came to, and where its files are."""
    test, selection, retrieval = results['test'], results['selection'], results['retrieval']
    figures = {'accuracy by softmax': test['softmax'], 'by knn': test['knn'],
               'by the nearest class mean': test['knn_means'],
               'recall at 1': retrieval and retrieval['recall_at_1'], 'MAP@R': retrieval and retrieval['map_at_r']}
    shown = ', '.join(f'{name} {value:.4f}' for name, value in figures.items() if value is not None)
    names = ['results.json', 'history.csv']
    pictures = ['train.gif', f'{selection["on"]}.gif', 'curves.png'] if results['plotting'] else []
    names += [name for name in pictures if os.path.exists(paths.output(name))]  # no GIF where all frames are lost
    return '\n'.join([
        f'{paths.prefix}: best epoch {selection["epoch"]}, chosen on {selection["on"]}; '
        f'on the test set {shown}',
        'wrote', *('  ' + path for path in (paths.best, *(paths.output(name) for name in names)))])
