"""Metric losses beside pytorch-metric-learning's: `python -m benchmarks.peers --data_dir DIR --dataset cub200`.

Both train the same linear layer on the same cached features of a frozen backbone: same start, same proxies, same
batches, SGD with the same momentum and a constant rate. Recall is judged by our code for both. Needs PyTorch and
pytorch-metric-learning, which the project does not install. The features as they are, and as many of their principal
components as the layer gives, stand beside them.
"""
import argparse
import math
import shlex
import sys
from importlib.metadata import version

import numpy as np

import center_loss
import main
from benchmarks.reference import anywhere
from benchmarks.untrained import COLUMNS, FEATURES, flags, frozen_dataset, untrained
from utils import runtime
from utils.comparison import differences
from utils.errors import UserError
from utils.evaluation.retrieval import RETRIEVAL_METRIC, evaluate_retrieval
from utils.loading.samplers import m_per_class
from utils.settings.loss_terms import parse_loss
from utils.storage import files

LOSSES = ('contrastive', 'triplet:miner=batch_all', 'triplet:miner=batch_hard', 'triplet:miner=semi_hard',
          'normalized_softmax', 'softtriple', 'arcface', 'cosface', 'proxy_anchor')
COMPARED = ('recall_at_1', 'map_at_r')
_ROUNDING = 5e-5
BATCH_SIZE, PER_CLASS, MOMENTUM = 128, 4, 0.9


def theirs(name, options, num_classes):
    """(loss, miner or None) of pytorch-metric-learning with the settings that ours has by default."""
    from pytorch_metric_learning import distances, losses, miners, regularizers
    euclidean = distances.LpDistance(normalize_embeddings=True, p=2)
    if name == 'contrastive':
        return losses.ContrastiveLoss(distance=euclidean), None
    if name == 'triplet':
        miner = {'batch_all': None, 'batch_hard': miners.BatchHardMiner(distance=euclidean),
                 'semi_hard': miners.TripletMarginMiner(0.2, 'semihard', distance=euclidean)}[options['miner']]
        return losses.TripletMarginLoss(0.2, distance=euclidean), miner
    sizes = (num_classes, FEATURES)
    return {
        'normalized_softmax': lambda: losses.NormalizedSoftmaxLoss(*sizes, temperature=1 / 20),
        'softtriple': lambda: losses.SoftTripleLoss(
            *sizes, 10, weight_regularizer=regularizers.SparseCentersRegularizer(num_classes, 10),
            weight_reg_weight=0.2),
        'arcface': lambda: losses.ArcFaceLoss(*sizes, margin=math.degrees(0.5)),
        'cosface': lambda: losses.CosFaceLoss(*sizes),
        'proxy_anchor': lambda: losses.ProxyAnchorLoss(*sizes),
    }[name](), None


def train_ours(term, start, proxies, data, batches, num_classes, lr):
    """Features of the test set after training with our loss. start: (64, F) weights. proxies: those to start from."""
    from mxnet import autograd, gluon, nd

    layer = gluon.nn.Dense(FEATURES, in_units=start.shape[1])
    layer.initialize()
    layer.weight.set_data(nd.array(start))
    sizes = {'num_classes': num_classes, 'feature_size': FEATURES} if center_loss.has_parameters(term.name) else {}
    loss = center_loss.get_loss(term.name, **sizes, **dict(term.options))
    loss.initialize()
    layer.hybridize(), loss.hybridize()
    for param, value in zip(loss.collect_params().values(), proxies):
        param.set_data(nd.array(value if value.shape == param.shape else value.T))
    blocks = [layer, loss] if proxies else [layer]
    trainers = [gluon.Trainer(block.collect_params(), 'sgd', {'learning_rate': lr, 'momentum': MOMENTUM})
                for block in blocks]
    images, labels = nd.array(data.train.images), nd.array(data.train.labels)
    for index in batches:
        rows = nd.array(index)
        with autograd.record():
            value = loss(layer(nd.take(images, rows)), nd.take(labels, rows))
        value.backward()
        for trainer in trainers:
            trainer.step(len(index))
    return layer(nd.array(data.test.images)).asnumpy()


def train_theirs(loss, miner, start, data, batches, lr):
    """Features of the test set after training with their loss."""
    import torch
    layer = torch.nn.Linear(start.shape[1], FEATURES)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(start))
        layer.bias.zero_()
    optimizer = torch.optim.SGD([*layer.parameters(), *loss.parameters()], lr, momentum=MOMENTUM)
    images, labels = torch.tensor(data.train.images), torch.tensor(data.train.labels, dtype=torch.int64)
    for index in batches:
        features, own = layer(images[index]), labels[index]
        optimizer.zero_grad()
        loss(features, own, miner(features, own) if miner else None).backward()
        optimizer.step()
    with torch.no_grad():
        return layer(torch.tensor(data.test.images)).numpy()


def compare(text, seeds, epochs, data, num_classes, lr):
    """{'ours': {measure: values}, 'theirs': ...} of one loss, over seeds."""
    import torch
    (term,) = parse_loss(text, {name: center_loss.loss_options(name) for name in center_loss.list_losses('metric')})
    found = {side: {column: [] for column in COLUMNS} for side in ('ours', 'theirs')}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        torch.manual_seed(seed)
        size = data.train.images.shape[1]
        start = rng.uniform(-1, 1, (FEATURES, size)).astype(np.float32) / math.sqrt(size)
        batches = [index for _ in range(epochs) for index in m_per_class(data.train.labels, BATCH_SIZE, PER_CLASS, rng)]
        loss, miner = theirs(term.name, dict(term.options), num_classes)
        proxies = [param.detach().numpy().copy() for param in loss.parameters()]
        for side, features in (('ours', train_ours(term, start, proxies, data, batches, num_classes, lr)),
                               ('theirs', train_theirs(loss, miner, start, data, batches, lr))):
            if not np.isfinite(features).all():
                raise UserError(f'{text}, seed {seed}: {side} diverged; try a smaller --lr')
            scores = evaluate_retrieval(features, data.test.labels, RETRIEVAL_METRIC, n_init=1)
            for column in COLUMNS:
                found[side][column].append(scores[column])
    return found


def to_markdown(results):
    def cell(values):
        return f'{100 * np.mean(values):.2f} ± {100 * np.std(values, ddof=1):.2f}' if len(values) > 1 else (
            f'{100 * values[0]:.2f}')
    headings = ['loss', 'whose', *COLUMNS, *(f'{column}, ours minus theirs' for column in COMPARED)]
    lines = ['| ' + ' | '.join(headings) + ' |', '|---' * len(headings) + '|']
    for text, sides in results.items():
        paired = _paired(sides) if 'ours' in sides else {}
        for side, values in sides.items():
            cells = [text, side, *(cell(values[column]) for column in COLUMNS),
                     *(_difference(paired.get(column), column) if side == 'ours' else '-' for column in COMPARED)]
            lines.append('| ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines) + '\n'


def _difference(found, column):
    """The difference with its interval; '0.00' where rounding is all there is to it."""
    rounding = found and found['low'] is not None and max(map(abs, (found['low'], found['high']))) < _ROUNDING
    return '0.00' if rounding else differences.cell(found, column)


def _paired(sides):
    """Ours minus theirs, as `differences.paired` gives it."""
    rows = [{'run': side, 'baseline': 'theirs', 'finished': list(range(len(sides[side][COLUMNS[0]]))),
             **{column: {'values': values} for column, values in sides[side].items()}} for side in ('theirs', 'ours')]
    return differences.paired(rows, COMPARED)[1]


def run():
    parser = argparse.ArgumentParser(prog='benchmarks.peers', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data_dir', required=True)
    parser.add_argument('--dataset', choices=('cub200', 'cars196'), default='cub200')
    parser.add_argument('--seeds', default='0,1,2')
    parser.add_argument('--epochs', type=int, default=20)
    parser.add_argument('--lr', type=float, default=0.05)
    parser.add_argument('--losses', default=','.join(LOSSES))
    given = parser.parse_args()
    config = main.parse(flags(given.dataset, given.data_dir)).config
    runtime.prepare_mxnet(1)
    config, data = frozen_dataset(config)
    results = {name: {'both': {column: [scores[column]] for column in COLUMNS}}
               for name, scores in untrained(data.train, data.test, n_init=1).items()}
    for text in filter(None, given.losses.split(',')):
        results[text] = compare(text, [int(seed) for seed in given.seeds.split(',')], given.epochs, data,
                                config.network.num_classes, given.lr)
        print(to_markdown({text: results[text]}).splitlines()[2:], flush=True)
    stem = f'output/peers-{given.dataset}/peers'
    files.write_json(stem + '.json', {
        'command': anywhere(shlex.join(['python', '-m', 'benchmarks.peers', *sys.argv[1:]])),
        'versions': {**runtime.versions(), **{name: version(name) for name in ('torch', 'pytorch-metric-learning')}},
        'results': results})
    files.write_bytes(stem + '.md', to_markdown(results).encode())
    print('wrote', stem + '.md')


if __name__ == '__main__':
    run()
