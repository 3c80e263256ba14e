"""The exponential moving average of what is being trained: network, running statistics and class centres."""
from contextlib import contextmanager

from mxnet import nd

_HORIZON = 10  # early on the average forgets faster, so that the random start is soon gone


class Average:
    """average <- d * average + (1 - d) * value after every step; d is `decay`, at first (1 + steps) / (10 + steps).

    blocks: initialized Gluon blocks; None among them is passed over.
    """

    def __init__(self, blocks, decay):
        self._params = [param for block in blocks if block is not None
                        for param in block.collect_params().values()]
        self._decay = decay
        self._values = [param.list_data()[0].copy() for param in self._params]
        self._steps = 0

    def update(self):
        """Take in the parameters as they are after a step."""
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (_HORIZON + self._steps))
        for value, param in zip(self._values, self._params):
            value *= decay
            value += (1 - decay) * param.list_data()[0]

    @contextmanager
    def in_place(self):
        """Inside, the blocks hold the average; afterwards what they held before."""
        trained = [param.list_data()[0].copy() for param in self._params]
        self._put(self._values)
        try:
            yield
        finally:
            self._put(trained)

    def arrays(self):
        """{name: NDArray}, what `set_arrays` needs to go on exactly."""
        return {'steps': nd.array([self._steps]), **{str(number): value for number, value in enumerate(self._values)}}

    def set_arrays(self, arrays):
        """Put back what `arrays` gave. Raises KeyError if one is missing."""
        for number, value in enumerate(self._values):
            arrays[str(number)].copyto(value)
        self._steps = int(arrays['steps'].asscalar())

    def _put(self, values):
        for param, value in zip(self._params, values):
            param.set_data(value)
