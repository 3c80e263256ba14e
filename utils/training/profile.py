"""What a training spends its time on: seconds of its parts, and of the operators in its first steps."""
import json
import os
import tempfile
import time
from contextlib import contextmanager, nullcontext

from mxnet import nd, profiler

from ..storage import files

_OF_A_STEP = ('forward', 'backward', 'update')
PARTS = ('data', *_OF_A_STEP, 'evaluation', 'drawing')
_STEPS = 50  # whose operators are looked at: MXNet keeps a record of each that it runs
_TOP = 15
_MEASURED = ('MXNet works ahead of Python. To tell the parts apart, each waits for all that was begun: no two overlap, '
             f'and the run takes longer than without. Operators are those of at most {_STEPS} training steps, without '
             'the first, whose memory is found anew; several can run at once.')


def unmeasured(part):
    """What stands in for `Profile.part` where nothing is measured."""
    return nullcontext()


class Profile:
    """Measures a training from now on. clock(): seconds.

    Parts are not inside one another. What is in none of them, such as saving, counts as 'other'.
    """

    def __init__(self, clock=time.perf_counter):
        self._clock = clock
        self._seconds = dict.fromkeys(PARTS, 0.0)
        self._steps = 0
        # The trace that MXNet writes as well is of no use here, and finds no folder. What has its name is removed: in a
        # process of root's, that would be os.devnull itself.
        with tempfile.TemporaryDirectory() as gone:
            profiler.set_config(profile_symbolic=True, profile_imperative=True, aggregate_stats=True,
                                filename=os.path.join(gone, 'trace.json'))
        self._start = clock()

    @contextmanager
    def part(self, name):
        """Inside is what counts as the part `name`, one of `PARTS`."""
        nd.waitall()
        self._steps += name == 'forward'
        records = name in _OF_A_STEP and 2 <= self._steps < 2 + _STEPS
        if records:
            profiler.set_state('run')
        start = self._clock()
        try:
            yield
        finally:
            nd.waitall()
            self._seconds[name] += self._clock() - start
            if records:
                profiler.set_state('stop')

    def _operators(self):
        """[{'name', 'calls', 'seconds', 'share'}], those that took longest first."""
        found = json.loads(profiler.dumps(reset=True, format='json'))['Time'].get('operator', {})
        whole = sum(times['Total'] for times in found.values())  # milliseconds
        return [{'name': name, 'calls': times['Count'], 'seconds': times['Total'] / 1000,
                 'share': times['Total'] / whole}
                for name, times in sorted(found.items(), key=lambda item: -item[1]['Total'])[:_TOP] if whole]

    def write(self, path, command, versions):
        """Write what was measured to `path` as JSON; command, versions: of the run, as in results.json."""
        whole = self._clock() - self._start
        seconds = {**self._seconds, 'other': whole - sum(self._seconds.values())}
        files.write_json(path, {
            'command': command, 'versions': versions, 'measured': _MEASURED, 'steps': self._steps, 'seconds': seconds,
            'shares': {part: value / whole for part, value in seconds.items()}, 'operators': self._operators()})
