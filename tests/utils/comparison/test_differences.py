"""Paired differences between rows of a comparison, against SciPy's paired t test and printed quantiles of t."""
import math
import random
import statistics

import pytest
from scipy.stats import ttest_rel

from utils.comparison import differences, table


def row(name, values, planned=None, **others):
    """A row of a table from {seed: value} of one figure, `softmax`, and of `others`, with the row a as its baseline."""
    runs = [{'seed': seed, 'softmax': value, **{key: found.get(seed) for key, found in others.items()}}
            for seed, value in values.items()]
    return {**table.summarize(name, runs, planned or len(values)), 'baseline': 'a'}


def noise(seeds, start):
    """{seed: value} that differ more from seed to seed than rows do."""
    return {seed: 0.1 * seed + random.Random(start + seed).random() / 100 for seed in seeds}


@pytest.mark.parametrize(('first_seeds', 'other_seeds'), [
    ([0, 1], [0, 1]), ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4]), ([0, 2, 3, 4], [0, 1, 3, 4]), ([7, 1, 3], [3, 7, 1, 5])])
def test_the_interval_is_that_of_scipys_paired_t_test_over_the_seeds_that_both_have(first_seeds, other_seeds):
    first, other = noise(first_seeds, 0), noise(other_seeds, 100)
    _, found = differences.paired([row('a', first, 5), row('b', other, 5)])
    shared = sorted(set(first_seeds) & set(other_seeds))
    oracle = ttest_rel([other[seed] for seed in shared], [first[seed] for seed in shared]).confidence_interval(0.95)
    assert list(found) == ['softmax'] and sorted(found['softmax']['seeds']) == shared
    assert (found['softmax']['low'], found['softmax']['high']) == pytest.approx((oracle.low, oracle.high))
    assert found['softmax']['mean'] == pytest.approx(statistics.mean(other[seed] - first[seed] for seed in shared))


def test_over_several_splits_of_the_classes_the_interval_is_over_splits():
    """The t test of the means of each split: two seeds of a split say nothing about other classes."""
    rng = random.Random(0)
    runs = {'a': [], 'b': []}
    for split in range(4):
        for seed in range(2):
            for name, gain in (('a', 0), ('b', 0.1 * split)):
                runs[name].append({'split': split, 'seed': seed, 'softmax': gain + split + rng.random() / 50})
    rows = [{**table.summarize(name, found, 8), 'baseline': 'a'} for name, found in runs.items()]
    means = {name: [statistics.mean(run['softmax'] for run in found if run['split'] == split) for split in range(4)]
             for name, found in runs.items()}
    oracle = ttest_rel(means['b'], means['a']).confidence_interval(0.95)
    found = differences.paired(rows)[1]['softmax']
    assert (found['low'], found['high']) == pytest.approx((oracle.low, oracle.high))
    assert (found['seeds'], found['splits']) == ([0, 1] * 4, [0, 0, 1, 1, 2, 2, 3, 3])
    assert rows[1]['softmax']['std'] == pytest.approx(statistics.stdev(means['b']))
    assert table.seeds_cell(rows[0]) == '4 x 2' and '| b | 4 |' in differences.to_markdown(rows)
    assert '| minus a | splits |' in differences.to_markdown(rows) and 'over splits' in differences.note(rows)


def test_seeds_of_one_split_are_as_seeds_without():
    plain = [row('a', noise(range(3), 0)), row('b', noise(range(3), 9))]
    one = []
    for name, start in (('a', 0), ('b', 9)):
        runs = [{'split': 5, 'seed': seed, 'softmax': value} for seed, value in noise(range(3), start).items()]
        one.append({**table.summarize(name, runs, 3), 'baseline': 'a'})
    assert differences.paired(one) == differences.paired(plain)
    assert differences.to_markdown(one) == differences.to_markdown(plain)


@pytest.mark.parametrize(('n', 'quantile'), [(2, 12.706), (3, 4.303), (5, 2.776), (11, 2.228)])
def test_the_interval_is_that_of_a_printed_table_of_t(n, quantile):
    first, other = noise(range(n), 0), noise(range(n), 50)
    _, found = differences.paired([row('a', first), row('b', other)])
    half = quantile * statistics.stdev(other[seed] - first[seed] for seed in range(n)) / math.sqrt(n)
    assert found['softmax']['high'] - found['softmax']['mean'] == pytest.approx(half, rel=3e-4)
    assert found['softmax']['mean'] - found['softmax']['low'] == pytest.approx(half, rel=3e-4)


def test_fewer_than_two_shared_seeds_or_a_figure_that_one_row_lacks_are_not_compared():
    both = {0: 0.5, 1: 0.7}
    rows = [row('a', {0: 0.1, 1: 0.3}, 3, nmi=both), row('b', {1: 0.2, 2: 0.3}, 3, nmi={1: 0.5, 2: 0.4}, knn=both),
            row('c', {}, 3), row('d', {0: 0.4, 1: 0.5, 2: 0.7}, 3, nmi={0: 0.1, 2: 0.3})]
    first, second, failed, partly = differences.paired(rows)
    assert first == second == failed == {}
    assert list(partly) == ['softmax'], 'nmi of which seed is missing cannot be told from its values'
    others = [{**each, 'baseline': 'c'} for each in (rows[2], rows[0], rows[1])]
    assert differences.paired(others) == [{}, {}, {}], 'nothing finished to compare with'


def test_differences_that_are_all_the_same_have_no_interval_and_no_star():
    first = {0: 0.883, 1: 0.887, 2: 0.881}
    rows = [row('a', first), row('same', first), row('more', {seed: value + 0.01 for seed, value in first.items()})]
    _, same, more = differences.paired(rows)
    assert same['softmax'] == {'mean': 0, 'low': None, 'high': None, 'seeds': [0, 1, 2]}
    assert more['softmax']['mean'] == pytest.approx(0.01) and more['softmax']['low'] is more['softmax']['high'] is None
    text = differences.to_markdown(rows)
    assert '| same | 3 | 0.00 |' in text and '| more | 3 | 1.00 |' in text and '(*): 0 of 0;' in text
    assert 'Without interval: every seed differs by the same.' in text


def test_the_table_marks_what_excludes_zero_and_counts_what_was_looked_at():
    """By hand: differences of 1, 2 and 3 points are 2 ± 4.303 / sqrt(3) points."""
    first = dict.fromkeys(range(3), 0.5)

    def values(mean):
        return {seed: 0.5 + mean + (seed - 1) / 100 for seed in range(3)}
    ratios = {seed: 0.2 for seed in range(3)}
    rows = [row('a', first, 4, intra_inter_ratio=ratios), row('b', values(0.02), 4),
            row('c', values(0.04), 4, intra_inter_ratio={0: 0.1, 1: 0.11, 2: 0.12}), row('d', values(-0.04), 4),
            row('e', {}, 4)]
    text = differences.to_markdown(rows)
    assert text.splitlines()[:7] == [
        '| minus a | seeds | by softmax, points | intra/inter |',
        '|---|---|---|---|',
        '| b | 3 | 2.00 (-0.48 to 4.48) | - |',
        '| c | 3 | 4.00 (1.52 to 6.48) * | -0.0900 (-0.1148 to -0.0652) * |',
        '| d | 3 | -4.00 (-6.48 to -1.52) * | - |',
        '| e | - | - | - |',
        '']
    assert 'exclude zero (*): 3 of 4; by chance alone, about one in twenty does.' in text
    assert '(*): 2 of 3;' in differences.to_markdown(rows, ('softmax', 'map_at_r')), 'only what is shown counts'
    assert differences.to_markdown(rows[:1]) == differences.to_markdown([rows[0], rows[-1]]) == ''


def test_a_row_is_compared_with_the_one_it_names():
    rows = [row('a', {0: 0.5, 1: 0.5}), row('b', {0: 0.6, 1: 0.6}), row('a, x=1', {0: 0.4, 1: 0.4}),
            row('b, x=1', {0: 0.7, 1: 0.7})]
    for each, name in zip(rows[1:], ('a', 'a', 'a, x=1')):
        each['baseline'] = name
    assert [found['softmax']['mean'] for found in differences.paired(rows)[1:]] == pytest.approx([0.1, -0.1, 0.3])
    assert differences.to_markdown(rows).splitlines()[:5] == [
        '| run | minus | seeds | by softmax, points |', '|---|---|---|---|', '| b | a | 2 | 10.00 |',
        '| a, x=1 | a | 2 | -10.00 |', '| b, x=1 | a, x=1 | 2 | 30.00 |']
    assert differences.title(rows) == 'Differences' and differences.title(rows[:2]) == 'Differences from a'
    rows[2]['baseline'] = None
    assert [list(found) for found in differences.paired(rows)] == [[], ['softmax'], [], ['softmax']]
    assert [line.split(' | ')[:2] for line in differences.to_markdown(rows).splitlines()[2:4]] == [
        ['| b', 'a'], ['| b, x=1', 'a, x=1']]
    assert differences.title(rows) == 'Differences'
