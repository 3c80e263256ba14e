"""Where the files of a run are."""
import os
from typing import NamedTuple


class RunPaths(NamedTuple):
    """The files of the run `prefix`."""
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

    def output(self, *names):
        return os.path.join(self.out_dir, self.prefix, *names)
