"""What a sweep found, from the rows of a plan and of a table."""
import pytest

from tests.utils.comparison.made import run_figures
from tests.utils.comparison.planned import planned
from utils.comparison.sweeps import swept
from utils.comparison.table import summarize


def found(text, accuracies):
    """The `Sweep` of a comparison whose rows have these accuracies by softmax, and by nearest centre a tenth less."""
    rows, _ = planned(text)
    assert len(rows) == len(accuracies)
    return swept(rows, [summarize(row.name, [run_figures(one, None if row.name == 'softmax' else one - 0.1, seed)
                                             for seed, one in enumerate(seeds)], len(seeds))
                        for row, seeds in zip(rows, accuracies)])


def test_points_are_means_over_seeds_at_the_values_of_the_flag():
    sweep = found('--runs softmax,center --seeds 0,1 --sweep lmbd=0,0.1', [[0.9, 0.9], [0.8, 0.9], [0.6, 0.6]])
    softmax, knn = sweep.flags['lmbd']
    assert (softmax.run, softmax.figure, knn.figure) == ('center', 'by softmax', 'by nearest centre')
    assert softmax.points == [(0, pytest.approx(0.85), pytest.approx(0.05 * 2 ** 0.5)), (0.1, pytest.approx(0.6), 0)]
    assert [point[1] for point in knn.points] == pytest.approx([0.75, 0.5])
    (same,) = sweep.same
    assert (same.run, same.points) == ('softmax', [(None, pytest.approx(0.9), 0)])
    assert sweep.over == 'mean ± one standard deviation over 2 seeds'


@pytest.mark.parametrize('seeds, words', [((0, 1), '2 splits of the classes, 2 seeds each'),
                                          ((7,), '2 splits of the classes, 1 seed each')])
def test_where_runs_are_of_several_splits_the_spread_is_over_these(seeds, words):
    rows, _ = planned('--runs center --seeds 0 --sweep lmbd=0,0.1')
    runs = [{**run_figures(0.9 + split / 50 + seed / 1000, None, seed), 'split': split}
            for split in (0, 1) for seed in seeds]
    sweep = swept(rows, [summarize(row.name, runs, len(runs)) for row in rows])
    assert sweep.over == f'mean ± one standard deviation over {words}'
    assert sweep.flags['lmbd'][0].points[0][2] == pytest.approx(0.02 / 2 ** 0.5), 'of two means of splits'


def test_two_flags_are_swept_one_after_the_other():
    sweep = found('--runs center --seeds 0 --sweep lmbd=0,1,alpha=0.1,0.5', [[0.7], [0.8], [0.9], [0.95]])
    assert {flag: [point[:2] for point in lines[0].points] for flag, lines in sweep.flags.items()} == {
        'lmbd': [(0, 0.7), (1, 0.8)], 'alpha': [(0.1, 0.9), (0.5, 0.95)]}
    assert sweep.over == 'one seed' and sweep.same == []


@pytest.mark.parametrize('text, rows', [
    ('--runs center,paper --seeds 0', 2), ('--runs center --seeds 0 --sweep lmbd=1', 1),
    ('--runs center --seeds 0 --sweep use_bias=True,False', 2),
    ('--runs center --seeds 0 --sweep augment=none,affine', 2),
    ('--runs center --seeds 0 --ablate lmbd=0.1,ema=0.9', 3)])
def test_there_is_no_sweep_without_two_numbers_of_a_flag(text, rows):
    assert found(text, [[0.9]] * rows) is None


def test_an_accuracy_that_no_run_has_is_in_no_sweep():
    rows, _ = planned('--runs softmax --seeds 0 --sweep lr=0.1,1')
    sweep = swept(rows, [summarize(row.name, [run_figures(0.9, None)], 1) for row in rows])
    assert [line.figure for line in sweep.flags['lr']] == ['by softmax']
    assert swept(rows, [summarize(row.name, [], 1) for row in rows]) is None, 'no run was finished'
