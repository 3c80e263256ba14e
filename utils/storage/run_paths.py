"""Where the files of a run, of a comparison and of its runs are."""
import os
from typing import NamedTuple


def second_prefix(prefix):
    """The name of the run that --second_train makes of the run `prefix`."""
    return prefix + '-second'


class RunPaths(NamedTuple):
    """The files of the run, or of the comparison, `prefix`."""
    ckpt_dir: str
    out_dir: str
    prefix: str

    @property
    def best(self):
        """The checkpoint of the selected epoch."""
        return os.path.join(self.ckpt_dir, self.prefix + '.params')

    @property
    def state(self):
        """The checkpoint of the last epoch, with all that `--resume` needs."""
        return os.path.join(self.ckpt_dir, self.prefix + '.state')

    @property
    def results(self):
        """What a run writes last: with it, the run is finished."""
        return self.output('results.json')

    @property
    def history(self):
        return self.output('history.csv')

    @property
    def profile(self):
        return self.output('profile.json')

    @property
    def runs(self):
        """The folder in which a comparison keeps its runs."""
        return self.output('runs')

    @property
    def log(self):
        """What a run of a comparison printed, beside the run's folder."""
        return self.output() + '.log'

    @property
    def second(self):
        """The files of the run that --second_train makes of this one."""
        return self._replace(prefix=second_prefix(self.prefix))

    def run(self, prefix):
        """The files of the run `prefix` of this comparison."""
        return RunPaths(os.path.join(self.ckpt_dir, self.prefix), self.runs, prefix)

    def output(self, *names):
        return os.path.join(self.out_dir, self.prefix, *names)
