"""A row of the table of figures."""
from typing import Callable, NamedTuple, Optional


class Column(NamedTuple):
    """One figure: what it is called, how it is written, which way it gets better, where it is kept.

    key: its name in files; with a * at one end it stands for all such names, and {} in other fields for their rest.
    group: where results.json keeps it, 'test', 'retrieval' or 'ring_score', all of them measured of an `Evaluator`;
    'training', which only training itself knows; or 'table', which a table works out of the others. of: 'run', measured
    once, on the test set; 'epoch', after every epoch, on the split that chooses; or 'both'.

    >>> from utils.evaluation.column import Column
    >>> column = Column('softmax', 'test', title='by softmax', unit='%', better='higher')
    >>> column.heading, column.text(0.98765), column.is_better(0.9, 0.8)
    ('by softmax, %', '98.77', True)
    """
    key: str
    group: str
    of: str = 'both'
    measure: Optional[Callable] = None  # (evaluator) -> number, or None where there is nothing to say
    measure_epoch: Optional[Callable] = None  # a cheaper way where an epoch needs less than a run
    title: str = ''  # in tables, which show those that have one
    unit: str = ''  # of tables: '%' and 'points' of shares in [0, 1], or what it is in
    digits: int = 2  # of tables
    better: str = ''  # 'higher' or 'lower'; '' if neither is
    compared: bool = False  # whether rows of a table are compared by it
    epoch_line: str = ''  # its name in the line of an epoch, '' if it is not there
    last_line: str = ''  # in the lines that close a run
    panel: str = ''  # of the curves: 'losses', 'accuracies' (shares in [0, 1]) or 'distances'
    curve: str = ''  # its name there
    about: str = ''  # what it is, for who reads the report

    @property
    def heading(self):
        return f'{self.title}, {self.unit}' if self.unit else self.title

    @property
    def heading_of_difference(self):
        return self.heading.replace('%', 'points')

    @property
    def hint(self):
        """What it is and which way it gets better, or ''."""
        return '; '.join(filter(None, [self.about, f'{self.better} is better' if self.better else '']))

    def text(self, value):
        """`value` as tables write it."""
        return f'{value * (100 if self.unit in ("%", "points") else 1):.{self.digits}f}'

    def is_better(self, value, other):
        return value < other if self.better == 'lower' else value > other
