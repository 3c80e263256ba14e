"""What happens after each epoch of a training and at its end, part by part."""
from contextlib import nullcontext

from ..progress import Progress
from .judge import class_weights
from .profile import unmeasured
from .report import report
from .wording import epoch_line


class Run:
    """Watches `loop.fit`: after every epoch it judges, draws, chooses, saves and warns; at the end it reports.

    store: a `Store`, of all files. judge: a `Judge`, of figures. selection: a `Selection`, of the best epoch. watch: a
    `CollapseWatch`, of warnings. pictures: a `RunPictures` or None. average: an `averaging.Average` of network and
    centres, which then is judged and saved, or None. write_page: of `report`. part: of a `Profile`.
    """

    def __init__(self, store, judge, selection, watch, pictures=None, average=None, write_page=None,
                 part=unmeasured):
        self.history = []
        self._store = store
        self._judge = judge
        self._selection = selection
        self._watch = watch
        self._pictures = pictures
        self._average = average
        self._write_page = write_page
        self._part = part

    def begin(self):
        """Start anew, at epoch 1; the untrained state is saved, so that a run can be resumed from its first moment.

        Whether both folders take what will be written is tried first, before anything of an earlier run is replaced.
        """
        self._store.check_space()
        self._save_state(0)
        return 1

    def resume(self, state):
        """Take up the `Checkpoint` of an earlier run; returns the next epoch.

        Raises UserError if it is not the state of such a run.
        """
        memory = self._store.load_state(state)
        self.history = memory['history']
        self._selection.resume(memory['best'], state.path)
        self._watch.collapsed = {tuple(pair) for pair in memory['collapsed']}
        with self._averaged() if self.history else nullcontext():
            self._judge.note_centers()  # as they were judged
        if self._pictures:
            self._pictures.check(self._judge.name, len(self.history))
        return memory['epoch'] + 1

    def after_epoch(self, epoch, log, rates):
        """The callback of `loop.fit`."""
        with self._averaged():
            with self._part('evaluation'):
                judged = self._judge.judge(epoch, log, rates)
            self._keep(judged)
            if self._selection.takes(judged.row, judged.evaluator, self._judge.name):
                self._selection.best['digest'] = self._store.save_best(epoch)
        Progress.say(epoch_line(judged.row, self._judge.name, judged.images_per_second))
        self._watch.after_epoch(judged)
        self._save_state(epoch)

    def finish(self, test, train):
        """Evaluate the selected epoch on the test set, write results.json and the pictures, and say so.

        train: the split it was trained on, whose class means stand in for centres where there are none.
        """
        self._store.restore_best(self._selection.best['epoch'], self._selection.best['digest'])
        with self._part('evaluation'):
            evaluator = self._judge.evaluate(test, train)
        self._store.write_history(self.history)
        if self._pictures:
            with self._part('drawing'):
                self._pictures.draw(self._judge.name, self.history)
                self._pictures.draw_map(self._selection.best['epoch'], evaluator, class_weights(self._judge.model))
        with self._part('evaluation'):
            report(self._store, self._selection.report(self._judge.name), evaluator, self.history, self._write_page)

    def _keep(self, judged):
        """Note the row of an epoch and draw its features."""
        epoch = judged.row['epoch']
        self.history.append(judged.row)
        if epoch == 1:
            self._store.remove_earlier_outputs()
        if self._pictures:
            weights = class_weights(self._judge.model)
            for name, split in {'train': self._pictures.sample, **self._pictures.watched}.items():
                if name != self._judge.name:
                    with self._part('evaluation'):
                        evaluator = self._judge.evaluate(split)
                    self._draw(name, epoch, evaluator, weights)
            self._draw(self._judge.name, epoch, judged.evaluator, weights)
        self._store.write_history(self.history)

    def _draw(self, *frame):
        with self._part('drawing'):
            self._pictures.keep(*frame)

    def _save_state(self, epoch):
        self._store.save_state(epoch, {'history': self.history, 'best': self._selection.best,
                                       'collapsed': sorted(self._watch.collapsed)})

    def _averaged(self):
        return self._average.in_place() if self._average else nullcontext()


class Follower:
    """As `Run`, in a process that trains with the one that has the `Run`, and leaves judging and writing to it."""

    def __init__(self, store):
        self._store = store

    def begin(self):
        return 1

    def resume(self, state):
        return self._store.load_state(state)['epoch'] + 1

    def after_epoch(self, epoch, log, rates):
        pass

    def finish(self, test, train):
        pass
