"""What heads are worth beside no training at all: `python -m benchmarks.untrained --data_dir DIR --dataset cub200`.

On each split of the classes: the pooled features of the frozen backbone as they are, and as many of their principal
components as a head has features, fitted to the classes that train. Beside them stand the rows of the committed
comparison of heads on the same splits; the difference of each from the principal components is over splits.
"""
import argparse
import json
import os
import shlex
import sys

import main
from benchmarks.reference import REFERENCE, anywhere
from utils import runtime
from utils.comparison import differences, table
from utils.storage import files

FEATURES = 64
COLUMNS = ('recall_at_1', 'recall_at_2', 'recall_at_4', 'recall_at_8', 'map_at_r', 'nmi')
AGAINST = {'cub200': 'cub80-retrieval', 'cars196': 'cars146-retrieval'}
COMPONENTS, AS_THEY_ARE = f'{FEATURES} principal components', 'pooled features as they are'


def untrained(train, test, **options):
    """{name: {measure: value}} of the features of a `Split` without any training. options: of `evaluate_retrieval`."""
    from sklearn.decomposition import PCA

    from utils.evaluation.retrieval import RETRIEVAL_METRIC, evaluate_retrieval
    components = PCA(FEATURES, random_state=0).fit(train.images).transform(test.images)
    return {name: evaluate_retrieval(features, test.labels, RETRIEVAL_METRIC, **options)
            for name, features in ((COMPONENTS, components), (AS_THEY_ARE, test.images))}


def frozen_dataset(config):
    """(config, dataset) behind a frozen backbone: the splits are of its features, and the classes are counted."""
    from utils.modes.building import Builder  # and MXNet
    from utils.modes.foresight import load
    data, config = load(config)
    with Builder(config.machine) as builder:
        model = builder.model(config, data.train.image_shape(config.data.image_size))
        train, test = (builder.inputs(config, model, split) for split in (data.train, data.test))
        return config, data._replace(train=train, test=test)


def flags(dataset, data_dir, *more):
    """What `main.parse` takes for the zero-shot split of a dataset behind a frozen EfficientNet-Lite0."""
    return ['--train', '--dataset', dataset, '--data_dir', data_dir, '--split', 'zero_shot', *more,
            '--network', 'efficientnet_lite0', '--pretrained', '--freeze', 'backbone']


def rows_of(dataset, data_dir, runs):
    """Two rows as `table.summarize` makes them. runs: (split seed, seed) pairs; nothing here depends on the seed."""
    by_split = {}
    for split in dict.fromkeys(split for split, _ in runs):
        _, data = frozen_dataset(main.parse(flags(dataset, data_dir, '--split_seed', str(split))).config)
        by_split[split] = untrained(data.train, data.test)
    return [table.summarize(name, [{'split': split, 'seed': seed, **{
        column: by_split[split][name][column] for column in COLUMNS}} for split, seed in runs], len(runs))
        for name in (COMPONENTS, AS_THEY_ARE)]


def run():
    parser = argparse.ArgumentParser(prog='benchmarks.untrained', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data_dir', required=True)
    parser.add_argument('--dataset', choices=AGAINST, default='cub200')
    given = parser.parse_args()
    runtime.prepare_mxnet(1)
    with open(os.path.join(REFERENCE, AGAINST[given.dataset], 'table.json'), encoding='utf-8') as file:
        heads = json.load(file)['rows']
    rows = rows_of(given.dataset, given.data_dir, list(zip(heads[0]['splits'], heads[0]['finished'])))
    rows[1:] = [{**row, 'baseline': COMPONENTS} for row in (*rows[1:], *heads)]
    for row, found in zip(rows, differences.paired(rows, COLUMNS)):
        row['difference'] = found
    folder = os.path.join(REFERENCE, AGAINST[given.dataset].replace('retrieval', 'untrained'))
    command = anywhere(shlex.join(['python', '-m', 'benchmarks.untrained', *sys.argv[1:]]))
    files.write_json(os.path.join(folder, 'table.json'),
                     {'command': command, 'versions': runtime.versions(), 'rows': rows, 'failed': {}})
    parts = (table.to_markdown(rows, COLUMNS), differences.to_markdown(rows, COLUMNS))
    files.write_bytes(os.path.join(folder, 'table.md'), '\n'.join(parts).encode())
    print('wrote', os.path.join(folder, 'table.md'))


if __name__ == '__main__':
    run()
