"""What is said of each row of a comparison, from rows whose intervals are worked out by hand."""
import pytest

from utils.comparison import table, verdicts

# Differences of 3, 4 and 5 points: 4 ± 4.303 / sqrt(3), 4.303 being the quantile of t; the others are worked out alike.
FIRM, LOOSE = (0.03, 0.04, 0.05), (0.01, 0.02, 0.03)


def row(name, planned=3, collapsed=(), splits=None, seeds=None, **figures):
    """A row compared with a. figures: {figure: [a value for each seed]}."""
    count = len(next(iter(figures.values()))) if figures else 0
    runs = [{'seed': (seeds or range(count))[i], 'split': splits and splits[i], 'collapsed': i in collapsed,
             **{key: values[i] for key, values in figures.items()}} for i in range(count)]
    return {**table.summarize(name, runs, planned), 'baseline': 'a'}


def plus(*differences):
    return [0.5 + difference for difference in differences]


def said(*rows):
    return verdicts.verdicts(rows)[1:]


A = row('a', softmax=plus(0, 0, 0), knn=plus(0, 0, 0))


def test_an_interval_without_zero_is_better_or_worse_and_one_with_it_tells_nothing():
    assert verdicts.verdicts([A, row('b', softmax=plus(*FIRM)), row('c', softmax=plus(*(-x for x in FIRM))),
                              row('d', softmax=plus(*LOOSE))]) == [
        'a: the baseline',
        'b: 4.0 points better than a by softmax (1.5 to 6.5; 3 seeds)',
        'c: 4.0 points worse than a by softmax (1.5 to 6.5; 3 seeds)',
        "d: can't be told from a by softmax (-0.5 to 4.5; 3 seeds)"]


def test_where_lower_is_better_less_is_better(monkeypatch):
    monkeypatch.setattr(verdicts, '_GROUPS', (('intra_inter_ratio',),))
    monkeypatch.setattr(verdicts, 'FIGURES', ('intra_inter_ratio',))
    rows = [row(name, intra_inter_ratio=plus(*values)) for name, values in (
        ('a', (0, 0, 0)), ('b', [-x for x in FIRM]), ('c', FIRM))]
    assert said(*rows) == ['b: 0.040 better than a by intra/inter (0.015 to 0.065; 3 seeds)',
                           'c: 0.040 worse than a by intra/inter (0.015 to 0.065; 3 seeds)']


def test_without_softmax_it_is_by_nearest_centre_and_without_classes_by_retrieval():
    assert said(A, row('b', knn=plus(*FIRM))) == ['b: 4.0 points better than a by knn (1.5 to 6.5; 3 seeds)']
    retrieval = [row('a', recall_at_1=plus(0, 0, 0), map_at_r=plus(0, 0, 0)),
                 row('b', recall_at_1=plus(*LOOSE), map_at_r=plus(*FIRM))]
    assert said(*retrieval) == ["b: can't be told from a by R@1 (-0.5 to 4.5; 3 seeds), 4.0 points better than it by "
                                'MAP@R (1.5 to 6.5; 3 seeds)']


def test_over_splits_of_the_classes_it_counts_splits():
    """Of three splits with two seeds each, the differences are 3, 4 and 5 points on the mean."""
    splits, seeds = (0, 0, 1, 1, 2, 2), (0, 1) * 3
    rows = [row('a', 6, (), splits, seeds, map_at_r=plus(*[0] * 6)),
            row('b', 6, (), splits, seeds, map_at_r=plus(0.02, 0.04, 0.03, 0.05, 0.04, 0.06))]
    assert said(*rows) == ['b: 4.0 points better than a by MAP@R (1.5 to 6.5; 3 splits of the classes)']


def test_what_one_seed_or_no_shared_figure_tells_is_said():
    assert said(A, row('b', softmax=[0.9])) == ["b: one seed can't tell it from a"]
    assert said(A, row('b', nmi=[0.8, 0.9])) == ['b: nothing to compare with a']
    assert said(A, row('b')) == ['b: none of 3 finished']


def test_differences_without_spread_have_no_interval():
    assert said(A, row('b', softmax=plus(0.02, 0.02, 0.02)), row('c', softmax=plus(0, 0, 0))) == [
        'b: 2.0 points better than a by softmax (no interval; 3 seeds)', 'c: the same as a by softmax (3 seeds)']


def test_a_collapse_is_all_that_is_said():
    assert verdicts.verdicts([row('a', collapsed=(1,), softmax=plus(0, 0, 0)), row('b', softmax=plus(*FIRM))]) == [
        'a: collapsed in 1 of 3', 'b: 4.0 points better than a by softmax (1.5 to 6.5; 3 seeds)']


def test_each_row_is_judged_by_its_own_baseline_of_which_there_may_be_several():
    rows = [A, row('b', softmax=plus(*FIRM)), {**row('c', softmax=plus(0.1, 0.1, 0.1)), 'baseline': None},
            {**row('d', softmax=[0.6 + x for x in FIRM]), 'baseline': 'c'}]
    assert verdicts.verdicts(rows) == [
        'a: a baseline', 'b: 4.0 points better than a by softmax (1.5 to 6.5; 3 seeds)',
        'c: a baseline', 'd: 4.0 points better than c by softmax (1.5 to 6.5; 3 seeds)']


def test_small_differences_have_the_digits_of_the_table():
    """A tenth of the above: 0.04 points, 0.0152 to 0.0648."""
    assert said(A, row('b', softmax=plus(*(x / 100 for x in FIRM)))) == [
        'b: 0.04 points better than a by softmax (0.02 to 0.06; 3 seeds)']


@pytest.mark.parametrize('name, written', [('a*b_c', r'a\*b\_c'), ('<i>|', r'\<i\>\|'), ('x\n&', r'x\\n&amp;')])
def test_a_name_in_markdown_is_what_it_is(name, written):
    assert verdicts.to_markdown([{**A, 'run': name}]) == f'- {written}: the baseline\n'
