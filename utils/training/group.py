"""The processes that train one model: this one alone, or several over MXNet's parameter server."""
import hashlib

import mxnet as mx
import numpy as np
from mxnet import autograd, nd

from ..errors import DisagreementError, UserError
from ..loading.shares import share_of

_KEY_BYTES = 1 << 31  # the bytes of an array are counted in 32 bits, on all servers together; beyond, MXNet aborts
_DIGITS = 16  # bytes of a digest that are compared


class Alone:
    """One process. rank: its number; part: (rank, number of processes)."""
    rank = 0
    part = 0, 1

    def agree(self, what):
        """Raise DisagreementError, in all processes, unless they were started with the same {name: text} `what()`."""

    def all_of(self, indices, count):
        """The `indices` below `count` that the processes have between them, in order."""
        return indices

    def wait(self):
        """Go on when all processes are here."""

    def whole(self, columns, size):
        """What all processes have of a batch of `size`, of the `columns` (b, ...) that this one has.

        columns: features, softmax losses, right answers and labels. Of the features, gradients reach its own.
        """
        return columns

    def step(self, trainers, size):
        """Take the step of each trainer after a batch of `size`; the first is of the network."""
        for trainer in trainers:
            trainer.step(size)


ALONE = Alone()


class Workers:
    """As `Alone`, for a worker of several: what they push to the servers under one key is summed, then pulled by each.

    Each draws the whole batch and has its share of it. Features are exchanged, B x (D + 3) numbers a step; every
    worker then has all losses, and moves centres and proxies as all others do: these never travel, however many classes
    there are. Gradients of the network are summed; each worker takes the step itself. So what an optimizer remembers,
    schedules and checkpoints are those of one process.
    """

    def __init__(self):
        # Keys of text: MXNet's Trainers would all number theirs from 0 (apache/mxnet #13054).
        self._store = mx.kv.create('dist_sync')
        self.rank = self._store.rank
        self.part = self.rank, self._store.num_workers
        self._known = set()

    def agree(self, what):
        what = what()
        table = np.zeros((self.part[1], len(what), _DIGITS), np.float32)
        for column, content in enumerate(what.values()):
            table[self.rank, column] = np.frombuffer(hashlib.sha256(content.encode()).digest()[:_DIGITS], np.uint8)
        table = self._summed(f'agree on {", ".join(what)}', nd.array(table)).asnumpy()
        for rank, column in zip(*np.nonzero((table != table[0]).any(axis=2))):
            raise DisagreementError(f'worker {rank} was started with another {list(what)[column]} than worker 0')

    def all_of(self, indices, count):
        flags = np.zeros(count, np.float32)
        flags[indices] = 1
        return np.flatnonzero(self._summed(f'indices below {count}', nd.array(flags)).asnumpy())

    def wait(self):
        nd.waitall()
        self._store._barrier()

    def whole(self, columns, size):
        features = columns[0]
        own, width = share_of(size, *self.part), features.shape[1]
        with autograd.pause():
            table = nd.zeros((size, width + 3), ctx=features.context)
            others = [column.astype('float32').expand_dims(1) for column in columns[1:]]
            table[own] = nd.concat(features, *others, dim=1)
            table = self._summed(f'batch of {size} x {width}', table)
            softmax, right, labels = (table[:, width + i] for i in range(3))
            before, after = table[:own.start, :width], table[own.stop:, :width]
        rows = [before] * (own.start > 0) + [features] + [after] * (own.stop < size)
        return nd.concat(*rows, dim=0), softmax, right, labels.astype('int32')

    def step(self, trainers, size):
        for trainer in trainers:
            trainer.allreduce_grads()
        for number, param in enumerate(trainers[0]._params):
            if param.grad_req != 'null':
                grads = param.list_grad()
                self._summed(f'gradient {number}', grads[0], grads)
        for trainer in trainers:
            trainer.update(size)

    def _summed(self, key, array, out=None):
        """`out`, or `array` itself, with the sum of all workers' arrays."""
        if key not in self._known:
            if 4 * array.size >= _KEY_BYTES:
                raise UserError(f'MXNet\'s parameter server takes arrays of less than {_KEY_BYTES // 4:,} numbers, and '
                                f'the network has one of {array.size:,}: train it by one process')
            self._known.add(key)
            self._store.init(key, nd.zeros_like(array))
        self._store.push(key, array)
        self._store.pull(key, out=array if out is None else out)
        return array
