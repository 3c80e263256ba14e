"""A run of a few numbers whose epochs end as a test says."""
import json
from types import SimpleNamespace

import mxnet as mx
import numpy as np
from mxnet import gluon, nd

from center_loss import get_loss
from utils.data.dataset import Split
from utils.storage import checkpoint
from utils.storage.run_paths import RunPaths
from utils.training.averaging import Average
from utils.training.judge import Judge
from utils.training.loop import EpochLog
from utils.training.optimizers import make_trainer
from utils.training.run import Run
from utils.training.selection import Selection
from utils.training.store import Store
from utils.training.watch import CollapseWatch

DIRECTIONS = np.array([[1, 0], [0, 1], [-1, -1]], np.float32)  # of the classes, in images, features and class layer
LABELS = np.array([0, 0, 1, 1, 2, 2], np.int32)
JUDGE = Split((DIRECTIONS[LABELS] + np.tile([[0.1, 0], [-0.1, 0]], (3, 1))).astype(np.float32).reshape(6, 1, 1, 2),
              LABELS)
EVERYTHING_RIGHT = np.eye(2, dtype=np.float32)
META = {'config': {'seed': 0}, 'command': 'python main.py', 'stage': 'train', 'plotting': False,
        'versions': {'mxnet': '1.9.1'}}


class Net(gluon.Block):
    """Two pixels -> two features -> three logits."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.features = gluon.nn.Dense(2, use_bias=False, in_units=2)
            self.output = gluon.nn.Dense(3, use_bias=False, in_units=2)
        self.initialize()
        self.output.weight.set_data(nd.array(DIRECTIONS))

    def forward(self, images):
        features = self.features(images)
        return self.output(features), features


class Case:
    """A run over the split `judge` whose epochs end with the weights and centres that a test says."""

    def __init__(self, folder, select_by='softmax', centers_move=True, average=False, metric_losses=None,
                 judged_by=('classes',), judge=JUDGE):
        self.net, self.center_loss = Net(), get_loss('parameter', num_classes=3, feature_size=2)
        self.center_loss.initialize(mx.init.Zero())
        if not centers_move:
            self.center_loss.collect_params().setattr('grad_req', 'null')
        trainers = [make_trainer(block.collect_params(), 'sgd', 0.1) for block in (self.net, self.center_loss)]
        self.put(0 * EVERYTHING_RIGHT)
        self.average = Average([self.net, self.center_loss], 0.5) if average else None
        self.paths = RunPaths(str(folder / 'ckpt'), str(folder / 'out'), 'run')
        model = SimpleNamespace(net=self.net, center_loss=self.center_loss, metric_losses=metric_losses)
        self.run = Run(Store(self.paths, META, model, trainers, self.average),
                       Judge('val', judge, model, mx.cpu(), judged_by), Selection(select_by), CollapseWatch(),
                       average=self.average)

    def put(self, weight, centers=((0, 0),) * 3):
        self.net.features.weight.set_data(nd.array(weight))
        (param,) = self.center_loss.collect_params().values()
        param.set_data(nd.array(centers))

    def end_epoch(self, number, weight=EVERYTHING_RIGHT, **centers):
        self.put(weight, **centers)
        if self.average:
            self.average.update()
        self.run.after_epoch(number, EpochLog(1.5, 0.5, 0.25, (0.7,), 60, 2.0), [0.3, 0.2])

    def saved_weight(self):
        return checkpoint.load(self.paths.best).arrays['features.weight']

    def results(self):
        self.run.finish(JUDGE, JUDGE)
        with open(self.paths.output('results.json'), encoding='utf-8') as file:
            return json.load(file)
