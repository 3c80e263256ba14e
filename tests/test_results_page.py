"""The table that opens docs/results.md: every figure, interval, number of seeds and command is of a committed file."""
import json
import os

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from benchmarks.reference import COMPARISONS, flags_of
from tests.cli import ROOT
from utils.cli.arguments import parse
from utils.comparison.plan import plan

_CENTER_BIRDS, _CENTER_CARS = 'softmax+0.03*center@lr=0.001', 'softmax+0.03*center@lr=0.003'
_ACCURACY, _SHARE, _POINTS, _RATIO = (' %', 100, 2), (' %', 100, 1), (' points', 100, 1), ('', 1, 3)
# Claim -> (comparison, run, figure, the run it is compared with or None, unit, factor, digits).
CLAIMS = {
    'MNIST in two features, `--preset best`, by softmax': ('best', 'center', 'softmax', None, *_ACCURACY),
    'MNIST in two features, `--preset best`, by nearest centre': ('best', 'center', 'knn', None, *_ACCURACY),
    'MNIST, the published recipe, softmax alone': ('published-bias-True', 'softmax', 'softmax', None, *_ACCURACY),
    'MNIST, the published recipe with center loss, by softmax': (
        'published-bias-True', 'center', 'softmax', None, *_ACCURACY),
    'MNIST, the published recipe with center loss: the class means form no ring, their radii vary by': (
        'published-bias-True', 'center', 'radius_cv', None, *_SHARE),
    'MNIST, the same without bias: they form one, their radii vary by': (
        'published-bias-False', 'center', 'radius_cv', None, *_SHARE),
    '4,000 digits, with bias: center loss raises accuracy by': (
        'mnist5k-bias-True', 'center', 'softmax', 'softmax', *_POINTS),
    '4,000 digits, with bias: center loss changes intra/inter by': (
        'mnist5k-bias-True', 'center', 'intra_inter_ratio', 'softmax', *_RATIO),
    '4,000 digits, without bias: center loss changes accuracy by': (
        'mnist5k-bias-False', 'center', 'softmax', 'softmax', *_POINTS),
    '21 birds, all of the network trained: center loss raises accuracy by': (
        'birds21-tuned', 'softmax+0.03*center', 'softmax', 'softmax', *_POINTS),
    '21 birds, backbone frozen: center loss changes accuracy by': (
        'birds21-frozen', 'softmax+0.03*center', 'softmax', 'softmax', *_POINTS),
    '21 birds, backbone frozen: center loss raises recall at 1 by': (
        'birds21-frozen', 'softmax+0.03*center', 'recall_at_1', 'softmax', *_POINTS),
    '21 birds, backbone frozen: center loss raises MAP@R by': (
        'birds21-frozen', 'softmax+0.03*center', 'map_at_r', 'softmax', *_POINTS),
    'Unseen birds: center loss beside softmax raises MAP@R by': (
        'cub80-retrieval', _CENTER_BIRDS, 'map_at_r', 'softmax@lr=0.001', *_POINTS),
    'Unseen birds: center loss beside softmax changes recall at 1 by': (
        'cub80-retrieval', _CENTER_BIRDS, 'recall_at_1', 'softmax@lr=0.001', *_POINTS),
    'Unseen cars: center loss beside softmax raises MAP@R by': (
        'cars146-retrieval', _CENTER_CARS, 'map_at_r', 'softmax@lr=0.01', *_POINTS),
    'Unseen cars: center loss beside softmax changes recall at 1 by': (
        'cars146-retrieval', _CENTER_CARS, 'recall_at_1', 'softmax@lr=0.01', *_POINTS),
    'Unseen birds: SoftTriple is ahead of batch-all triplets by MAP@R by': (
        'cub80-retrieval', 'softtriple@lr=0.003', 'map_at_r', 'triplet:miner=batch_all@lr=0.0001', *_POINTS),
    'Unseen cars: SoftTriple is ahead of batch-all triplets by MAP@R by': (
        'cars146-retrieval', 'softtriple@lr=0.003', 'map_at_r', 'triplet:miner=batch_all@lr=0.001', *_POINTS),
    'Unseen birds: the best head by recall at 1, SoftTriple, minus 64 principal components without training': (
        'cub80-untrained', 'softtriple@lr=0.003', 'recall_at_1', '64 principal components', *_POINTS),
    'Unseen cars: the best head by recall at 1, normalized softmax, minus 64 principal components without training': (
        'cars146-untrained', 'normalized_softmax@lr=0.003', 'recall_at_1', '64 principal components', *_POINTS),
}
_SAME_BITS = 'Embedding and Parameter are the same to the bit: largest difference in 300 steps'


def made(name, part='table.json'):
    with open(os.path.join(ROOT, 'output', 'reference', name, part), encoding='utf-8') as file:
        return json.load(file)


def opening_table():
    """{claim: (figure, interval, seeds, command)} of the first table of the page."""
    with open(os.path.join(ROOT, 'docs', 'results.md'), encoding='utf-8') as file:
        title, blank, *lines = file.read().splitlines()
    assert (title, blank, lines[0]) == ('# Results', '', '| claim | figure | 95 % interval | seeds | command |')
    rows = [line.strip('| ').split(' | ') for line in lines[2:lines.index('')]]
    return {claim: tuple(cells) for claim, *cells in rows}


def independent(row, figure):
    """(values (N,), in words what N is): a value a seed or, where classes were drawn, the mean of each draw's seeds."""
    values = np.array(row[figure]['values'], float)
    splits = np.array(row.get('splits', ()))
    if not len(splits):
        return values, str(len(values))
    draws = dict.fromkeys(splits)
    return (np.array([values[splits == draw].mean() for draw in draws]),
            f'{len(draws)} splits x {len(values) // len(draws)}')


def written(value, digits):
    return f'{round(value, digits) + 0.0:.{digits}f}'  # + 0.0: no minus in front of a zero


def test_every_claim_is_checked():
    assert set(opening_table()) == {*CLAIMS, _SAME_BITS}


@pytest.mark.parametrize('claim', CLAIMS)
def test_a_figure_is_that_of_the_committed_results(claim):
    name, run, figure, other, unit, factor, digits = CLAIMS[claim]
    rows = {row['run']: row for row in made(name)['rows']}
    values, seeds = independent(rows[run], figure)
    if other:
        values = values - independent(rows[other], figure)[0]
    values = values * factor
    ends = ttest_1samp(values, 0).confidence_interval() if len(values) > 1 else ()
    interval = ' to '.join(written(end, digits) for end in ends) or '-'
    assert opening_table()[claim][:3] == (written(values.mean(), digits) + unit, interval, seeds)


@pytest.mark.parametrize('claim', CLAIMS)
def test_a_command_is_the_one_that_makes_the_comparison(claim):
    name = CLAIMS[claim][0]
    if name in COMPARISONS:
        data = COMPARISONS[name][2]
        command = f'python -m benchmarks.reference {f"--{data} DIR " if data else ""}--only {name}'
    else:
        command = made(name)['command']
    assert opening_table()[claim][3] == f'`{command}`'


@pytest.mark.parametrize('name', sorted(set(COMPARISONS) - {'implementations'}))
def test_every_row_is_compared_with_the_one_that_a_comparison_would_take_today(name):
    rows, _ = plan(parse(flags_of(name, 'DIR')).comparison)
    assert [(row['run'], row['baseline']) for row in made(name)['rows']] == [(row.name, row.baseline) for row in rows]


def test_embedding_and_parameter_are_the_same_to_the_bit():
    rows = made('implementations', 'implementations.json')['rows']
    rows = [row for row in rows if row['implementation'] == 'parameter']
    assert [row['num_classes'] for row in rows] == [10, 1000, 100000]
    assert {row[key] for row in rows for key in ('losses', 'features', 'centers')} == {0.0}
    assert opening_table()[_SAME_BITS] == ('0', '-', '1', '`python -m benchmarks.reference --only implementations`')


@pytest.mark.parametrize('name, best', [('cub80-untrained', 'softtriple@lr=0.003'),
                                        ('cars146-untrained', 'normalized_softmax@lr=0.003')])
def test_the_best_head_by_recall_at_1_is_the_one_named(name, best):
    heads = [row for row in made(name)['rows'] if '@lr=' in row['run']]
    assert len(heads) == 11 and max(heads, key=lambda row: row['recall_at_1']['mean'])['run'] == best
