"""Many runs, one table: which there are to make, which are made already, and making the others.

Runs are made by main.py itself, in processes of their own: a comparison trains nothing by itself, and what was cut off
is resumed as any run is.
"""
import os
import sys
import time
from typing import Callable

from ..errors import UserError
from ..progress import Progress
from ..settings.flags import to_argv
from ..settings.goes_with import unmet
from ..settings.inheritance import ONCE_ALWAYS
from ..storage import files
from ..storage.results import read_history, read_results
from . import child


class Comparison:
    """The runs of the comparison whose files are `paths`, a `RunPaths`.

    scopes: {flag: `Scope`}, what each flag goes with. main_path: of main.py. parse(argv): the `Config` that main.py
    would run with.
    """

    def __init__(self, paths, scopes, main_path, parse: Callable):
        self.paths = paths
        self._scopes = scopes
        self._main_path = main_path
        self._parse = parse

    def results(self, prefix):
        """The results.json of a run as a dict, or None while it is not finished."""
        from ..evaluation import columns  # and numpy, which no argument error needs
        run = self.paths.run(prefix)
        results = read_results(run.results, columns.of_test())
        if results:  # what a table needs beside it, checked before hours are spent on other runs
            read_history(run.history, results['selection']['epoch'])
        return results

    def complete(self, steps, check=lambda configs: None):
        """Make every run of `steps` that is not finished; returns {prefix: message} of those that failed.

        Flags that do not go together in one of them end the comparison before the first is made, and so does
        check(configs), which may refuse the settings of those that are missing.
        """
        for step in steps:
            self._parse(self._argv(step))
        missing = {}
        for step in steps:  # a second training after its first, which it goes on from
            if step.flags['prefix'] in missing or not self._is_finished(step):
                missing[step.prefix] = step
        missing = list(missing.values())
        check([self._parse(self._argv(step)) for step in missing if 'second_train' not in step.flags])
        files.make_folder(self.paths.runs)
        for step in missing:
            self._forget_second(step.prefix)
        Progress.say(f'{len(steps) - len(missing)} of {len(steps)} runs are finished')
        failed, start = {}, time.monotonic()
        for number, step in enumerate(missing):
            left = ''
            if number:
                seconds = (time.monotonic() - start) / number * (len(missing) - number)
                left = f', all done about {time.strftime("%H:%M", time.localtime(time.time() + seconds))}'
            Progress.say(f'run {len(steps) - len(missing) + number + 1} of {len(steps)}: {step.prefix}{left}')
            first_failed = 'second_train' in step.flags and step.flags['prefix'] in failed
            message = 'there is no whole first run to go on from' if first_failed else self._make(step)
            if message:
                failed[step.prefix] = message
                Progress.say(f'{step.prefix} failed: {message}')
        return failed

    def _argv(self, step):
        run = self.paths.run(step.prefix)
        return to_argv({**step.flags, 'out_dir': run.out_dir, 'ckpt_dir': run.ckpt_dir}, self._scopes)

    def _is_finished(self, step):
        """Whether the run is there; raises UserError if one of that name was made with other settings."""
        results, path = self.results(step.prefix), self.paths.run(step.prefix).output()
        if results is None:
            return False
        if step.flags.get('plotting') and not results['plotting']:
            raise UserError(f'{path} was made without --plotting, and its features of earlier epochs are gone: choose '
                            'another --prefix, or leave --plotting out')
        if 'second_train' in step.flags:
            return True  # it went on from the first run as it is, and took its settings
        made, config = {**ONCE_ALWAYS, **results['config']}, self._parse(self._argv(step))
        for key, value in config.saved().items():
            if (key, value) == ('num_classes', None) or unmet(self._scopes[key], config.flat()):
                continue
            if key not in made:
                raise UserError(f'{path} was made by another version of this program: it does not say --{key}')
            if made[key] != value:
                raise UserError(f'{path} was made with --{key} {made[key]}, and now it is {value}: choose another '
                                '--prefix')
        return True

    def _forget_second(self, prefix):
        """Remove what went on from an earlier run `prefix`, which is about to be made."""
        second = self.paths.run(prefix).second
        for path in (second.results, second.state):
            if os.path.exists(path):
                os.remove(path)

    def _make(self, step):
        """Run main.py for one step; returns None, or how it ended and its last line if it failed."""
        argv, run = self._argv(step), self.paths.run(step.prefix)
        if os.path.exists(run.state):
            argv.append('--resume')
            if 'second_train' not in step.flags:  # whose defaults are the settings of the first
                argv.append('--defaults_count')
        return child.run([sys.executable, self._main_path, *argv], run.log)
