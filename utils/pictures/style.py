"""How everything that Matplotlib draws looks, and the file that a figure becomes."""
import os

import matplotlib
from matplotlib import style

from ..storage import files

_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'center_loss.mplstyle')
_UNDATED = {'svg': {'Date': None}, 'pdf': {'CreationDate': None}}  # the same picture has the same bytes
COLORS = tuple(matplotlib.rc_params_from_file(_PATH, use_default_template=False)['axes.prop_cycle'].by_key()['color'])


def applied():
    """The style file, and no other setting of this machine, as a context or a decorator; in force until it is left.

    What draws is called inside: Matplotlib looks for fonts when it draws, not when a text is made.
    """
    return style.context(_PATH, after_reset=True)


def write_figure(path, figure, **options):
    """Write a `Figure` as PNG, SVG or PDF, as the ending of `path` says. options: of `Figure.savefig`."""
    kind = os.path.splitext(path)[1][1:]
    with files.replacing(path) as temporary:
        figure.savefig(temporary, format=kind, metadata=_UNDATED.get(kind), **options)
