"""What a person sees while an epoch runs: a bar on a terminal, plain lines elsewhere."""
import sys

from tqdm import tqdm

from . import terminal


class Progress:
    """One bar an epoch, on stderr, only if that is a terminal; `say` prints a line to stdout without breaking it."""

    def __init__(self, num_images):
        self._num_images = num_images
        self._bar = None

    def start(self, title):
        self._bar = tqdm(total=self._num_images, desc=title, unit='img', leave=False, disable=not sys.stderr.isatty(),
                         file=terminal.raw(sys.stderr))

    def update(self, num_images, loss=None):
        """Count `num_images` more; `loss` is their mean, where there is one."""
        if loss is not None:
            self._bar.set_postfix(loss=f'{loss:.4f}', refresh=False)
        self._bar.update(num_images)

    def finish(self):
        self._bar.close()

    @staticmethod
    def say(line):
        with tqdm.external_write_mode(file=terminal.raw(sys.stderr)):
            print(line, flush=True)
