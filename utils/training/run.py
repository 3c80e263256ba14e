"""One training run: what it remembers, what it leaves behind."""
import glob
import os
from contextlib import nullcontext

import numpy as np

from ..errors import UserError
from ..evaluation import judging, metrics
from ..evaluation.retrieval import evaluate_retrieval
from ..loading.outputs import extract
from ..progress import Progress
from ..storage import checkpoint, files
from . import optimizers
from .history import METRIC, metric_columns, polar_columns, retrieval_columns
from .loop import DivergenceError
from .selection import Selection
from .wording import closing_lines, collapse_warning, epoch_line, shrink_warning

_COLLAPSED = 0.05  # mean distance between unit features of two classes, at most 2
_MEGABYTE = 1 << 20
_SETTLING_EPOCHS = 2  # before which classes on top of each other mean nothing


class Run:
    """Watches `training.fit`: after every epoch it evaluates, selects, saves and draws; at the end it reports.

    paths: a `RunPaths`. meta: dict with config, command and stage, saved in every checkpoint. judge: (name, Split) that
    selects the best epoch by `select_by`, see `Selection`. pictures: a `RunPictures` or None.
    average: an `averaging.Average` of network and centres, which then is judged and saved, or None. metric_losses: a
    `MetricLosses` or None. judged_by: 'classes', accuracy; 'retrieval', what features find; or both.
    """

    def __init__(self, paths, meta, net, center_loss, trainers, judge, select_by, context, pictures=None,
                 average=None, metric_losses=None, judged_by=('classes',)):
        self.paths = paths
        self.history = []
        self._meta = meta
        self._net = net
        self._center_loss = center_loss
        self._trainers = trainers
        self._judge_name, self._judge = judge
        self._selection = Selection(select_by)
        self._context = context
        self._pictures = pictures
        self._average = average
        self._metric_losses = metric_losses
        self._judged_by = judged_by
        self._collapsed = set()  # pairs of classes, at the last epoch
        self._last_centers = self._centers()
        self._centers_move = center_loss is not None and any(
            param.grad_req != 'null' for param in center_loss.collect_params().values())

    def begin(self):
        """Start anew, at epoch 1; the untrained state is saved, so that a run can be resumed from its first moment.

        Whether both folders take what will be written is tried first, before anything of an earlier run is replaced.
        """
        size = sum(param.list_data()[0].size * 4 for param in self._net.collect_params().values())
        files.check_space(self.paths.output(), _MEGABYTE)
        files.check_space(self.paths.ckpt_dir, 4 * size + _MEGABYTE)  # two checkpoints, one with optimizer state
        self._save_state(0)
        return 1

    def resume(self, state):
        """Take up the `Checkpoint` of an earlier run; returns the next epoch.

        Raises UserError if it is not the state of such a run.
        """
        if len(state.meta.get('updates', ())) != len(self._trainers):
            raise UserError(f'{state.path} is not the state of a run that can be resumed')
        state.restore(self._net, self._center_loss, self._metric_losses)
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
        self.history, self._selection.best = state.meta['history'], state.meta['best']
        self._collapsed = {tuple(pair) for pair in state.meta['collapsed']}
        with self._average.in_place() if self._average and self.history else nullcontext():
            self._last_centers = self._centers()  # as they were judged
        if self._pictures:
            self._pictures.check(('train', self._judge_name), len(self.history))
        return state.meta['epoch'] + 1

    def after_epoch(self, epoch, log, rates):
        """The callback of `training.fit`."""
        with self._average.in_place() if self._average else nullcontext():
            self._judge_epoch(epoch, log, rates)
        self._save_state(epoch)

    def _judge_epoch(self, epoch, log, rates):
        centers = self._centers()
        outputs = extract(self._net, self._judge, self._context)
        if not np.isfinite(outputs.logits).all():
            raise DivergenceError(epoch)
        result, means = self._evaluate(outputs, centers), judging.means_of(outputs)
        collapsed = set(metrics.collapsed_pairs(outputs.features, outputs.labels, means))
        moved = None if centers is None else float(np.linalg.norm(centers - self._last_centers, axis=1).mean())
        self._last_centers = centers
        told_apart = 'classes' in self._judged_by
        self.history.append({
            'epoch': epoch, 'softmax_loss': log.softmax_loss if told_apart else None,
            'center_loss': None if centers is None else log.center_loss,
            **metric_columns(self._metric_losses, log, outputs),
            'train_accuracy': log.accuracy if told_apart else None,
            **result._asdict(), **(retrieval_columns(outputs) if 'retrieval' in self._judged_by else {}),
            'center_moved': moved,
            'collapsed_pairs': len(collapsed), 'lr': rates[0], 'alpha': rates[1] if self._centers_move else None,
            'seconds': round(log.seconds, 3), **polar_columns(means)})
        if epoch == 1:
            self._remove_earlier_outputs()
        if self._pictures:
            sample = extract(self._net, self._pictures.sample, self._context)
            self._pictures.keep('train', epoch, sample, centers, self._evaluate(sample, None).softmax)
            self._pictures.keep(self._judge_name, epoch, outputs, centers, result.softmax)
        files.write_csv(self.paths.output('history.csv'), self.history)
        accuracy = self.history[-1][self._selection.by]
        if accuracy is None:  # how many photos of a class are whole is known only now
            raise UserError(f'recall at 1 cannot choose an epoch: of no class can two photos of the {self._judge_name} '
                            'split be decoded')
        if self._selection.takes(epoch, accuracy, outputs, centers):
            self._selection.best['digest'] = checkpoint.digest_of(self._net)
            checkpoint.save(self.paths.best, {**self._meta, 'epoch': epoch}, self._net, self._center_loss)
        lasting, self._collapsed = sorted(collapsed & self._collapsed), collapsed
        Progress.say(epoch_line(self.history[-1], self._judge_name, log.num_images / log.seconds))
        if lasting and centers is not None and epoch > _SETTLING_EPOCHS:
            Progress.say(collapse_warning(lasting))
        distance = self.history[-1].get('d_an')  # None without triplets, NaN without a pair of two classes
        if distance is not None and distance < _COLLAPSED:
            Progress.say(shrink_warning(distance))

    def finish(self, test, learn):
        """Evaluate the selected epoch on the test set, write results.json and the pictures, and say so.

        learn: the split it was trained on, whose class means stand in for centres where there are none.
        """
        self._restore_best()
        outputs = extract(self._net, test, self._context)
        result, means = self._evaluate(outputs, self._centers()), judging.means_of(outputs)
        results = {
            **self._meta,
            'selection': self._selection.report(self._judge_name),
            'test': {**result._asdict(), 'knn_means': self._accuracy_by_means(outputs, learn)},
            'retrieval': None,
            'ring_score': metrics.ring_score(means) if means.shape[1] == 2 else None,
            # Seconds differ from run to run and stay in history.csv: the same run writes the same results.json.
            'history': [{key: value for key, value in row.items() if key != 'seconds'} for row in self.history],
        }
        if 'retrieval' in self._judged_by:
            results['retrieval'] = evaluate_retrieval(outputs.features, outputs.labels, METRIC)
        files.write_csv(self.paths.output('history.csv'), self.history)
        if self._pictures:
            self._pictures.draw(('train', self._judge_name), self.history)
        files.write_json(self.paths.output('results.json'), results)  # last: it says that all the others are there
        print(closing_lines(results, self.paths))

    def _restore_best(self):
        """Raises UserError if the file is not the one that this run saved: what is reported must be its own."""
        checkpoint.load(self.paths.best).restore(self._net, self._center_loss)
        best = self._selection.best
        if 'digest' in best and best['digest'] != checkpoint.digest_of(self._net):  # older states do not know it
            raise UserError(f'{self.paths.best} is not what this run saved after epoch {best["epoch"]}: something else '
                            'has written it since. Start the run anew, without --resume')

    def _evaluate(self, outputs, centers):
        result = judging.evaluate(outputs, centers)
        return result if 'classes' in self._judged_by else result._replace(softmax=None)

    def _accuracy_by_means(self, outputs, learn):
        if self._center_loss is not None or not judging.knows_classes(outputs):
            return None
        return judging.accuracy_by_means(outputs, extract(self._net, learn, self._context))

    def _centers(self):
        return None if self._center_loss is None else self._center_loss.centers.asnumpy()

    def _remove_earlier_outputs(self):
        """Remove what an earlier run of this name left and this one would not overwrite."""
        for pattern in ('results.json', 'test-*.json', 'test-*.png', '*.gif', 'curves.png', 'frames/*.npz',
                        'frames/*.png'):
            for path in glob.glob(os.path.join(glob.escape(self.paths.output()), pattern)):
                os.remove(path)

    def _save_state(self, epoch):
        states = [optimizers.get_state(trainer) for trainer in self._trainers]
        meta = {**self._meta, 'epoch': epoch, 'history': self.history, 'best': self._selection.best,
                'collapsed': sorted(self._collapsed),
                'updates': [updates for updates, _ in states]}
        checkpoint.save(self.paths.state, meta, self._net, self._center_loss, [arrays for _, arrays in states],
                        self._average, self._metric_losses)
