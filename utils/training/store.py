"""The files of a run: checkpoints of its best and its last epoch, and its history."""
import glob
import os

from ..errors import UserError
from ..storage import checkpoint, files
from . import optimizers

_MEGABYTE = 1 << 20
_OF_EARLIER_RUNS = ('results.json', 'profile.json', 'report.html', 'test-*.json', *(
                    f'{name}.{kind}' for name in ('test-*', 'curves', 'map') for kind in ('png', 'svg', 'pdf')),
                    '*classes.txt', '*.gif', 'frames/*.npz', 'frames/*.png', 'frames/*.jpg')


class Store:
    """Writes and reads what a run keeps.

    paths: a `RunPaths`. meta: dict with config, command and stage, saved in every checkpoint. model: has net,
    center_loss and metric_losses. average: an `averaging.Average` or None.
    """

    def __init__(self, paths, meta, model, trainers, average=None):
        self.paths = paths
        self.meta = meta
        self._model = model
        self._trainers = trainers
        self._average = average

    def check_space(self):
        """Raise UserError unless both folders take what a run writes; nothing is replaced."""
        size = sum(param.list_data()[0].size * 4 for param in self._model.net.collect_params().values())
        files.check_space(self.paths.output(), _MEGABYTE)
        files.check_space(self.paths.ckpt_dir, 4 * size + _MEGABYTE)  # two checkpoints, one with optimizer state

    def save_state(self, epoch, memory):
        """Save all that the run can be resumed from; memory: what it remembers beside arrays, a dict for JSON."""
        states = [optimizers.get_state(trainer) for trainer in self._trainers]
        meta = {**self.meta, **memory, 'epoch': epoch, 'updates': [updates for updates, _ in states]}
        checkpoint.save(self.paths.state, meta, self._model.net, self._model.center_loss,
                        [arrays for _, arrays in states], self._average, self._model.metric_losses)

    def load_state(self, state):
        """Take up the `Checkpoint` of an earlier run; returns what it remembered, see `save_state`.

        Raises UserError if it is not the state of such a run.
        """
        if len(state.meta.get('updates', ())) != len(self._trainers):
            raise UserError(f'{state.path} is not the state of a run that can be resumed')
        state.restore(self._model.net, self._model.center_loss, self._model.metric_losses)
        for number, (trainer, updates) in enumerate(zip(self._trainers, state.meta['updates'])):
            try:
                optimizers.set_state(trainer, updates, state.trainer_arrays(number))
            except KeyError as error:
                raise UserError(f'{state.path} is damaged: no optimizer state {error}') from error
        if self._average:
            try:
                self._average.set_arrays(state.average_arrays)
            except KeyError as error:
                raise UserError(f'{state.path} is damaged: no average {error}') from error
        return state.meta

    def save_best(self, epoch):
        """Save the model as it is now as the best; returns its digest."""
        checkpoint.save(self.paths.best, {**self.meta, 'epoch': epoch}, self._model.net, self._model.center_loss)
        return checkpoint.digest_of(self._model.net)

    def restore_best(self, epoch, digest):
        """Load what `save_best` saved. Raises UserError if the file is another: what is reported must be its own."""
        checkpoint.load(self.paths.best).restore(self._model.net, self._model.center_loss)
        if digest != checkpoint.digest_of(self._model.net):
            raise UserError(f'{self.paths.best} is not what this run saved after epoch {epoch}: something else has '
                            'written it since. Start the run anew, without --resume')

    def write_history(self, rows):
        files.write_csv(self.paths.history, rows)

    def remove_earlier_outputs(self):
        """Remove what an earlier run of this name left and this one would not overwrite."""
        for pattern in _OF_EARLIER_RUNS:
            for path in glob.glob(os.path.join(glob.escape(self.paths.output()), pattern)):
                os.remove(path)
