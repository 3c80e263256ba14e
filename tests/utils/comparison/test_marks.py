"""Which rows of a table are best, and which the paired intervals can't tell from the best."""
from utils.comparison import table
from utils.comparison.marks import marks


def row(name, collapsed=False, **figures):
    """A row of seeds 0, 1, ... with {figure: [value of each]}."""
    count = len(next(iter(figures.values())))
    return table.summarize(name, [{'seed': seed, 'collapsed': collapsed and seed == 0,
                                   **{key: values[seed] for key, values in figures.items()}}
                                  for seed in range(count)], count)


def test_the_best_is_marked_and_what_its_interval_of_the_difference_does_not_exclude():
    """Below the best by 1, 2 and 3 points: 2 ± 2.48 has zero in it; by 3, 4 and 5: 4 ± 2.48 has not."""
    best = [0.9, 0.91, 0.92]
    rows = [row('far', softmax=[0.87, 0.87, 0.87]), row('best', softmax=best), row('near', softmax=[0.89] * 3),
            row('twin', softmax=best)]
    assert marks(rows) == {(1, 'softmax'): 'best', (2, 'softmax'): 'not worse', (3, 'softmax'): 'not worse'}


def test_lower_is_best_where_lower_is_better():
    rows = [row('a', intra_inter_ratio=[0.3, 0.4, 0.5]), row('b', intra_inter_ratio=[0.2, 0.2, 0.2])]
    assert marks(rows) == {(1, 'intra_inter_ratio'): 'best', (0, 'intra_inter_ratio'): 'not worse'}


def test_the_same_distance_in_every_seed_is_worse():
    rows = [row('a', softmax=[0.5, 0.5]), row('b', softmax=[0.75, 0.75])]
    assert marks(rows) == {(1, 'softmax'): 'best'}


def test_one_seed_marks_nothing_and_a_collapse_is_not_marked():
    assert marks([row('a', softmax=[0.9]), row('b', softmax=[0.8])]) == {}
    assert marks([row('a', softmax=[0.9, 0.92]), row('b', True, softmax=[0.1, 0.99])]) == {}
    assert marks([row('a', softmax=[0.9, 0.92]), row('b', intra=[1.0, 2.0])]) == {}
